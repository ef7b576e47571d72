// SPDX-License-Identifier: Apache-2.0
// Groups and their permissions, as they are felt over XML-RPC: 403 where REST says 404, but for device types.
#include "daemon/xmlrpc/handlers.hpp"
#include "tests/daemon/api/leaving_reader.hpp"
#include "tests/daemon/store/lab_of_groups.hpp"
#include "tests/daemon/xmlrpc/rpc_lab.hpp"

namespace patchbay {
namespace {

using namespace testing;
using enum Permission;
using enum Restrictable;

class RpcPermissionsTest : public RpcTest {
protected:
    UserId bob = Users{lab.lab.reader()}.find("bob")->id;
    GroupId group = add_group(lab.lab, "lab", {alice});
};

TEST_F(RpcPermissionsTest, AJobOfGroupsIsNotAvailableToOthers) {
    add_group(lab.lab, "second", {alice});
    auto text = definition();
    text.replace(text.find("public"), 6, "{group: [second, lab]}");
    ASSERT_EQ(value("scheduler.jobs.submit", {text}, "bob"), config::Value{1});
    EXPECT_EQ(*value("scheduler.jobs.show", {1}, "alice").find("visibility"), config::Value{"Group (lab, second)"});
    lab.add_user("eve");
    for (const std::string method :
         {"scheduler.jobs.show", "scheduler.jobs.definition", "scheduler.jobs.logs", "scheduler.job_state",
          "scheduler.job_details", "scheduler.jobs.cancel", "scheduler.jobs.resubmit"})
        EXPECT_EQ(said(method, {1}, "eve"), "Fault 403: Job '1' not available to user 'eve'.") << method;
    EXPECT_EQ(said("scheduler.jobs.show", {1}), "Fault 403: Job '1' not available to user 'AnonymousUser'.");
    EXPECT_EQ(said("results.get_testjob_results_yaml", {1}, "eve"), "Fault 401: Permission denied for user to job 1");
    EXPECT_EQ(said("scheduler.jobs.list", {}, "eve"), "[]");
    EXPECT_EQ(said("scheduler.jobs.queue", {}, "eve"), "[]");
    EXPECT_EQ(said("scheduler.all_jobs", {}, "eve"), "[]");
    EXPECT_THAT(said("scheduler.jobs.queue", {}, "alice"), HasSubstr("'id': 1"));
}

TEST_F(RpcPermissionsTest, HiddenDevicesAndTypesAreNotThere) {
    grant(lab.lab, device_type, "board", view, group);
    EXPECT_EQ(said("scheduler.devices.show", {"board-01"}, "bob"),
              "Fault 403: Device 'board-01' not available to user 'bob'.");
    EXPECT_EQ(said("scheduler.get_device_status", {"board-01"}, "bob"),
              "Fault 403: Device 'board-01' not available to user 'bob'.");
    EXPECT_EQ(said("scheduler.device_types.show", {"board"}, "bob"), "Fault 404: Device-type 'board' was not found.");
    for (const std::string method : {"scheduler.devices.list", "scheduler.device_types.list", "scheduler.all_devices",
                                     "scheduler.all_device_types", "scheduler.pending_jobs_by_device_type"}) {
        EXPECT_THAT(said(method, {}, "bob"), Not(HasSubstr("board"))) << method;
        EXPECT_THAT(said(method, {}, "alice"), HasSubstr("board")) << method;
    }
    EXPECT_THAT(said("scheduler.workers.show", {"bench"}), Not(HasSubstr("board")));
    EXPECT_THAT(said("scheduler.device_types.show", {"board"}, "alice"),
                HasSubstr("'permissions': [{'name': 'view_devicetype', 'group': 'lab'}]"));
    const config::Value hosts{config::List{"board-01"}}, types{config::List{"board"}};
    EXPECT_EQ(said("system.user_can_view_devices", {hosts}, "bob"), "{'board': [{'board-01': {'visible': False}}]}");
    EXPECT_THAT(said("system.user_can_view_devices", {hosts, "alice"}, "root"), HasSubstr("'visible': True"));
    grant(lab.lab, device_type, "board", Permission::submit, group);
    EXPECT_EQ(said("system.user_can_submit_to_types", {types}, "bob"), "{'board': False}");
    EXPECT_EQ(said("system.user_can_submit_to_types", {types}, "alice"), "{'board': True}");
}

TEST_F(RpcPermissionsTest, ALongLogIsCutOffForWhoMaySeeTheJobNoMore) {
    const auto job = submit("long", "", "bob");
    lab.schedule(job, "qemu-01");
    for (int i = 0; i < 20; ++i)
        lab.record(job, R"({"lvl": "info", "msg": ")" + std::to_string(i) + std::string(50'000, 'x') + "\"}");
    const auto read = [&](const std::string& method, std::function<void(Database&)> change) {
        Request request;
        request.method = Method::post;
        request.path = "/RPC2/";
        request.headers = {{"authorization", "Basic " + config::encode_base64("alice:" + lab.token("alice"))}};
        request.body = "<methodCall><methodName>" + method + "</methodName><params><param><value><int>" +
                       std::to_string(job.value) + "</int></value></param></params></methodCall>";
        const auto response = run(lab.lab.io, answer_xmlrpc(request, lab.services()));
        LeavingReader reader{*lab.lab.store, std::move(change)};
        run(lab.lab.io, response.stream(reader));
        return reader.text;
    };
    EXPECT_GT(read("scheduler.jobs.logs", [](Database&) {}).size(), 1'000'000U);
    const auto hide = [this](Database& db) {
        Permissions{db}.grant(device, "qemu-01", view, Groups{db}.find_or_add("nobody in particular"));
    };
    EXPECT_THROW(read("scheduler.job_output", hide), StoreError);
}

TEST_F(RpcPermissionsTest, AnAccountThatIsClosedReadsNoFurther) {
    const auto job = submit("long");
    lab.schedule(job, "qemu-01");
    for (int i = 0; i < 20; ++i)
        lab.record(job, R"({"lvl": "info", "msg": ")" + std::to_string(i) + std::string(50'000, 'x') + "\"}");
    RpcCall call{lab.services(), Users{lab.lab.reader()}.find(bob), {config::Value{job.value}}};
    run(lab.lab.io, rpc::job_output(call));
    EXPECT_FALSE(call.long_binary().empty());
    EXPECT_FALSE(call.long_binary().empty());
    auto close = [this](Database& db) { Users{db}.close(bob); };
    lab.lab.write(close);
    EXPECT_THROW(call.long_binary(), StoreError);
}

