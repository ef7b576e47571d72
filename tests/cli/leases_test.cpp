// SPDX-License-Identifier: Apache-2.0
#include "cli/json.hpp"
#include "core/config/yaml.hpp"
#include "tests/cli/commands_fixture.hpp"

namespace patchbay::cli {
namespace {

class LeasesTest : public CommandsTest {
protected:
    LeasesTest() { leases_ = lease("Running"); }
    config::Value last_body() const { return config::parse_json(server_.requests().back().body); }
    std::string last_path() const { return server_.requests().back().path; }
};

TEST_F(LeasesTest, AcquireSaysWhatItGotAndWhereTheConsoleIs) {
    EXPECT_EQ(
        patchbay({"acquire", "rock-1", "--time", "2h", "--idle", "30m", "--note", "soldering", "--priority", "60"}), 0)
        << err();
    EXPECT_EQ(out(),
              "rock-1 is yours until 2026-11-25 18:00:00 UTC (lease 12)\n"
              "console: patchbay console rock-1\n");
    const auto body = config::parse_json(server_.requests().at(0).body);
    EXPECT_EQ(text_at(body, "device"), "rock-1");
    EXPECT_EQ(text_at(body, "time"), "2h");
    EXPECT_EQ(text_at(body, "idle_release"), "30m");
    EXPECT_EQ(text_at(body, "note"), "soldering");
    EXPECT_EQ(int_at(body, "priority"), 60);
}

TEST_F(LeasesTest, AcquireOfATypeNamesItsTags) {
    EXPECT_EQ(patchbay({"acquire", "--type", "rock", "--tag", "usb", "--tag", "hdmi"}), 0) << err();
    const auto body = config::parse_json(server_.requests().at(0).body);
    EXPECT_EQ(text_at(body, "device_type"), "rock");
    EXPECT_EQ(list_at(body, "tags").size(), 2u);
    EXPECT_EQ(patchbay({"acquire"}), 1) << "what?";
    EXPECT_EQ(patchbay({"acquire", "rock-1", "--type", "rock"}), 1) << "which of both?";
}

TEST_F(LeasesTest, AcquireThatIsOverAtOnceIsNoLease) {
    lease_state_ = "Finished";
    EXPECT_EQ(patchbay({"acquire", "rock-1", "--wait"}), 3);
    EXPECT_NE(err().find("see: patchbay logs 12"), std::string::npos) << err();
}

TEST_F(LeasesTest, ADeviceIsGivenBackAndExtended) {
    EXPECT_EQ(patchbay({"release", "rock-1"}), 0) << err();
    EXPECT_EQ(last_path(), "/api/v0.2/leases/12/release/");
    EXPECT_EQ(out(), "rock-1 is released\n");
    EXPECT_EQ(patchbay({"release"}), 0) << "the only one";
    EXPECT_EQ(patchbay({"extend", "rock-1", "--time", "1h"}), 0) << err();
    EXPECT_EQ(out(), "rock-1 is yours until 2026-11-25 18:00:00 UTC\n");
    EXPECT_EQ(text_at(last_body(), "time"), "1h");
}

TEST_F(LeasesTest, OneListsWhoHasWhat) {
    EXPECT_EQ(patchbay({"leases"}), 0) << err();
    EXPECT_EQ(out(),
              "LEASE  DEVICE  USER   STATE    ENDS              NOTE\n"
              "   12  rock-1  alice  Running  2026-11-25 18:00  soldering\n");
    leases_.clear();
    EXPECT_EQ(patchbay({"leases"}), 0);
    EXPECT_EQ(err(), "no leases\n");
}

TEST_F(LeasesTest, TheBoardIsSwitchedWithinTheLease) {
    EXPECT_EQ(patchbay({"power", "on", "rock-1"}), 0) << err();
    EXPECT_EQ(out(), "rock-1: power is on, and reads back so\n");
    EXPECT_EQ(last_path(), "/api/v0.2/leases/12/power/");
    EXPECT_EQ(text_at(last_body(), "action"), "on");
    EXPECT_EQ(patchbay({"reset"}), 0) << err();
    EXPECT_EQ(last_path(), "/api/v0.2/leases/12/reset/");
    EXPECT_EQ(patchbay({"line", "recovery", "press"}), 0) << err();
    EXPECT_EQ(text_at(last_body(), "name"), "recovery");
    EXPECT_EQ(patchbay({"storage", "host"}), 0) << err();
    EXPECT_EQ(text_at(last_body(), "side"), "host");
}

TEST_F(LeasesTest, AnImageIsSentAndWritten) {
    std::ofstream{folder_ / "sd.img"} << std::string(100'000, 'x');
    EXPECT_EQ(patchbay({"storage", "write", file("sd.img")}), 0) << err();
    EXPECT_EQ(text_at(last_body(), "write"), "image");
    EXPECT_EQ(patchbay({"storage", "write"}), 1);
    EXPECT_EQ(patchbay({"storage", "write", file("none.img")}), 1);
}

TEST_F(LeasesTest, WhatTakesLongIsAskedForUntilItIsDone) {
    std::ofstream{folder_ / "sd.img"} << "x";
    leases_ = lease("Running");
    under_way_ = 4;  // the upload is one of them
    EXPECT_EQ(patchbay({"storage", "write", file("sd.img")}), 0) << err();
    EXPECT_EQ(out(), "rock-1: power is on, and reads back so\n");
    EXPECT_EQ(last_path(), "/api/v0.2/leases/12/commands/1764/");
    EXPECT_EQ(server_.requests().back().method, "GET");
    under_way_ = 1;
    board_error_ = "device rock-1: the relay does not answer";
    EXPECT_EQ(patchbay({"power", "cycle"}), 1);
    EXPECT_NE(err().find(board_error_), std::string::npos) << err();
    under_way_ = 1;
    forgotten_ = true;
    EXPECT_EQ(patchbay({"power", "cycle"}), 1);
    EXPECT_NE(err().find("what becomes of it is in the log: patchbay logs 12"), std::string::npos) << err();
}

TEST_F(LeasesTest, WhatIsLostOnTheWayIsToBeFoundInTheLeasesLog) {
    cut_ = "/power/";
    EXPECT_EQ(patchbay({"power", "on"}), 1);
    EXPECT_NE(err().find("it may have been done all the same; what becomes of it is in the log: patchbay logs 12"),
              std::string::npos)
        << err();
    EXPECT_EQ(err().find("job"), std::string::npos) << err();
}

TEST_F(LeasesTest, OfADeviceThatOthersHaveOnlyOnesOwnIsGivenBack) {
    leases_ = lease("Running", "bob", "qemu-01");
    EXPECT_EQ(patchbay({"release", "qemu-01"}), 0) << err();
    EXPECT_EQ(last_path(), "/api/v0.2/devices/qemu-01/release/") << "it is reserved";
    leases_ = lease("Running", "bob", "rock-1");
    EXPECT_EQ(patchbay({"release", "rock-1"}), 1);
    EXPECT_NE(err().find("bob has lease 12, which is ended by its number: patchbay release 12"), std::string::npos)
        << err();
    for (const auto& request : server_.requests()) EXPECT_NE(request.path, "/api/v0.2/leases/12/release/");
    EXPECT_EQ(patchbay({"release", "12"}), 0) << err();
    EXPECT_EQ(last_path(), "/api/v0.2/leases/12/release/");
    leases_ = lease("Running", "bob", "qemu-01") + "," + lease("Submitted", "alice", "qemu-01");
    EXPECT_EQ(patchbay({"release", "qemu-01"}), 0) << err();
    EXPECT_EQ(last_path(), "/api/v0.2/leases/12/release/") << "the one that waits";
    leases_ += "," + lease("Submitted", "alice", "qemu-01");
    EXPECT_EQ(patchbay({"release", "qemu-01"}), 1);
    EXPECT_NE(err().find("name the lease by its number"), std::string::npos) << err();
}

TEST_F(LeasesTest, WhatTheBoardRefusesIsSaid) {
    board_error_ = "device rock-1: power was switched on, but reads back off";
    EXPECT_EQ(patchbay({"power", "on"}), 1);
    EXPECT_NE(err().find(board_error_), std::string::npos) << err();
    leases_ = lease("Running", "bob");
    EXPECT_EQ(patchbay({"power", "on"}), 1);
    EXPECT_NE(err().find("you have no lease"), std::string::npos) << err();
    leases_.clear();
    EXPECT_EQ(patchbay({"power", "on", "rock-2"}), 1);
    EXPECT_NE(err().find("patchbay acquire rock-2"), std::string::npos) << err();
}

}  // namespace
}  // namespace patchbay::cli
