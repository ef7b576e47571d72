// SPDX-License-Identifier: Apache-2.0
#pragma once
// The cases that one definition reported so far: for its report, and to compare with its `expected` list.

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/value.hpp"

namespace patchbay {

class TestReport {
public:
    TestReport() = default;
    explicit TestReport(const std::vector<std::string>& expected) : expected_{expected.begin(), expected.end()} {}

    void add(const std::string& name, const config::Map& result);
    /// A list was given, and `name` is not in it.
    bool unexpected(std::string_view name) const { return !expected_.empty() && !expected_.contains(name); }
    /// Expected names that were not reported, sorted.
    std::vector<std::string> missing() const;
    /// Case to result, sorted, as YAML.
    std::string text() const;
    bool empty() const { return cases_.empty(); }

private:
    std::set<std::string, std::less<>> expected_;
    std::map<std::string, config::Value, std::less<>> cases_;
};

}  // namespace patchbay
