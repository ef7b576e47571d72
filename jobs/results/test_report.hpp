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

    /// Reports a case: when a list was given and `name` is not in it, as failed.
    void take(const std::string& name, config::Map result, TestEffects& out);
    /// Reports the expected cases that did not come as failed, sorted; a second time there are none.
    void fail_missing(const std::string& suite, const std::string& level, TestEffects& out);
    /// Case to result, sorted, as YAML.
    std::string text() const;
    bool empty() const { return cases_.empty(); }

private:
    void add(const std::string& name, const config::Map& result);

    std::set<std::string, std::less<>> expected_;
    std::map<std::string, config::Value, std::less<>> cases_;
};

}  // namespace patchbay
