// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/commands_fixture.hpp"

namespace patchbay::cli {
namespace {

TEST_F(CommandsTest, WhySaysForEachDeviceWhatIsInTheWay) {
    why_ = R"({"job":42,"state":"Submitted","waiting":true,"device_type":"rock","actual_device":null,"priority":40,
        "submit_time":"2026-11-25T09:00:00.000000Z","leaves_queue":"2026-11-25T15:00:00.000000Z","rule":"guests",
        "always":{"reason":"keep_free","text":"1 devices are free, and keep_free of rule 'guests' leaves 1 to others","until":null},
        "devices":[
        {"device":"rock-1","reason":"busy","text":"runs another job","until":null,"job":5},
        {"device":"rock-2","reason":"window","text":"windows are closed","until":"2026-11-25T18:00:00.000000Z","job":null},
        {"device":"rock-3","reason":null,"text":"takes this job next","until":null,"job":null}],
        "devices_left_out":3})";
    EXPECT_EQ(patchbay({"why", "42"}), 0) << err();
    EXPECT_EQ(out(),
              "job 42 waits for a device of type rock since 2026-11-25 09:00:00 UTC, with priority 40\n"
              "it leaves the queue at 2026-11-25 15:00:00 UTC\n"
              "whatever is free: 1 devices are free, and keep_free of rule 'guests' leaves 1 to others\n"
              "DEVICE  REASON  UNTIL\n"
              "rock-1  busy                      runs another job (5)\n"
              "rock-2  window  2026-11-25 18:00  windows are closed\n"
              "rock-3                            takes this job next\n"
              "and 3 more devices\n");
    EXPECT_EQ(server_.requests().at(0).path, "/api/v0.2/jobs/42/why/");
}

TEST_F(CommandsTest, WhyNamesTheJobsOfAGroupThatHaveNoDevice) {
    why_ = R"({"job":42,"state":"Submitted","waiting":true,"device_type":"rock","actual_device":null,"priority":40,
        "submit_time":"2026-11-25T09:00:00.000000Z","leaves_queue":null,"rule":null,"always":null,
        "devices":[{"device":"rock-1","reason":"group","text":"is free, and the others have none","until":null,"job":null}],
        "devices_left_out":0,"group":[
        {"job":42,"sub_id":"42.0","role":"server","device_type":"rock","device_free":true},
        {"job":43,"sub_id":"42.1","role":"client","device_type":"qemu","device_free":false}]})";
    EXPECT_EQ(patchbay({"why", "42"}), 0) << err();
    EXPECT_EQ(out(),
              "job 42 waits for a device of type rock since 2026-11-25 09:00:00 UTC, with priority 40\n"
              "the jobs of its group begin together, when each has a device:\n"
              "JOB   ROLE    TYPE  DEVICE\n"
              "42.0  server  rock  one is free\n"
              "42.1  client  qemu  none is free\n"
              "DEVICE  REASON\n"
              "rock-1  group   is free, and the others have none\n");
}

TEST_F(CommandsTest, WhyOfAJobThatDoesNotWaitSaysWhereItIs) {
    EXPECT_EQ(patchbay({"why", "42"}), 0) << err();
    EXPECT_EQ(out(), "job 42 does not wait: it is Running on qemu-01\n");
    EXPECT_EQ(patchbay({"--json", "why", "42"}), 0);
    EXPECT_EQ(out().find("{\"job\":42"), 0U) << out();
    EXPECT_EQ(patchbay({"why", "404"}), 1);
    EXPECT_EQ(patchbay({"why", "x"}), 1);
}

}  // namespace
}  // namespace patchbay::cli
