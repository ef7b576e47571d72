// SPDX-License-Identifier: Apache-2.0
// patchbay devices: which there are, and why one is not Good.
#include <gtest/gtest.h>

#include <sstream>

#include "cli/json.hpp"
#include "cli/program.hpp"
#include "core/config/yaml.hpp"
#include "tests/cli/lab_server.hpp"

namespace patchbay::cli {
namespace {

constexpr auto list = R"json({"next":null,"results":[
    {"hostname":"board-01","device_type":"board","state":"Idle","health":"Unknown",
     "health_since":"2026-11-26T02:14:07.5Z","health_job":5,
     "health_reason":"job 5 ended with error Infrastructure: device board-01: console: FTDI A5XK was unplugged;\nplug it in"},
    {"hostname":"board-02","device_type":"board","state":"Idle","health":"Good",
     "health_since":"2026-11-26T02:14:07.5Z","health_job":6,"health_reason":"job 6 was Complete"},
    {"hostname":"board-03","device_type":"board","state":"Idle","health":"Unknown","health_since":null,"health_reason":null}]})json";

constexpr auto history = R"json({"count":2,"results":[
    {"time":"2026-11-26T03:00:00Z","was":"Bad","health":"Good","reason":"mended (root)","job":null},
    {"time":"2026-11-26T02:14:07.5Z","was":"Good","health":"Bad",
     "reason":"cannot be brought to its safe state after job 5: relay board LAB01 is gone; plug it in","job":5}]})json";

class DevicesTest : public ::testing::Test {
protected:
    int patchbay(std::vector<std::string> arguments, std::size_t width = 0) {
        out_.str("");
        err_.str("");
        arguments.insert(arguments.begin(), {"--server", server_.url()});
        Terminal terminal{out_, err_};
        terminal.width = width;
        return run_program(arguments, {}, terminal);
    }
    LabServer server_{[](const LabRequest& request, LabConnection& c) {
        if (request.path == "/api/v0.2/devices/") return c.answer(200, list);
        if (request.path == "/api/v0.2/devices/board-01/health/") return c.answer(200, history);
        if (request.path == "/api/v0.2/devices/new/health/") return c.answer(200, R"({"count":0,"results":[]})");
        c.answer(404, R"({"detail":"Not found."})");
    }};
    std::ostringstream out_, err_;
};

TEST_F(DevicesTest, WhyOneIsNotGoodIsSaidBelowTheTable) {
    EXPECT_EQ(patchbay({"devices"}), 0) << err_.str();
    EXPECT_EQ(out_.str(),
              "DEVICE    TYPE   STATE  HEALTH\n"
              "board-01  board  Idle   Unknown\n"
              "board-02  board  Idle   Good\n"
              "board-03  board  Idle   Unknown\n"
              "\n"
              "board-01 is Unknown since 2026-11-26 02:14: job 5 ended with error Infrastructure: device board-01: "
              "console: FTDI A5XK was unplugged; plug it in\n");
    EXPECT_EQ(server_.requests().at(0).parameter("health_reason"), "1");
    EXPECT_EQ(patchbay({"devices"}, 40), 0);
    EXPECT_NE(out_.str().find("unplugged; plug it in\n"), std::string::npos) << "no next step is cut off";
    EXPECT_EQ(patchbay({"--json", "devices"}), 0);
    EXPECT_EQ(text_at(config::parse_json(out_.str()).as_list()->at(0), "health_job"), "5");
}

TEST_F(DevicesTest, HowTheHealthOfOneBecameWhatItIs) {
    EXPECT_EQ(patchbay({"devices", "board-01"}), 0) << err_.str();
    EXPECT_EQ(out_.str(),
              "2026-11-26 03:00  Bad -> Good: mended (root)\n"
              "2026-11-26 02:14  Good -> Bad: cannot be brought to its safe state after job 5: relay board LAB01 is "
              "gone; plug it in\n");
    EXPECT_EQ(patchbay({"--json", "devices", "board-01"}), 0);
    EXPECT_EQ(config::parse_json(out_.str()).as_list()->size(), 2U);
    EXPECT_EQ(patchbay({"devices", "new"}), 0);
    EXPECT_EQ(err_.str(), "new: its health has never changed\n");
    EXPECT_EQ(patchbay({"devices", "nope"}), 1);
}

}  // namespace
}  // namespace patchbay::cli
