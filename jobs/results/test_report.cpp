// SPDX-License-Identifier: Apache-2.0
#include "jobs/results/test_report.hpp"

#include "core/config/yaml.hpp"

namespace patchbay {

void TestReport::add(const std::string& name, const config::Map& result) {
    config::Map shown;
    for (const auto* key : {"measurement", "result", "set", "units"}) {
        if (const auto* value = result.find(key)) shown.set(key, *value);
    }
    const auto* word = result.find("result");
    cases_[name] = shown.size() == 1 && word ? *word : config::Value{std::move(shown)};
}

std::vector<std::string> TestReport::missing() const {
    std::vector<std::string> names;
    for (const auto& name : expected_) {
        if (!cases_.contains(name)) names.push_back(name);
    }
    return names;
}

std::string TestReport::text() const {
    std::vector<config::Map::Entry> entries;
    entries.reserve(cases_.size());
    for (const auto& [name, value] : cases_) entries.push_back({name, value});
    return config::dump_yaml(config::Map::of_distinct(std::move(entries)));
}

}  // namespace patchbay
