// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/portable/recipes.hpp"

#include <algorithm>
#include <set>

#include "core/errors.hpp"
#include "core/worker.hpp"
#include "daemon/api/jobs/submission.hpp"
#include "daemon/api/jobs/wanted_devices.hpp"
#include "daemon/lab/hardware_tags.hpp"
#include "daemon/lab/lab_devices.hpp"
#include "daemon/lab/settings.hpp"
#include "daemon/store/device_templates.hpp"
#include "daemon/store/device_types.hpp"
#include "daemon/store/devices.hpp"
#include "daemon/store/jobs.hpp"
#include "daemon/store/store.hpp"
#include "daemon/supervise/template_source.hpp"
#include "devices/description.hpp"
#include "devices/jinja/device.hpp"
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

bool is_usable(const DeviceRow& device) {
    return device.health == DeviceHealth::good || device.health == DeviceHealth::unknown;
}

/// What all devices of a type say: of their hardware what each of them has.
void join(std::map<std::string, Recipe>& recipes, Recipe recipe) {
    const auto [at, is_new] = recipes.try_emplace(recipe.device_type, recipe);
    if (is_new) return;
    std::erase_if(at->second.capabilities, [&recipe](const std::string& kind) {
        return std::ranges::find(recipe.capabilities, kind) == recipe.capabilities.end();
    });
}

struct Said {
    std::map<std::string, Recipe> recipes;  ///< by device type
    std::string why_not_all;                ///< dictionaries could not be rendered now; empty: they could
};

/// Nothing of devices that cannot be read, here and below: whoever is given such a device is told.
std::vector<DeviceEntry> entries_of(const std::vector<DeviceRow>& rows) {
    std::vector<DeviceEntry> entries;
    for (const auto& row : rows) {
        if (row.health == DeviceHealth::retired) continue;
        try {
            entries.push_back(parse_device_configuration(row.hostname, row.device_type, row.configuration));
        } catch (const ConfigurationError&) {
        }
    }
    return entries;
}

std::map<std::string, Recipe> recipes_of(const std::vector<DeviceEntry>& entries,
                                         const std::map<std::string, config::Value>& files) {
    std::map<std::string, Recipe> recipes;
    for (const auto& entry : entries) {
        const auto file = files.find(entry.name);
        if (file == files.end()) continue;
        try {
            join(recipes, recipe_of_device(read_device(file->second, entry.name), entry.device_type));
        } catch (const ConfigurationError&) {
        }
    }
    return recipes;
}

/// Files of hundreds of devices are read by the checkers: the daemon goes on.
Task<Said> said_by_devices(Services& lab, std::vector<std::string> types) {
    auto& db = lab.store.reader();
    std::vector<DeviceRow> rows;
    for (const auto& type : types) {
        for (auto& row : devices_of(db, type)) rows.push_back(std::move(row));
    }
    TemplateSource source{all_templates(db, lab.settings), DeviceTemplates{db}.dictionaries()};
    auto read_rows = [rows = std::move(rows)] { return entries_of(rows); };
    auto entries = co_await on_worker(lab.checkers, std::move(read_rows));
    const config::Map place{{"extra_kernel_args", std::string{boot_arguments_place}}};
    auto files = co_await render_devices(entries, std::move(source), place);
    Said said;
    said.why_not_all = std::move(files.why_no_dictionaries);
    auto read_files = [entries = std::move(entries), files = std::move(files.by_device)] {
        return recipes_of(entries, files);
    };
    said.recipes = co_await on_worker(lab.checkers, std::move(read_files));
    co_return said;
}

/// How much waits there for each of the devices that may take the job; an idle one makes it 0.
double crowd(Database& db, const std::string& type, const std::vector<DeviceRow>& devices) {
    const auto idle = [&](const DeviceRow& device) { return is_usable(device) && device.state == DeviceState::idle; };
    std::int64_t waiting = 0;
    for (const auto& queue : Jobs{db}.queue_lengths()) {
        if (queue.device_type == type) waiting = queue.jobs;
    }
    if (waiting == 0 && std::ranges::any_of(devices, idle)) return 0;
    return static_cast<double>(waiting + 1) /
           static_cast<double>(std::max<std::int64_t>(1, std::ranges::count_if(devices, is_usable)));
}

