// SPDX-License-Identifier: Apache-2.0
#include "jobs/results/test_report.hpp"

#include "core/config/yaml.hpp"
#include "jobs/results/record.hpp"

namespace patchbay {

void TestReport::add(const std::string& name, const config::Map& result) {
    // Expected ones are as many as a list of the job names.
    if (!cases_.contains(name) && !expected_.contains(name)) {
        constexpr std::size_t entry = 128;
        if (bytes_ + entry + name.size() > max_bytes) {
            ++unnamed_;
            return;
        }
        bytes_ += entry + name.size();
    }
    config::Map shown;
    for (const auto* key : {"measurement", "result", "set", "units"}) {
        if (const auto* value = result.find(key)) shown.set(key, *value);
    }
    const auto* word = result.find("result");
    cases_[name] = shown.size() == 1 && word ? *word : config::Value{std::move(shown)};
}

void TestReport::take(const std::string& name, config::Map result, TestEffects& out) {
    if (!expected_.empty() && !expected_.contains(name)) {
        out.push_back(LogLine{LogLevel::warning,
                              "Test case '" + name + "' is not in the list of expected cases: it counts as failed"});
        result.set("result", "fail");
    }
    add(name, result);
    out.push_back(ResultEffect{std::move(result)});
}

void TestReport::fail_missing(const std::string& suite, const std::string& level, TestEffects& out) {
    for (const auto& name : expected_) {
        if (cases_.contains(name)) continue;
        out.push_back(LogLine{LogLevel::warning, "Expected test case '" + name + "' was not reported"});
        auto result = make_result(suite, name, "fail");
        result.set("level", level);
        result.set("extra", config::Map{{"reason", "missing expected test case"}});
        add(name, result);
        out.push_back(ResultEffect{std::move(result)});
    }
}

std::string TestReport::text() const {
    std::vector<config::Map::Entry> entries;
    entries.reserve(cases_.size());
    for (const auto& [name, value] : cases_) entries.push_back({name, value});
    auto text = config::dump_yaml(config::Map::of_distinct(std::move(entries)));
    if (unnamed_ > 0) text += "# and " + std::to_string(unnamed_) + " more results, see above\n";
    return text;
}

}  // namespace patchbay
