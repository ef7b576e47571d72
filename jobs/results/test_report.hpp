// SPDX-License-Identifier: Apache-2.0
#pragma once
// The cases that one definition reported so far: for its report, and to compare with its `expected` list.

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/value.hpp"
#include "jobs/results/test_effects.hpp"

namespace patchbay {

class TestReport {
public:
    TestReport() = default;
    explicit TestReport(const std::vector<std::string>& expected) : expected_{expected.begin(), expected.end()} {}

    /// What the names in a report may take, each counted with what it costs beside its letters. Some 100'000 cases; the
    /// largest suites have a third of that.
    static constexpr std::size_t max_bytes = 16 * 1024 * 1024;

    /// Reports a case: when a list was given and `name` is not in it, as failed.
    void take(const std::string& name, config::Map result, TestEffects& out);
    /// Reports the expected cases that did not come as failed, sorted; a second time there are none.
    void fail_missing(const std::string& suite, const std::string& level, TestEffects& out);
    /// Case to result, sorted, as YAML; behind them how many found no room. All were reported.
    std::string text() const;
    bool empty() const { return cases_.empty(); }

private:
    void add(const std::string& name, const config::Map& result);

    std::set<std::string, std::less<>> expected_;
    std::map<std::string, config::Value, std::less<>> cases_;
    std::size_t bytes_ = 0;
    std::size_t unnamed_ = 0;
};

}  // namespace patchbay