/// An alias would never be met in the table of results, which has the names of types.
void check_expected(const PortableJob& job, const std::set<std::string>& names) {
    config::Problems problems{"job"};
    for (const auto& [type, mark] : job.expect.named_types()) {
        if (!names.contains(type))
            problems.add(mark, "expect", "there is no device type '" + type + "' that the job could run on");
    }
    try {
        problems.raise_if_any();
    } catch (const ConfigurationError& error) {
        throw refused(error.what());
    }
}

class LabRecipes {
public:
    LabRecipes(Services& lab, const Viewer& viewer, std::optional<UserRow> submitter, Said said)
        : db_{lab.store.reader()},
          settings_{lab.settings},
          viewer_{viewer},
          submitter_{std::move(submitter)},
          said_{std::move(said)} {}

    Recipe of(const std::string& name, const Needs& needs) const;
    std::vector<Recipe> named(const PortableJob& job) const;
    ChosenRecipes anywhere(const PortableJob& job) const;

private:
    void add_capability_tags(Recipe& recipe, const Needs& needs, const config::Value& said) const;
    std::vector<DeviceRow> takers(const PortableJob& job, const Recipe& recipe) const;
    std::set<std::string> names_anywhere(const PortableJob& job) const;
    std::vector<Recipe> fitting(const PortableJob& job, const std::set<std::string>& names, std::string& why_not) const;

    Database& db_;
    const Settings& settings_;
    const Viewer& viewer_;
    std::optional<UserRow> submitter_;
    Said said_;
};

/// What the lab's file says of all devices of a type needs no tag; any other kind is where its tag is.
void LabRecipes::add_capability_tags(Recipe& recipe, const Needs& needs, const config::Value& said) const {
    const auto* of_all = said.find("capabilities");
    const auto devices = devices_of(db_, recipe.device_type);
    for (const auto& wanted : needs.capabilities) {
        const std::string kind{capability_kind(wanted)};
        const auto is_this = [&kind](const config::Value& each) { return config::text_or_empty(&each) == kind; };
        if (of_all && of_all->as_list() && std::ranges::any_of(*of_all->as_list(), is_this)) continue;
        const auto tag = Devices{db_}.tag(hardware_tag(kind));
        const auto has_it = [&tag](const DeviceRow& device) {
            return tag && std::ranges::find(device.tags, tag->id) != device.tags.end();
        };
        if (std::ranges::any_of(devices, has_it)) recipe.capability_tags.emplace(kind, tag->name);
    }
}

Recipe LabRecipes::of(const std::string& name, const Needs& needs) const {
    DeviceTypes types{db_};
    const auto seen = [&](const std::optional<std::string>& type) { return type && viewer_.sees_type(*type); };
    const auto type = types.resolve(name);
    const auto* machine = built_in_recipe(name);
    if (!seen(type)) {
        if (machine && seen(types.resolve(machine_type))) {
            auto recipe = *machine;
            recipe.name = name;  // what the job's `expect` and `dtb` say
            add_capability_tags(recipe, needs, {});
            return recipe;
        }
        throw refused("where: there is no device type '" + name + "'");
    }
    const auto said_by_device = said_.recipes.find(*type);
    auto recipe = said_by_device == said_.recipes.end() ? Recipe{} : said_by_device->second;
    recipe.name = name;
    recipe.device_type = *type;
    const auto entry = std::ranges::find(settings_.device_types, *type, &DeviceTypeEntry::name);
    const config::Value said = entry == settings_.device_types.end() ? config::Value{} : entry->recipe;
    config::Problems problems{"device_types." + *type};
    recipe = read_recipe(config::MapReader{said, "recipe", problems}, std::move(recipe));
    if (!problems.empty()) {
        throw refused("where: '" + name + "' has no recipe: " + problems.lines().front() +
                      "; its devices do not say it, so the lab's file has to (docs/portable-jobs.md)" +
                      (said_.why_not_all.empty() ? "" : "; device dictionaries are not read: " + said_.why_not_all));
    }
    add_capability_tags(recipe, needs, said);
    return recipe;
}

