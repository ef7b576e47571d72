// SPDX-License-Identifier: Apache-2.0
#pragma once
// A small lab with people, two devices and a job that ran: what most tests of the API start from.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/lab/lab_devices.hpp"
#include "tests/daemon/api/api_lab.hpp"

namespace patchbay::testing {

using ::testing::HasSubstr;
using ::testing::Not;

class ApiTest : public ::testing::Test {
protected:
    ApiTest() {
        lab.add_user("root", true);
        alice = lab.add_user("alice");
        lab.add_user("bob");
        auto first = a_device("qemu-01", "qemu", {"usb"});
        DeviceEntry entry;
        entry.name = "qemu-01";
        entry.variables.set("memory", 512);
        first.configuration = format_device_configuration(entry);
        lab.lab.add_devices({first, a_device("qemu-02"), a_device("board-01", "board")});
    }

    JobId submit(const std::string& name = "smoke", const std::string& more = {}, const std::string& who = "alice") {
        const auto answer = lab.post_definition("/api/v0.2/jobs/", definition(name, more), who);
        EXPECT_EQ(answer.status, 201) << answer.body;
        return JobId{*answer.json().find("job_ids")->as_list()->front().as_int()};
    }
    std::string url(JobId job, const std::string& rest = {}) {
        return "/api/v0.2/jobs/" + std::to_string(job.value) + "/" + rest;
    }

    /// A job that has run: two suites, a set, a measurement, a failure with log lines, `extra`.
    JobId a_finished_job() {
        const auto job = submit();
        lab.schedule(job, "qemu-01");
        lab.start(job);
        lab.record(job, R"({"dt": "2026-11-22T06:51:13.000001", "lvl": "info", "msg": "start: 0 validate"})");
        lab.record(job, R"({"dt": "2026-11-22T06:51:13.000002", "lvl": "results", "msg": {"definition": "lava", )"
                        R"("case": "validate", "result": "pass", "duration": "1.50", "level": "1.1", )"
                        R"("extra": {"size": 123, "label": "kernel"}}})");
        lab.record(job, R"({"dt": "2026-11-22T06:51:13.000003", "lvl": "target", "msg": "<oops> & \"quotes\""})");
        lab.record(job, R"({"dt": "2026-11-22T06:51:13.000004", "lvl": "results", "msg": {"definition": "0_smoke", )"
                        R"("case": "speed", "result": "fail", "measurement": "12.5", "units": "MB/s", "set": "disk", )"
                        R"("starttc": 2, "endtc": 3}})");
        for (const std::string word : {"skip", "unknown", "pass"}) {
            lab.record(job,
                       R"({"dt": "2026-11-22T06:51:13.000005", "lvl": "results", "msg": {"definition": "0_smoke", )"
                       R"("case": "case-)" +
                           word + R"(", "result": ")" + word + R"("}})");
        }
        lab.finish(job, JobHealth::complete);
        return job;
    }

    ApiLab lab;
    UserId alice;
};

/// The texts of one key of every result of a page.
inline std::vector<std::string> column(const ApiAnswer& page, std::string_view key) {
    std::vector<std::string> texts;
    const auto json = page.json();
    const auto* results = json.find("results");
    if (!results) return {"no page: " + page.body};
    for (const auto& row : *results->as_list()) texts.push_back(config::python_str(*row.find(key)));
    return texts;
}
using Texts = std::vector<std::string>;

}  // namespace patchbay::testing
