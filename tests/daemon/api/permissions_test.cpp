// SPDX-License-Identifier: Apache-2.0
// Groups and their permissions, as they are felt over REST. The store's tests have every rule; here is that each URL
// keeps to them.
#include "tests/daemon/api/smoke_lab.hpp"
#include "tests/daemon/store/lab_of_groups.hpp"

namespace patchbay {
namespace {

using namespace testing;
using enum Permission;
using enum Restrictable;

class PermissionsTest : public ApiTest {
protected:
    UserId bob = Users{lab.lab.reader()}.find("bob")->id;

    void allow(Restrictable kind, const std::string& object, Permission permission, const std::string& group,
               const std::vector<UserId>& members = {}) {
        grant(lab.lab, kind, object, permission, add_group(lab.lab, group, members));
    }
    std::string board_definition(const std::string& visibility = "public") {
        auto text = definition("on board");
        text.replace(text.find("qemu"), 4, "board");
        text.replace(text.find("public"), 6, visibility);
        return text;
    }
    int status(const std::string& target, const std::string& who) { return lab.get("/api/v0.2/" + target, who).status; }
    std::string refusal(const std::string& text, const std::string& who) {
        const auto answer = lab.post_definition("/api/v0.2/jobs/", text, who);
        EXPECT_EQ(answer.status, 400);
        return *answer.json().find("message")->as_string();
    }
};

const std::string parts[] = {"",          "attempts/", "csv/",   "definition/", "events/", "junit/", "logs/",
                             "metadata/", "suites/",   "tap13/", "tests/",      "why/",    "yaml/"};

TEST_F(PermissionsTest, AJobOfAGroupIsThereForItsMembersOnly) {
    add_group(lab.lab, "lab", {bob});
    lab.add_user("eve");
    const auto text = board_definition("{group: [lab, no-such-group]}");
    ASSERT_EQ(lab.post_definition("/api/v0.2/jobs/", text, "alice").status, 201);
    lab.schedule(JobId{1}, "board-01");
    lab.start(JobId{1});
    lab.record(JobId{1}, R"({"dt": "2026-11-22T06:51:13.000001", "lvl": "info", "msg": "hello"})");
    lab.finish(JobId{1}, JobHealth::complete);
    for (const auto& part : parts) {
        for (const std::string who : {"alice", "bob", "root"}) EXPECT_EQ(lab.get(url(JobId{1}, part), who).status, 200);
        for (const std::string who : {"", "eve"}) {
            const auto answer = lab.get(url(JobId{1}, part), who);
            EXPECT_EQ(answer.status, 404) << part << who;
            EXPECT_EQ(answer.body, R"({"detail":"Not found."})");
        }
    }
    EXPECT_EQ(column(lab.get("/api/v0.2/jobs/", "bob"), "id"), (Texts{"1"}));
    EXPECT_EQ(column(lab.get("/api/v0.2/jobs/", "eve"), "id"), (Texts{}));
    EXPECT_EQ(column(lab.get("/api/v0.2/jobs/", "bob"), "viewing_groups"), (Texts{"[1]"}));
    EXPECT_EQ(column(lab.get("/api/v0.2/jobs/?viewing_groups=1", "bob"), "id"), (Texts{"1"}));
    EXPECT_EQ(lab.get("/api/v0.2/jobs/?viewing_groups=7", "bob").body,
              R"({"viewing_groups":["Select a valid choice. That choice is not one of the available choices."]})");
    EXPECT_EQ(lab.send("POST", url(JobId{1}, "resubmit/"), lab.authorization("eve")).status, 404);
    EXPECT_EQ(lab.send("POST", url(JobId{1}, "resubmit/"), lab.authorization("bob")).status, 201);
    EXPECT_EQ(status("jobs/2/", "alice"), 404) << "bob's now, for the group that alice is not in";
}

TEST_F(PermissionsTest, AHiddenTypeHidesItsDevicesAndTheirJobs) {
    allow(device_type, "board", view, "lab", {alice});
    ASSERT_EQ(lab.post_definition("/api/v0.2/jobs/", board_definition(), "alice").status, 201);
    for (const std::string target : {"devicetypes/board/", "devices/board-01/", "devices/board-01/dictionary/",
                                     "jobs/1/", "jobs/1/logs/", "jobs/1/events/"}) {
        for (const std::string who : {"", "bob"}) EXPECT_EQ(status(target, who), 404) << target << who;
    }
    for (const std::string who : {"alice", "root"}) {
        EXPECT_EQ(status("devicetypes/board/", who), 200);
        EXPECT_EQ(status("devices/board-01/", who), 200);
        EXPECT_EQ(status("jobs/1/", who), 200);
        EXPECT_EQ(column(lab.get("/api/v0.2/devices/", who), "hostname"), (Texts{"board-01", "qemu-01", "qemu-02"}));
    }
    const auto devices = lab.get("/api/v0.2/devices/", "bob");
    EXPECT_EQ(column(devices, "hostname"), (Texts{"qemu-01", "qemu-02"}));
    EXPECT_EQ(*devices.json().find("count"), config::Value{2});
    const auto types = lab.get("/api/v0.2/devicetypes/", "bob");
    EXPECT_EQ(column(types, "name"), (Texts{"qemu"}));
    EXPECT_EQ(*types.json().find("count"), config::Value{1});
    EXPECT_EQ(*lab.get("/api/v0.2/jobs/", "bob").json().find("count"), config::Value{0});
    EXPECT_EQ(refusal(board_definition(), "bob"),
              "Devices unavailable: Device type 'board' is unavailable to user 'bob'");
}

TEST_F(PermissionsTest, ADevicesOwnPermissionCountsInsteadOfItsTypes) {
    allow(device_type, "board", view, "lab", {alice});
    ASSERT_EQ(lab.post_definition("/api/v0.2/jobs/", board_definition(), "alice").status, 201);
    allow(device, "board-01", view, "guests", {bob});
    EXPECT_EQ(status("devices/board-01/", "bob"), 200);
    EXPECT_EQ(status("devicetypes/board/", "bob"), 404);
    EXPECT_EQ(status("jobs/1/", "bob"), 404) << "it waits";
    lab.schedule(JobId{1}, "board-01");
    EXPECT_EQ(status("jobs/1/", "bob"), 200);
    EXPECT_EQ(status("devices/board-01/", "alice"), 404);
    EXPECT_EQ(status("devicetypes/board/", "alice"), 200);
    EXPECT_EQ(status("jobs/1/", "alice"), 200) << "her own";
}

TEST_F(PermissionsTest, SubmissionIsForThoseWhoMaySubmitToADevice) {
    allow(device, "board-01", Permission::submit, "lab", {alice});
    EXPECT_EQ(refusal(board_definition(), "bob"),
              "Devices unavailable: No devices from ['board-01'] pool are currently available to user bob");
    EXPECT_EQ(lab.post_definition("/api/v0.2/jobs/", board_definition(), "alice").status, 201);
    EXPECT_EQ(lab.post_definition("/api/v0.2/jobs/", board_definition(), "root").status, 201);
    allow(device, "qemu-01", Permission::submit, "lab");
    EXPECT_EQ(lab.post_definition("/api/v0.2/jobs/", definition(), "bob").status, 201) << "there is qemu-02";
    EXPECT_EQ(refusal(definition("j", "tags: [usb]\n"), "bob"),
              "Devices unavailable: No devices of type qemu are available which have all of the tags 'usb'.");
    EXPECT_EQ(lab.post_definition("/api/v0.2/jobs/", definition("j", "tags: [usb]\n"), "alice").status, 201);
}

TEST_F(PermissionsTest, WhoMayChangeADeviceSetsItsHealthAndCancelsItsJobs) {
    const auto set_health = [this](const std::string& who) {
        return lab.post("/api/v0.2/devices/board-01/set_health/", "application/json", R"({"health": "maintenance"})",
                        who);
    };
    ASSERT_EQ(lab.post_definition("/api/v0.2/jobs/", board_definition(), "alice").status, 201);
    EXPECT_EQ(set_health("bob").body, R"({"detail":"You do not have permission to perform this action."})");
    EXPECT_EQ(status("jobs/1/cancel/", "bob"), 403);
    allow(device_type, "board", Permission::change, "keepers", {bob});
    EXPECT_EQ(set_health("bob").status, 202);
    EXPECT_EQ(set_health("alice").status, 403);
    EXPECT_EQ(status("jobs/1/cancel/", "bob"), 200);
    EXPECT_EQ(lab.job(JobId{1}).cancel_reason, "Canceled by bob");
    allow(device, "qemu-01", view, "keepers");
    const auto hidden = lab.post("/api/v0.2/devices/qemu-01/set_health/", "application/json", "{}", "alice");
    EXPECT_EQ(hidden.status, 404) << "what she does not see is not there";
}

TEST_F(PermissionsTest, WhoHasAModelsPermissionChangesWhatIsOfIt) {
    grant_everywhere(lab.lab, add_group(lab.lab, "lab", {bob}), "lava_scheduler_app.add_tag");
    grant_everywhere(lab.lab, bob, "lava_scheduler_app.change_alias");
    grant_everywhere(lab.lab, bob, "lava_scheduler_app.change_worker");
    const auto send = [&](const std::string& method, const std::string& target, const std::string& body,
                          const std::string& who) {
        return lab
            .send(method, "/api/v0.2/" + target, lab.authorization(who) + "Content-Type: application/json\r\n", body)
            .status;
    };
    EXPECT_EQ(send("POST", "tags/", R"({"name": "hdmi"})", "bob"), 201);
    EXPECT_EQ(send("POST", "tags/", R"({"name": "hdmi2"})", "alice"), 403);
    EXPECT_EQ(send("PATCH", "tags/1/", R"({"description": "x"})", "bob"), 403);
    EXPECT_EQ(send("DELETE", "tags/1/", "", "bob"), 403);
    EXPECT_EQ(send("POST", "aliases/", R"({"name": "x86", "device_type": "qemu"})", "bob"), 403);
    EXPECT_EQ(send("POST", "aliases/", R"({"name": "x86", "device_type": "qemu"})", "root"), 201);
    EXPECT_EQ(send("PATCH", "aliases/x86/", R"({"device_type": "board"})", "bob"), 200);
    EXPECT_EQ(send("PATCH", "workers/bench/", R"({"job_limit": 2})", "bob"), 200);
    EXPECT_EQ(send("POST", "workers/bench/set_health/", R"({"health": "ACTIVE"})", "bob"), 202);
    EXPECT_EQ(send("PATCH", "workers/bench/", R"({"job_limit": 2})", "alice"), 403);
    EXPECT_EQ(send("DELETE", "workers/bench/", "", "bob"), 403);
    EXPECT_EQ(send("POST", "devicetypes/", R"({"name": "rock"})", "bob"), 403);
    EXPECT_EQ(send("POST", "devicetypes/qemu/health_check/", R"({"config": "x"})", "bob"), 403);
    grant_everywhere(lab.lab, bob, "lava_scheduler_app.change_device");
    EXPECT_EQ(send("POST", "devicetypes/qemu/health_check/", R"({"config": "x"})", "bob"), 400) << "it is no job";
    EXPECT_EQ(send("POST", "devices/qemu-01/dictionary/", R"({"dictionary": "x"})", "bob"), 400) << "it is the file's";
    EXPECT_EQ(send("POST", "devices/qemu-01/dictionary/", R"({"dictionary": "x"})", "alice"), 403);
}

}  // namespace
}  // namespace patchbay