std::vector<Recipe> LabRecipes::named(const PortableJob& job) const {
    std::vector<Recipe> recipes;
    for (const auto& name : job.where) {
        recipes.push_back(of(name, job.needs));
        if (const auto problem = cannot_run(job, recipes.back())) throw refused("where: " + *problem);
    }
    return recipes;
}

/// Those that the submitter may use, with all tags. Throws: SubmissionRefused, there is none that takes jobs now.
std::vector<DeviceRow> LabRecipes::takers(const PortableJob& job, const Recipe& recipe) const {
    const auto& type = recipe.device_type;
    auto devices = devices_of(db_, type);
    if (submitter_) {
        std::vector<TagId> tags;
        for (const auto& name : wanted_tags(job, recipe)) {
            const auto tag = Devices{db_}.tag(name);
            if (!tag) throw refused("there is no device tag '" + name + "'");
            tags.push_back(tag->id);
        }
        const WantedDevices wanted{db_, type, *submitter_};
        wanted.check_tags(tags);
        devices = wanted.usable(tags);
    }
    if (std::ranges::none_of(devices, is_usable)) throw refused("no device of type '" + type + "' takes jobs now");
    return devices;
}

/// The recipes that there may be for a job that runs anywhere.
std::set<std::string> LabRecipes::names_anywhere(const PortableJob& job) const {
    std::set<std::string> names;
    for (const auto& type : DeviceTypes{db_}.list({})) {
        if (type.name != machine_type && viewer_.sees_type(type.name)) names.insert(type.name);
    }
    for (const auto& [architecture, artifacts] : job.artifacts) names.insert("qemu-" + architecture);
    return names;
}

std::vector<Recipe> LabRecipes::fitting(const PortableJob& job, const std::set<std::string>& names,
                                        std::string& why_not) const {
    std::vector<Recipe> recipes;
    for (const auto& name : names) {
        try {
            auto recipe = of(name, job.needs);
            const auto problem = cannot_run(job, recipe);
            if (problem) {
                why_not += (why_not.empty() ? "" : "; ") + *problem;
                continue;
            }
            static_cast<void>(takers(job, recipe));
            recipes.push_back(std::move(recipe));
        } catch (const SubmissionRefused& refusal) {
            why_not += (why_not.empty() ? "" : "; ") + std::string{refusal.what()};
        }
    }
    return recipes;
}

ChosenRecipes LabRecipes::anywhere(const PortableJob& job) const {
    const auto names = names_anywhere(job);
    check_expected(job, names);
    std::string why_not;
    auto recipes = fitting(job, names, why_not);
    if (recipes.empty()) {
        throw refused("where: nothing here can run this job" + (why_not.empty() ? std::string{} : ": " + why_not));
    }
    std::map<std::string, double> crowds;
    for (const auto& recipe : recipes) {
        const auto& type = recipe.device_type;
        if (!crowds.contains(type)) crowds[type] = crowd(db_, type, takers(job, recipe));
    }
    std::ranges::stable_sort(recipes, {}, [&](const Recipe& recipe) { return crowds.at(recipe.device_type); });
    ChosenRecipes choice{{recipes.front()}, {}};
    std::set<std::string> types{recipes.front().device_type};
    for (const auto& recipe : recipes) {
        if (types.insert(recipe.device_type).second) choice.others.push_back(recipe);
    }
    return choice;
}

/// The types whose devices have to be asked.
std::vector<std::string> types_for(Database& db, const PortableJob& job) {
    DeviceTypes types{db};
    std::vector<std::string> names;
    for (const auto& name : job.where) {
        if (const auto type = types.resolve(name)) names.push_back(*type);
    }
    if (!job.where.empty()) return names;
    for (const auto& type : types.list({})) names.push_back(type.name);
    return names;
}

}  // namespace

Task<ChosenRecipes> recipes_for(Services& lab, std::optional<UserRow> submitter, Viewer viewer, PortableJob job) {
    auto types = types_for(lab.store.reader(), job);
    auto said = co_await said_by_devices(lab, std::move(types));
    const LabRecipes recipes{lab, viewer, std::move(submitter), std::move(said)};
    if (job.where.empty()) co_return recipes.anywhere(job);
    ChosenRecipes named;
    named.chosen = recipes.named(job);
    co_return named;
}

}  // namespace patchbay
