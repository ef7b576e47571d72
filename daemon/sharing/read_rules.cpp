// SPDX-License-Identifier: Apache-2.0
// The file of rules: every mistake is reported with its line, all of them in one go.
#include <algorithm>
#include <set>

#include "core/config/map_reader.hpp"
#include "core/config/yaml.hpp"
#include "core/errors.hpp"
#include "core/text.hpp"
#include "core/whole_file.hpp"
#include "daemon/sharing/rules.hpp"

namespace patchbay {
namespace {

using config::MapReader;
using config::Problems;

constexpr std::size_t most_rules = 200;
constexpr std::size_t most_windows = 50;
constexpr int most_jobs = 1'000'000;
constexpr config::YamlLimits file_limits{1024 * 1024, 20, 100'000};

std::optional<int> number_from(MapReader& map, std::string_view key, int least, int most) {
    const auto number = map.maybe<int>(key);
    if (number && (*number < least || *number > most)) {
        map.problem(key, "must be from " + std::to_string(least) + " to " + std::to_string(most));
        return std::nullopt;
    }
    return number;
}

std::optional<std::chrono::seconds> time_from(MapReader& map, std::string_view key) {
    const auto time = map.maybe<std::chrono::seconds>(key);
    if (time && *time < std::chrono::seconds{1}) {
        map.problem(key, "must be at least a second");
        return std::nullopt;
    }
    return time;
}

std::optional<int> share_from(MapReader& map) {
    const auto text = map.maybe<std::string>("max_share");
    if (!text) return std::nullopt;
    const auto number = text->ends_with('%') ? whole_number(text->substr(0, text->size() - 1)) : std::nullopt;
    if (!number || *number < 1 || *number > 100) {
        map.problem("max_share", "must be a share of the devices, from 1% to 100%");
        return std::nullopt;
    }
    return static_cast<int>(*number);
}

class RulesReader {
public:
    RulesReader(Problems& problems, TimeZone zone) : problems_{problems}, zone_{zone} {}

    std::vector<SharingRule> rules(MapReader& document) {
        std::vector<SharingRule> found;
        auto readers = document.maps("rules");
        if (readers.size() > most_rules) {
            document.problem("rules", "has more than " + std::to_string(most_rules) + " entries");
            return found;
        }
        std::set<std::string> names;
        bool for_all = false;
        for (auto& reader : readers) {
            auto one = rule(reader);
            if (!one.name.empty() && !names.insert(one.name).second)
                reader.problem("name", "another rule is called '" + one.name + "', too");
            if (for_all) reader.problem("users", "nobody is left for this rule: one before it is for everybody");
            for_all = for_all || std::find(one.users.begin(), one.users.end(), "*") != one.users.end();
            found.push_back(std::move(one));
        }
        return found;
    }

private:
    SharingRule rule(MapReader& map) {
        SharingRule rule;
        rule.name = map.required<std::string>("name");
        rule.users = map.value_or<std::vector<std::string>>("users", {});
        rule.groups = map.value_or<std::vector<std::string>>("groups", {});
        if (!map.has("users") && !map.has("groups"))
            map.problem("users", "is missing: name users or groups, or \"*\" for everybody");
        rule.each = map.value_or("each", false);
        rule.max_priority = number_from(map, "max_priority", 0, 100);
        rule.max_queued = number_from(map, "max_queued", 0, most_jobs);
        rule.max_job_time = time_from(map, "max_job_time");
        rule.queue_timeout = time_from(map, "queue_timeout");
        rule.max_running = number_from(map, "max_running", 0, most_jobs);
        rule.max_reservation = time_from(map, "max_reservation");
        rule.limits.max_share = share_from(map);
        rule.limits.keep_free = number_from(map, "keep_free", 0, most_jobs);
        rule.limits.hours = windows(map);
        for (auto& [name, reader] : named_maps(map, "device_types")) {
            TypeLimits limits;
            limits.max_running = number_from(reader, "max_running", 0, most_jobs);
            limits.max_share = share_from(reader);
            limits.keep_free = number_from(reader, "keep_free", 0, most_jobs);
            limits.hours = windows(reader);
            reader.finish();
            rule.device_types[name] = std::move(limits);
        }
        for (auto& [name, reader] : named_maps(map, "devices")) {
            if (auto hours = windows(reader))
                rule.devices.emplace(name, std::move(*hours));
            else if (!reader.has("windows"))
                reader.problem("windows", "is missing: it is all that can be said of one device");
            reader.finish();
        }
        rule.preemptible = preemption(map);
        map.finish();
        return rule;
    }

    static std::optional<Preemption> preemption(MapReader& map) {
        if (!map.has("preemptible")) return std::nullopt;
        auto reader = map.map("preemptible");
        Preemption preemption;
        preemption.after = reader.required<std::chrono::seconds>("after");
        preemption.attempts = number_from(reader, "attempts", 1, 100).value_or(preemption.attempts);
        reader.finish();
        return preemption;
    }

    std::optional<OpeningHours> windows(MapReader& map) {
        const auto* value = map.raw("windows");
        if (!value) return std::nullopt;
        const auto path = map.path() + ".windows";
        const auto* list = value->as_list();
        if (!list || list->size() > most_windows) {
            problems_.add(
                value->mark, path,
                "must be a list of at most " + std::to_string(most_windows) + R"( texts like "Mon-Fri 19:00-07:00")");
            return std::nullopt;
        }
        OpeningHours hours{zone_, {}};
        for (const auto& item : *list) {
            const auto window = item.is_string() ? parse_window(*item.as_string()) : std::nullopt;
            if (window)
                hours.windows.push_back(*window);
            else
                problems_.add(item.mark, path,
                              config::python_repr(item) +
                                  R"( is no window; write "19:00-07:00", "Sat,Sun" or "Mon-Fri 19:00-07:00")");
        }
        return hours;
    }

    /// The mappings of a mapping, by name.
    std::vector<std::pair<std::string, MapReader>> named_maps(MapReader& map, std::string_view key) {
        std::vector<std::pair<std::string, MapReader>> readers;
        auto all = map.map(key);
        const auto* value = map.raw(key);
        if (!value || !value->is_map()) return readers;
        for (const auto& entry : *value->as_map()) {
            if (const auto* name = entry.key.as_string())
                readers.emplace_back(*name, all.map(*name));
            else
                problems_.add(entry.value.mark, all.path(), config::python_repr(entry.key) + " is no name; quote it");
        }
        return readers;
    }

    Problems& problems_;
    TimeZone zone_;
};

}  // namespace

SharingRules parse_sharing_rules(std::string_view text, const std::string& file) {
    Problems problems{file};
    config::Value document;
    try {
        document = config::parse_yaml(text, file_limits);
    } catch (const config::YamlError& error) {
        problems.add(error.mark, "", error.problem);
        problems.raise_if_any();
    }
    MapReader map{document, "", problems};
    SharingRules rules;
    rules.zone = TimeZone::of_this_machine();
    if (const auto name = map.maybe<std::string>("timezone")) {
        if (const auto zone = TimeZone::named(*name))
            rules.zone = *zone;
        else
            map.problem("timezone", "'" + *name + "' is no zone of this machine; see `timedatectl list-timezones`");
    }
    rules.rules = RulesReader{problems, rules.zone}.rules(map);
    map.finish();
    problems.raise_if_any();
    return rules;
}

SharingRules read_sharing_rules(const std::filesystem::path& file) {
    std::string text;
    try {
        text = read_whole_file(file);
    } catch (const InfrastructureError& error) {
        throw ConfigurationError{std::string{error.what()} + "; check the path and the rights"};
    }
    return parse_sharing_rules(text, file.string());
}

}  // namespace patchbay
