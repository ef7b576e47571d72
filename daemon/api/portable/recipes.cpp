// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/portable/recipes.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "core/errors.hpp"
#include "daemon/api/jobs/submission.hpp"
#include "daemon/lab/lab_devices.hpp"
#include "daemon/store/device_types.hpp"
#include "daemon/store/devices.hpp"
#include "daemon/store/jobs.hpp"
#include "devices/description.hpp"
#include "jobs/portable/recipe_of_device.hpp"

namespace patchbay {
namespace {

constexpr auto machine_type = "qemu";

SubmissionRefused refused(const std::string& text) { return {SubmissionRefused::Reason::bad_data, text}; }

std::vector<DeviceRow> devices_of(Database& db, const std::string& type) {
    static const auto filter = *find_filter(QueryList::devices, "device_type");
    Query query;
    query.limit = -1;
    query.conditions.push_back({filter.field, Lookup::exact, {type}, false, {}});
    return Devices{db}.list(query);
}

/// What the first device of the type that can be read says. One that cannot is told of when it is given a job.
Recipe said_by_devices(Database& db, const std::string& type) {
    for (const auto& row : devices_of(db, type)) {
        try {
            const auto entry = parse_device_configuration(row.hostname, row.device_type, row.configuration);
            return recipe_of_device(read_device(render_device(entry, {}), row.hostname), type);
        } catch (const Error&) {
        }
    }
    Recipe recipe;
    recipe.name = recipe.device_type = type;
    return recipe;
}

/// How much waits there for each device; an idle one makes it 0.
double crowd(Database& db, const std::string& type) {
    const auto devices = devices_of(db, type);
    const auto usable = [](const DeviceRow& device) {
        return device.health == DeviceHealth::good || device.health == DeviceHealth::unknown;
    };
    const auto idle = [&](const DeviceRow& device) { return usable(device) && device.state == DeviceState::idle; };
    std::int64_t waiting = 0;
    for (const auto& queue : Jobs{db}.queue_lengths()) {
        if (queue.device_type == type) waiting = queue.jobs;
    }
    if (waiting == 0 && std::ranges::any_of(devices, idle)) return 0;
    return static_cast<double>(waiting + 1) /
           static_cast<double>(std::max<std::int64_t>(1, std::ranges::count_if(devices, usable)));
}

}  // namespace

Recipe LabRecipes::of(const std::string& name) const {
    DeviceTypes types{db_};
    const auto seen = [&](const std::optional<std::string>& type) { return type && viewer_.sees_type(*type); };
    const auto type = types.resolve(name);
    const auto* machine = built_in_recipe(name);
    if (!seen(type)) {
        if (machine && seen(types.resolve(machine_type))) return *machine;
        throw refused("where: there is no device type '" + name + "'");
    }
    auto recipe = said_by_devices(db_, *type);
    recipe.name = name;
    const auto entry = std::ranges::find(settings_.device_types, *type, &DeviceTypeEntry::name);
    const config::Value said = entry == settings_.device_types.end() ? config::Value{} : entry->recipe;
    config::Problems problems{"device_types." + *type};
    recipe = read_recipe(config::MapReader{said, "recipe", problems}, std::move(recipe));
    if (!problems.empty()) {
        throw refused("where: '" + name + "' has no recipe: " + problems.lines().front() +
                      "; its devices do not say it, so the lab's file has to (docs/portable-jobs.md)");
    }
    return recipe;
}

std::vector<Recipe> LabRecipes::fitting(const PortableJob& job, std::string& why_not) const {
    std::set<std::string> names;
    for (const auto& type : DeviceTypes{db_}.list({})) {
        if (type.name != machine_type && viewer_.sees_type(type.name)) names.insert(type.name);
    }
    for (const auto& [architecture, artifacts] : job.artifacts) names.insert("qemu-" + architecture);
    std::vector<Recipe> recipes;
    for (const auto& name : names) {
        try {
            auto recipe = of(name);
            const auto problem = cannot_run(job, recipe);
            if (!problem && !devices_of(db_, recipe.device_type).empty()) recipes.push_back(std::move(recipe));
            if (problem) why_not += (why_not.empty() ? "" : "; ") + *problem;
        } catch (const SubmissionRefused&) {  // a type without a recipe fits nothing
        }
    }
    return recipes;
}

std::vector<Recipe> LabRecipes::for_job(const PortableJob& job) const {
    std::vector<Recipe> recipes;
    for (const auto& name : job.where) {
        recipes.push_back(of(name));
        if (const auto problem = cannot_run(job, recipes.back())) throw refused("where: " + *problem);
    }
    if (!recipes.empty()) return recipes;
    std::string why_not;
    recipes = fitting(job, why_not);
    if (recipes.empty()) {
        throw refused("where: nothing here can run this job" + (why_not.empty() ? std::string{} : ": " + why_not));
    }
    std::map<std::string, double> crowds;
    for (const auto& recipe : recipes) crowds.try_emplace(recipe.device_type, crowd(db_, recipe.device_type));
    const auto least =
        std::ranges::min_element(recipes, {}, [&](const Recipe& recipe) { return crowds.at(recipe.device_type); });
    return {*least};
}

}  // namespace patchbay
