// SPDX-License-Identifier: Apache-2.0
#include "jobs/results/record.hpp"

#include <gtest/gtest.h>

#include "core/config/yaml.hpp"

namespace patchbay {
namespace {

using namespace std::chrono_literals;

TEST(Record, DurationsHaveTwoDigitsAfterThePoint) {
    EXPECT_EQ(format_seconds(0ns), "0.00");
    EXPECT_EQ(format_seconds(7'466ms), "7.47");
    EXPECT_EQ(format_seconds(2min), "120.00");
}

TEST(Record, AnActionReportsWithItsLevelAndNamespace) {
    ActionReport report;
    report.name = "login-action";
    report.level = "2.2.1";
    report.ns = "common";
    report.duration = 4'170ms;
    EXPECT_EQ(config::dump_flow(make_action_result(report)),
              R"({"definition": "lava", "namespace": "common", "case": "login-action", "level": "2.2.1", )"
              R"("duration": "4.17", "result": "pass"})");
    report.passed = false;
    report.extra.set("fail", "Login incorrect");
    EXPECT_EQ(config::dump_flow(make_action_result(report)),
              R"({"definition": "lava", "namespace": "common", "case": "login-action", "level": "2.2.1", )"
              R"("duration": "4.17", "result": "fail", "extra": {"fail": "Login incorrect"}})");
}

TEST(Record, TheLastResultIsTheJobs) {
    EXPECT_EQ(config::dump_flow(make_job_pass()), R"({"definition": "lava", "case": "job", "result": "pass"})");
    EXPECT_EQ(
        config::dump_flow(make_job_fail("Test", "too slow")),
        R"({"definition": "lava", "case": "job", "result": "fail", "error_msg": "too slow", "error_type": "Test"})");
}

}  // namespace
}  // namespace patchbay
