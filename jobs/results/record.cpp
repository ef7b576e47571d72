// SPDX-License-Identifier: Apache-2.0
#include "jobs/results/record.hpp"

#include <cstdio>

namespace patchbay {

std::string format_seconds(std::chrono::nanoseconds duration) {
    char text[32];
    std::snprintf(text, sizeof text, "%.02f", std::chrono::duration<double>{duration}.count());
    return text;
}

config::Map make_result(std::string_view definition, std::string_view name, std::string_view result) {
    return config::Map{{"definition", definition}, {"case", name}, {"result", result}};
}

config::Map make_action_result(const ActionReport& report) {
    config::Map map{{"definition", "lava"},
                    {"namespace", report.ns},
                    {"case", report.name},
                    {"level", report.level},
                    {"duration", format_seconds(report.duration)},
                    {"result", report.passed ? "pass" : "fail"}};
    if (!report.extra.empty()) map.set("extra", report.extra);
    return map;
}

config::Map make_job_pass() { return make_result("lava", "job", "pass"); }

config::Map make_job_fail(std::string_view error_type, std::string_view error_msg) {
    auto map = make_result("lava", "job", "fail");
    map.set("error_msg", error_msg);
    map.set("error_type", error_type);
    return map;
}

bool is_result_word(std::string_view word) {
    return word == "pass" || word == "fail" || word == "skip" || word == "unknown";
}

}  // namespace patchbay
