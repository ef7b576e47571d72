// SPDX-License-Identifier: Apache-2.0
#include "jobs/portable/expectations.hpp"

#include <array>

namespace patchbay {
namespace {

constexpr std::array<std::string_view, 4> results{"pass", "fail", "skip", "unknown"};

bool is_result(const config::Value& value) {
    const auto* text = value.as_string();
    if (!text) return false;
    for (const auto result : results) {
        if (*text == result) return true;
    }
    return false;
}

}  // namespace

std::string_view to_string(ResultMark mark) {
    switch (mark) {
        case ResultMark::expected:
            return "expected";
        case ResultMark::regressed:
            return "regressed";
        case ResultMark::fixed:
            return "fixed";
        case ResultMark::differs:
            return "differs";
        case ResultMark::fresh:
            return "new";
        case ResultMark::missing:
            return "missing";
    }
    return "";
}

Expectations Expectations::read(const config::Value& map, config::Problems& problems) {
    Expectations expectations;
    if (map.is_null()) return expectations;
    const auto wrong = [&problems](const config::Value& where, const std::string& text) {
        problems.add(where.mark, "expect", text);
    };
    if (!map.as_map()) {
        wrong(map, "must be a map of tests, 'suite/case', and results");
        return expectations;
    }
    for (const auto& [key, value] : *map.as_map()) {
        const auto test = config::python_str(key);
        if (test.find('/') == std::string::npos) {
            wrong(key, "'" + test + "' is no test: write the suite, a '/' and the case");
            continue;
        }
        expectations.named_tests_.push_back({test, key.mark});
        auto& by_type = expectations.tests_[test];
        if (is_result(value)) {
            by_type["*"] = *value.as_string();
            continue;
        }
        const auto* each = value.as_map();
        if (!each || each->empty()) {
            wrong(value, "'" + test + "': give pass, fail, skip or unknown, or a map of device types and those");
            continue;
        }
        for (const auto& [type, result] : *each) {
            const auto name = config::python_str(type);
            if (name != "*") expectations.named_types_.push_back({name, type.mark});
            if (is_result(result)) {
                by_type[name] = *result.as_string();
            } else {
                wrong(result, "'" + test + "' on '" + name + "': give pass, fail, skip or unknown");
            }
        }
    }
    return expectations;
}

std::optional<std::string> Expectations::of(std::string_view test, std::string_view device_type) const {
    const auto found = tests_.find(test);
    if (found == tests_.end()) return std::nullopt;
    auto own = found->second.find(device_type);
    if (own == found->second.end()) own = found->second.find("*");
    if (own == found->second.end()) return std::nullopt;
    return own->second;
}

std::optional<ResultMark> Expectations::judge(std::string_view test, std::string_view device_type,
                                              std::string_view result) const {
    const auto wanted = of(test, device_type);
    if (result.empty()) return wanted ? std::optional{ResultMark::missing} : std::nullopt;
    if (!wanted) return ResultMark::fresh;
    if (*wanted == result) return ResultMark::expected;
    if (*wanted == "pass") return ResultMark::regressed;
    return result == "pass" ? ResultMark::fixed : ResultMark::differs;
}

}  // namespace patchbay
