// SPDX-License-Identifier: Apache-2.0
#pragma once
// The whole command against a server of the test.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/program.hpp"
#include "tests/cli/lab_server.hpp"
#include "tests/support/temporary_folder.hpp"

namespace patchbay::cli {

using namespace std::chrono_literals;

inline constexpr auto tests_page = R"({"count":3,"next":null,"previous":null,"results":[
  {"id":1,"result":"pass","unit":"seconds","name":"validate","measurement":"0.0500000000","metadata":"case: validate\n","suite":1},
  {"id":2,"result":"pass","unit":"MB/s","name":"disk","measurement":"12.5000000000","metadata":"set: io\n","suite":2},
  {"id":3,"result":"%","unit":"","name":"net","measurement":null,"metadata":null,"suite":2}]})";

/// A lab with one job that has the id 42 and goes as the test says.
class CommandsTest : public ::testing::Test {
protected:
    CommandsTest() : server_{[this](const LabRequest& r, LabConnection& c) { serve(r, c); }} {
        std::ofstream{folder_ / "job.yaml"} << "job_name: smoke\n";
        environment_ = {{"PATCHBAY_SERVER", server_.url()}, {"HOME", folder_.string()}, {"PATCHBAY_TOKEN", "secret"}};
    }

    void serve(const LabRequest& request, LabConnection& c) {
        const auto& path = request.path;
        const auto ends = [&](std::string_view end) { return path.ends_with(end); };
        if (!cut_.empty() && ends(cut_)) return;  // the connection closes
        if (path == "/api/v0.2/jobs/" && request.method == "POST")
            return rejection_.empty() ? c.answer(201, submitted_)
                                      : c.answer(400, R"({"message":")" + rejection_ + "\"}");
        if (path.starts_with("/api/v0.2/portable_jobs/")) return c.answer(200, portable_);
        if (path == "/api/v0.2/jobs/")
            return c.answer(200, R"({"count":1,"next":null,"previous":null,"results":[)" + job() + "]}");
        if (ends("/resubmit/")) return c.answer(201, resubmitted_);
        if (ends("/cancel/")) return c.answer(200, R"({"message":"Job cancel signal sent."})");
        if (ends("/whoami/")) return c.answer(200, R"({"user":"alice"})");
        if (ends("/version/")) return c.answer(200, R"({"version":"2023.01"})");
        if (ends("/reserve/"))
            return c.answer(201, R"({"device":"qemu-01","until":"2026-11-25T18:00:00.0Z","in_use":true})");
        if (path == "/api/v0.2/leases/" && request.method == "POST") return c.answer(201, lease("Submitted"));
        if (path == "/api/v0.2/leases/") return c.answer(200, R"({"count":1,"next":null,"results":[)" + leases_ + "]}");
        if (ends("/leases/12/")) return c.answer(200, lease(lease_state_));
        if (ends("/extend/")) return c.answer(200, lease("Running"));
        if (path.starts_with("/api/v0.2/leases/12/") && under_way_ > 0 && --under_way_ >= 0)
            return c.answer(202, R"({"command":1764,"text":"the command is under way"})");
        if (path.starts_with("/api/v0.2/leases/12/commands/") && forgotten_)
            return c.answer(404, R"({"detail":"Not found."})");
        if (path.starts_with("/api/v0.2/leases/12/") && !ends("/release/"))
            return board_error_.empty()
                       ? c.answer(200, R"({"text":"power is on, and reads back so","state":"on","verified":true})")
                       : c.answer(409, R"({"detail":")" + board_error_ + "\"}");
        if (ends("/release/")) return c.answer(200, R"({"message":"Device released."})");
        if (ends("/reservations/"))
            return c.answer(200, R"({"count":1,"results":[{"device":"qemu-01","user":"alice","job":null,)"
                                 R"("ends":"2026-11-25T18:00:00.0Z","reason":"soldering"}]})");
        if (ends("/devices/"))
            return c.answer(
                200,
                R"({"next":null,"results":[{"hostname":"qemu-01","device_type":"qemu","state":"Idle","health":"Good","worker_host":"here","description":null}]})");
        if (path.starts_with("/api/v0.2/jobs/404/")) return c.answer(404, R"({"detail":"Not found."})");
        if (path.starts_with("/api/v0.2/jobs/403/")) return c.answer(403, R"({"detail":"Invalid token."})");
        if (ends("/why/")) return c.answer(200, why_);
        if (ends("/artifacts/"))
            return c.answer(200,
                            R"({"count":1,"results":[{"name":")" + artifact_ + R"(","type":"audio/wav","size":5}]})");
        if (path.find("/artifacts/") != std::string::npos) return c.answer(200, std::string{"RI\0F\n", 5});
        if (ends("/suites/"))
            return c.answer(200, R"({"next":null,"results":[{"id":1,"name":"lava"},{"id":2,"name":"0_smoke"}]})");
        if (ends("/tests/")) return c.answer(200, tests_text());
        if (ends("/suites/2/csv/")) return c.answer(200, "suite csv\r\n");
        if (ends("/csv/")) return c.answer(200, "job csv\r\n");
        if (ends("/tap13/")) return c.answer(200, "TAP version 13\n");
        if (ends("/logs/")) return send_log(std::stoul(request.parameter("start")), c);
        if (ends("/events/")) {
            c.start_events();
            c.event("log", "0", R"({"dt": "2026-01-01T00:00:00.000001", "lvl": "target", "msg": "hello"})");
            return c.event("state", "", R"({"state":"Finished","health":")" + health_ + "\"}");
        }
        c.answer(200, job());
    }
    void send_log(std::size_t start, LabConnection& c) const {
        std::string_view rest{log_};
        for (; start > 0 && !rest.empty(); --start) rest.remove_prefix(rest.find('\n') + 1);
        c.answer(rest.empty() ? 404 : 200, rest.empty() ? R"({"detail":"Not found."})" : rest);
    }
    std::string job() const {
        return R"({"id":42,"submitter":"alice","description":"smoke","requested_device_type":"qemu","actual_device":"qemu-01",)"
               R"("submit_time":"2026-11-22T08:46:48.9Z","start_time":"2026-11-22T08:46:49.2Z","end_time":"2026-11-22T08:47:09.1Z",)"
               R"("state":")" +
               state_ + R"(","health":")" + health_ + R"(","priority":50,"definition":"x: 1","failure_comment":null)" +
               job_more_ + "}";
    }
    static std::string lease(const std::string& state, const std::string& user = "alice",
                             const std::string& device = "rock-1") {
        return R"({"id":12,"user":")" + user + R"(","device":")" + device + R"(","device_type":"rock","state":")" +
               state + R"(","note":"soldering","time":7200,"ends":"2026-11-25T18:00:00.0Z"})";
    }
    std::string tests_text() const {
        std::string text{tests_page};
        return text.replace(text.find('%'), 1, net_result_);
    }

    int patchbay(const std::vector<std::string>& arguments) {
        out_.str("");
        err_.str("");
        return run_program(arguments, environment_, Terminal{out_, err_}, Patience{1ms, 10ms, 5s, 1ms});
    }
    std::string out() const { return out_.str(); }
    std::string err() const { return err_.str(); }
    std::string file(const char* name) const { return (folder_ / name).string(); }

    std::string health_ = "Complete";
    std::string net_result_ = "pass";
    std::string submitted_ = R"({"message":"job(s) successfully submitted","job_ids":[42]})";
    std::string resubmitted_ = R"({"job_ids":["43.0","43.1"]})";
    std::string portable_;
    std::string job_more_;  ///< further members of the job
    std::string rejection_;
    std::string cut_;         ///< whatever ends so gets no answer
    int under_way_ = 0;       ///< so many answers say that a command of a lease still is
    bool forgotten_ = false;  ///< the server knows no commands of before
    std::string leases_, lease_state_ = "Running", board_error_;
    std::string state_ = "Finished";
    std::string artifact_ = "0_tone.wav";
    std::string why_ = R"({"job":42,"state":"Running","waiting":false,"actual_device":"qemu-01","devices":[]})";
    std::string log_ =
        "- {\"dt\": \"2026-01-01T00:00:00.000001\", \"lvl\": \"target\", \"msg\": \"hello\"}\n"
        "- {\"dt\": \"2026-01-01T00:00:01.000001\", \"lvl\": \"info\", \"msg\": \"end\"}\n";
    testing::TemporaryFolder temporary_;
    const std::filesystem::path& folder_ = temporary_.path;
    Environment environment_;
    std::ostringstream out_, err_;
    LabServer server_;
};

}  // namespace patchbay::cli
