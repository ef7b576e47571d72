// SPDX-License-Identifier: Apache-2.0
// What scripts ask of the past of a device, a type or a job.
#include "daemon/store/workers.hpp"
#include "tests/daemon/store/lab_of_groups.hpp"
#include "tests/daemon/xmlrpc/rpc_lab.hpp"

namespace patchbay {
namespace {

using namespace testing;

class RpcRecentTest : public RpcTest {
protected:
    void run(JobId job, const std::string& device, JobHealth health,
             std::chrono::minutes time = std::chrono::minutes{1}) {
        const auto end = wall_now();
        lab.schedule(job, device);
        lab.start(job, end - time);
        lab.finish(job, health, end);
    }
    static std::string bytes(const config::Value& value) {
        const auto* binary = std::get_if<config::Binary>(&value.storage());
        return binary ? binary->bytes : "no base64: " + config::python_str(value);
    }
    const config::Value nil;
};

TEST_F(RpcRecentTest, TheLastJobsOfADeviceAreTheFinishedOnes) {
    run(submit("first"), "qemu-01", JobHealth::complete);
    run(submit("of bob", {}, "bob"), "qemu-01", JobHealth::incomplete);
    run(submit("on another"), "qemu-02", JobHealth::canceled);
    lab.schedule(submit("runs"), "qemu-01");
    const std::string first = "{'id': 1, 'description': 'first', 'status': 'Complete'}";
    const std::string second = "{'id': 2, 'description': 'of bob', 'status': 'Incomplete'}";
    EXPECT_EQ(said("scheduler.get_recent_jobs_for_device", {"qemu-01"}), "[" + second + "]")
        << "one, when none is said";
    EXPECT_EQ(said("scheduler.get_recent_jobs_for_device", {"qemu-01", 5}), "[" + second + ", " + first + "]");
    EXPECT_EQ(said("scheduler.get_recent_jobs_for_device", {"qemu-01", 5, true}, "alice"), "[" + first + "]");
    EXPECT_EQ(said("scheduler.get_recent_jobs_for_device", {"qemu-01", 5, true}),
              "Fault 401: Authentication with user and token required for this API.");
    EXPECT_EQ(said("scheduler.get_recent_jobs_for_device", {"qemu-01", 0}), "[]");
    EXPECT_EQ(said("scheduler.get_recent_jobs_for_device", {"qemu-01", -1}),
              "Fault 400: Bad request: count must be 0 or more.");
    EXPECT_EQ(said("scheduler.get_recent_jobs_for_device", {"nope"}), "Fault 404: Device 'nope' was not found.");
}

TEST_F(RpcRecentTest, TheLastJobsOfATypeNameTheirDevices) {
    run(submit("first"), "qemu-01", JobHealth::complete);
    const auto waiting = submit("leaves the queue");
    lab.finish(waiting, JobHealth::canceled);
    EXPECT_EQ(said("scheduler.get_recent_jobs_for_device_type", {"qemu", 2}),
              "[{'id': 2, 'description': 'leaves the queue', 'status': 'Canceled', 'device': ''}, "
              "{'id': 1, 'description': 'first', 'status': 'Complete', 'device': 'qemu-01'}]");
    EXPECT_EQ(said("scheduler.get_recent_jobs_for_device_type", {"board", 2}), "[]");
    EXPECT_EQ(said("scheduler.get_recent_jobs_for_device_type", {"x"}), "Fault 404: Device-type 'x' was not found.");
}

TEST_F(RpcRecentTest, AJobThatMayNotBeSeenIsNotAmongThem) {
    auto text = definition("mine");
    text.replace(text.find("public"), 6, "personal");
    ASSERT_EQ(value("scheduler.jobs.submit", {text}, "alice"), config::Value{1});
    run(JobId{1}, "qemu-01", JobHealth::complete);
    for (const config::List& arguments : {config::List{"qemu-01", 9}, config::List{"qemu", 9}}) {
        const auto* method = arguments[0] == config::Value{"qemu"} ? "scheduler.get_recent_jobs_for_device_type"
                                                                   : "scheduler.get_recent_jobs_for_device";
        EXPECT_EQ(said(method, arguments, "bob"), "[]");
        EXPECT_THAT(said(method, arguments, "alice"), HasSubstr("mine"));
    }
}

TEST_F(RpcRecentTest, ListsHoldJobsThatTookLongEnough) {
    run(submit("short"), "qemu-01", JobHealth::complete, std::chrono::minutes{5});
    run(submit("long"), "qemu-01", JobHealth::complete, std::chrono::minutes{30});
    submit("not yet");
    const auto list = [&](int minutes) { return said("scheduler.jobs.list", {nil, nil, 0, 25, 0, false, minutes}); };
    EXPECT_THAT(list(10),
                ::testing::AllOf(HasSubstr("'long'"), Not(HasSubstr("'short'")), Not(HasSubstr("'not yet'"))));
    EXPECT_THAT(list(5), HasSubstr("'short'"));
    EXPECT_EQ(list(31), "[]");
    EXPECT_THAT(list(0), HasSubstr("'not yet'"));
}

TEST_F(RpcRecentTest, TheConfigurationOfAJobIsItsFiles) {
    lab.settings.env_dut = config::parse_yaml("overrides: {LANG: C}");
    const auto job = submit("configured", "context: {memory: 1024}\nsecrets: {KEY: hush}\n");
    EXPECT_EQ(said("scheduler.jobs.configuration", {job.value}), "Fault 404: Job '1' has not started yet");
    lab.schedule(job, "qemu-01");
    EXPECT_EQ(said("scheduler.jobs.configuration", {"1"}), "Fault 404: Job '1' has not started yet");
    lab.start(job);
    const auto files = value("scheduler.jobs.configuration", {job.value}, "alice");
    ASSERT_TRUE(files.is_list()) << config::python_str(files);
    ASSERT_EQ(files.as_list()->size(), 5U);
    EXPECT_EQ(bytes(files.as_list()->at(0)), lab.job(job).definition);
    EXPECT_EQ(bytes(files.as_list()->at(1)),
              lab.get("/api/v0.2/devices/qemu-01/dictionary/?render=1&context=%7Bmemory%3A+1024%7D").body);
    EXPECT_EQ(files.as_list()->at(2), nil);
    EXPECT_EQ(files.as_list()->at(3), nil);
    EXPECT_EQ(bytes(files.as_list()->at(4)), "overrides:\n  LANG: C\n");
    const auto others = value("scheduler.jobs.configuration", {job.value}, "bob");
    EXPECT_THAT(bytes(others.as_list()->at(0)), Not(HasSubstr("hush")));
    grant(lab.lab, Restrictable::device, "qemu-01", Permission::view, add_group(lab.lab, "others"));
    EXPECT_EQ(value("scheduler.jobs.configuration", {job.value}, "alice").as_list()->at(1), nil)
        << "her job, on a device that is hidden from her now";

    const auto never = submit("never ran");
    lab.finish(never, JobHealth::canceled);
    EXPECT_EQ(value("scheduler.jobs.configuration", {never.value}).as_list()->at(1), nil);
}

TEST_F(RpcRecentTest, DevicesAreValidatedByNameTypeOrAll) {
    DeviceEntry good;
    good.variables.set("memory", 512);
    auto configure = [text = format_device_configuration(good)](Database& db) {
        db.change("UPDATE device SET configuration = $1 WHERE hostname = 'qemu-02'", text);
        db.change("UPDATE device SET configuration = '{\"driver\": \"rocket\"}' WHERE hostname = 'board-01'");
    };
    lab.lab.write(std::move(configure));
    const auto verdicts = [&](const config::List& arguments) {
        return bytes(value("scheduler.validate_pipeline_devices", arguments));
    };
    EXPECT_EQ(verdicts({"qemu"}), "qemu-01:\n  Valid: null\nqemu-02:\n  Valid: null\n");
    EXPECT_EQ(verdicts({"qemu-02"}), "qemu-02:\n  Valid: null\n");
    EXPECT_THAT(verdicts({}), ::testing::AllOf(HasSubstr("board-01:\n  Invalid: "), HasSubstr("driver ''rocket''"),
                                               HasSubstr("qemu-01:\n  Valid: null\n")));
    EXPECT_EQ(said("scheduler.validate_pipeline_devices", {"nope"}),
              "Fault 404: No device and no device type is called 'nope'.");
}

TEST_F(RpcRecentTest, TheDevicesOfATypeAreListedByHealth) {
    auto set = [](Database& db) { Devices{db}.set_health("qemu-02", DeviceHealth::bad, "test", wall_now()); };
    lab.lab.write(std::move(set));
    EXPECT_EQ(said("scheduler.device_types.devices", {"qemu"}),
              "[{'hostname': 'qemu-01', 'health': 'Good', 'state': 'Idle'}, "
              "{'hostname': 'qemu-02', 'health': 'Bad', 'state': 'Idle'}]");
    EXPECT_EQ(said("scheduler.device_types.devices", {"qemu", "BAD"}),
              "[{'hostname': 'qemu-02', 'health': 'Bad', 'state': 'Idle'}]");
    EXPECT_EQ(said("scheduler.device_types.devices", {"qemu", "FINE"}), "Fault 400: Invalid health 'FINE'");
}

TEST_F(RpcRecentTest, WhatTheConfigurationFileOwnsIsNotDeletedFromHere) {
    EXPECT_THAT(said("scheduler.devices.delete", {"qemu-01"}, "root"), HasSubstr("(devices)"));
    EXPECT_THAT(said("scheduler.workers.delete", {"bench"}, "root"),
                HasSubstr("stands in the lab's configuration file"));
    auto attach = [](Database& db) { Workers{db}.enroll("rack", "hash"); };
    lab.lab.write(std::move(attach));
    EXPECT_EQ(said("scheduler.workers.delete", {"rack"}, "root"), "None");
    EXPECT_EQ(said("scheduler.workers.delete", {"rack"}, "root"), "Fault 404: Worker 'rack' was not found.");
    EXPECT_EQ(said("scheduler.devices.update", {"qemu-01", nil, nil, nil, nil, "BAD", nil, nil, "it smokes"}, "root"),
              "None");
    EXPECT_EQ(Devices{lab.lab.reader()}.health_history("qemu-01", 1)[0].reason.text, "it smokes (root)");
}

}  // namespace
}  // namespace patchbay
