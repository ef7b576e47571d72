// SPDX-License-Identifier: Apache-2.0
#pragma once
// A lab with two remote workers and the bytes that they send.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <fstream>
#include <iterator>

#include "core/text.hpp"
#include "daemon/schedule/decision.hpp"
#include "daemon/store/enrolment.hpp"
#include "daemon/store/leases.hpp"
#include "daemon/store/logs.hpp"
#include "daemon/store/results.hpp"
#include "daemon/store/worker_leases.hpp"
#include "daemon/store/workers.hpp"
#include "daemon/workers/protocol.hpp"
#include "tests/daemon/api/smoke_lab.hpp"

namespace patchbay::testing {

class WorkerTest : public ApiTest {
protected:
    WorkerTest() {
        lab.handler = [](Request& request, Services& services) {
            return is_worker_call(request) ? answer_worker_call(request, services) : answer_api(request, services);
        };
        lab.body_rule = [](const Request& head, Services& services) {
            return is_worker_call(head) ? worker_body_right(head, services) : body_right(head, services);
        };
        auto board = a_device("far-01", "far");
        board.worker_host = "rack-2";
        DeviceEntry entry;
        entry.name = "far-01";
        entry.device_type = "far";
        board.configuration = format_device_configuration(entry);
        auto other = board;
        other.hostname = "far-02";
        other.worker_host = "rack-3";
        other.device_type = "farther";
        lab.lab.add_devices({board, other, a_device("qemu-01")});
        auto configure = [](Database& db) { Workers{db}.configure("bench"); };
        lab.lab.write(configure);
        rack2 = enrolled("rack-2");
        rack3 = enrolled("rack-3");
    }

    std::string enrolled(std::string worker) {
        auto write = [worker](Database& db) { return enrol(db, worker, Enrolment::first).token; };
        return lab.lab.write(std::move(write));
    }

    static std::string header(const std::string& token) { return "LAVA-Token: " + token + "\r\n"; }
    ApiAnswer ask(const std::string& path, const std::string& token) {
        return lab.send("GET", base + path, header(token));
    }
    ApiAnswer tell(const std::string& path, const std::string& token, const std::string& form) {
        return lab.send("POST", base + path, header(token) + "Content-Type: application/x-www-form-urlencoded\r\n",
                        form);
    }
    ApiAnswer ping() { return ask("workers/rack-2/?version=2023.01", rack2); }
    /// The token that rack-2 is given for the job, "" when it is in no list of the answer.
    std::string token_of(JobId job) {
        const auto answer = ping().json();
        for (const auto* list : {"start", "running", "cancel"}) {
            for (const auto& entry : *answer.find(list)->as_list())
                if (*entry.find("id")->as_int() == job.value) return *entry.find("token")->as_string();
        }
        return "";
    }
    /// In which list of the answer the job is.
    std::string list_of(JobId job) {
        const auto answer = ping().json();
        for (const auto* list : {"start", "running", "cancel"}) {
            for (const auto& entry : *answer.find(list)->as_list())
                if (*entry.find("id")->as_int() == job.value) return list;
        }
        return "none";
    }

    /// A job that has far-01, and that nobody was told of.
    JobId scheduled_job() {
        auto job = a_job(alice, "far");
        const auto id = lab.lab.add_job(std::move(job));
        lab.schedule(id, "far-01");
        return id;
    }
    struct Running {
        JobId job;
        std::string token;
    };
    Running running_job() {
        Running running;
        running.job = scheduled_job();
        running.token = token_of(running.job);
        EXPECT_EQ(tell(path(running.job), running.token, "state=RUNNING").body, "{}");
        return running;
    }
    JobId running_job_of_rack3() {
        auto job = a_job(alice, "farther");
        const auto id = lab.lab.add_job(std::move(job));
        lab.schedule(id, "far-02");
        EXPECT_THAT(ask("workers/rack-3/?version=2023.01", rack3).body,
                    HasSubstr("\"id\": " + std::to_string(id.value)));
        return id;
    }
    static bool claimed(const std::optional<LeaseRow>& lease) { return lease.has_value(); }
    static bool claimed(const std::vector<LeaseRow>& leases) { return !leases.empty(); }
    static std::string path(JobId job) { return "jobs/" + std::to_string(job.value) + "/"; }
    ApiAnswer finish(const Running& running, const std::string& form = "result=pass&error_type=&errors=&description=") {
        return tell(path(running.job), running.token, "state=FINISHED&" + form);
    }
    /// Lines of console text, numbered from `first`: their times differ as those of a runner do.
    static std::string lines(int first, int count, const std::string& run = "1") {
        std::string text;
        for (int number = first; number < first + count; ++number)
            text += (text.empty() ? "" : "\n") + std::string{R"(- {"dt": "2026-11-22T08:57:4)"} + run + ".00000" +
                    std::to_string(number) + R"(", "lvl": "target", "msg": "line )" + std::to_string(number) + "\"}";
        return text;
    }
    static std::string result_line(const std::string& suite, const std::string& name) {
        return R"(- {"dt": "2026-11-22T08:57:49.5", "lvl": "results", "msg": {"definition": ")" + suite +
               R"(", "case": ")" + name + R"(", "result": "pass", "starttc": ! "0", "endtc": ! "1"}})";
    }
    ApiAnswer send_log(const Running& running, int index, const std::string& text) {
        return tell(path(running.job) + "logs/", running.token,
                    "index=" + std::to_string(index) + "&lines=" + percent_encode(text, Blank::as_plus));
    }
    std::string log(JobId job) { return Logs{lab.lab.reader()}.read(job); }
    std::int64_t log_lines(JobId job) { return Logs{lab.lab.reader()}.line_count(job); }
    std::vector<std::string> cases(JobId job) {
        std::vector<std::string> names;
        for (const auto& row : Results{lab.lab.reader()}.tests(job, {}, {}))
            names.push_back(row.suite_name + "/" + row.name + " " + std::string{to_string(row.result)});
        return names;
    }
    DeviceRow device(const std::string& name = "far-01") { return *Devices{lab.lab.reader()}.find(name); }
    WorkerRow worker(const std::string& name = "rack-2") { return *Workers{lab.lab.reader()}.find(name); }

    const std::string base = "/scheduler/internal/v1/";
    std::string rack2, rack3;
    asio::cancellation_signal stop_;
};

}  // namespace patchbay::testing