TEST_F(RpcPermissionsTest, WhoMayChangeADeviceSetsItsHealth) {
    grant(lab.lab, device, "qemu-01", Permission::change, group);
    EXPECT_EQ(said("scheduler.put_into_maintenance_mode", {"qemu-01", "fan"}, "alice"), "None");
    EXPECT_EQ(said("scheduler.put_into_maintenance_mode", {"qemu-01", "fan"}, "bob"),
              "Fault 403: User 'bob' needs admin permission on device qemu-01.");
    EXPECT_THAT(said("scheduler.devices.show", {"qemu-01"}),
                HasSubstr("'permissions': [{'name': 'change_device', 'group': 'lab'}]"));
}

TEST_F(RpcPermissionsTest, WhoHasAModelsPermissionChangesWhatIsOfIt) {
    grant_everywhere(lab.lab, group, "lava_scheduler_app.add_tag");
    grant_everywhere(lab.lab, alice, "lava_scheduler_app.change_worker");
    EXPECT_EQ(said("scheduler.tags.add", {"hdmi"}, "alice"), "None");
    EXPECT_EQ(said("scheduler.tags.add", {"usb2"}, "bob"),
              "Fault 403: User 'bob' is missing permission lava_scheduler_app.add_tag.");
    EXPECT_EQ(said("scheduler.tags.delete", {"hdmi"}, "alice"),
              "Fault 403: User 'alice' is missing permission lava_scheduler_app.delete_tag.");
    EXPECT_EQ(said("scheduler.workers.update", {"bench", "the shelf"}, "alice"), "None");
    EXPECT_EQ(said("scheduler.workers.update", {"bench", "mine"}, "bob"),
              "Fault 403: User 'bob' is missing permission lava_scheduler_app.change_worker.");
    EXPECT_EQ(said("scheduler.workers.update", {"bench", "mine"}),
              "Fault 401: Authentication with user and token required for this API.");
}

TEST_F(RpcPermissionsTest, WhoMayChangeADeviceOrATypeDoesNoMoreThanThat) {
    grant(lab.lab, device, "qemu-01", Permission::change, group);
    grant(lab.lab, device_type, "board", Permission::change, group);
    EXPECT_EQ(said("scheduler.device_types.update", {"board", "a board"}, "alice"), "None");
    EXPECT_EQ(said("scheduler.device_types.update", {"qemu", "mine"}, "alice"),
              "Fault 403: User 'alice' needs admin permission on device-type qemu.");
    EXPECT_EQ(said("scheduler.device_types.aliases.add", {"board", "plank"}, "alice"), "None");
    EXPECT_EQ(said("scheduler.device_types.aliases.delete", {"board", "plank"}, "bob"),
              "Fault 403: User 'bob' needs admin permission on device-type board.");
    EXPECT_EQ(said("scheduler.device_types.add", {"rock"}, "alice"),
              "Fault 403: User 'alice' is missing permission lava_scheduler_app.change_devicetype.");
    EXPECT_EQ(said("scheduler.devices.tags.add", {"qemu-01", "hdmi"}, "root"), "None");
    EXPECT_EQ(said("scheduler.devices.tags.delete", {"qemu-01", "hdmi"}, "alice"), "None");
    EXPECT_EQ(said("scheduler.devices.tags.add", {"qemu-01", "hdmi"}, "alice"), "None") << "it is a tag already";
    EXPECT_EQ(said("scheduler.devices.tags.add", {"qemu-01", "brand-new"}, "alice"),
              "Fault 403: User 'alice' is missing permission lava_scheduler_app.add_tag.");
    EXPECT_EQ(said("scheduler.devices.tags.add", {"qemu-02", "x"}, "alice"),
              "Fault 403: User 'alice' needs admin permission on device qemu-02.");
}

}  // namespace
}  // namespace patchbay
