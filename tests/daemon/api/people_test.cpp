// SPDX-License-Identifier: Apache-2.0
// Users, groups, permissions and remote artifact tokens are administered; who did it is recorded.
#include "daemon/store/audit.hpp"
#include "daemon/store/remote_tokens.hpp"
#include "tests/daemon/api/smoke_lab.hpp"
#include "tests/daemon/store/lab_of_groups.hpp"

namespace patchbay {
namespace {

using namespace testing;

class PeopleTest : public ApiTest {
protected:
    ApiAnswer post_json(const std::string& target, const std::string& body, const std::string& who = "root") {
        return lab.post("/api/v0.2/" + target, "application/json", body, who);
    }
    ApiAnswer send(const std::string& method, const std::string& target, const std::string& body = {},
                   const std::string& who = "root") {
        return lab.send(method, "/api/v0.2/" + target,
                        lab.authorization(who) + (body.empty() ? "" : "Content-Type: application/json\r\n"), body);
    }
    ApiAnswer get(const std::string& target, const std::string& who = "root") {
        return lab.get("/api/v0.2/" + target, who);
    }
    /// "root permission.add lab: group lab: view_device on board-01", newest first.
    Texts deeds(const std::string& filter = {}) {
        const auto page = get("audit/" + filter);
        Texts texts;
        const auto who = column(page, "who"), action = column(page, "action"), object = column(page, "object"),
                   detail = column(page, "detail");
        for (std::size_t i = 0; i < who.size(); ++i)
            texts.push_back(who[i] + " " + action[i] + " " + object[i] + ": " + detail[i]);
        return texts;
    }
};

TEST_F(PeopleTest, PermissionsAreGrantedShownAndTakenAway) {
    ASSERT_EQ(post_json("groups/", R"({"name": "lab"})").body, R"({"id":1,"name":"lab"})");
    const auto made =
        post_json("permissions/devices/", R"({"group": "lab", "permission": "view_device", "device": "board-01"})");
    EXPECT_EQ(made.status, 201);
    EXPECT_EQ(made.body, R"({"id":1,"group":"lab","permission":"view_device","device":"board-01"})");
    const auto type = post_json("permissions/devicetypes/",
                                R"({"group": "lab", "permission": "submit_to_devicetype", "devicetype": "board"})");
    EXPECT_EQ(type.body, R"({"id":2,"group":"lab","permission":"submit_to_devicetype","devicetype":"board"})");
    EXPECT_EQ(get("permissions/devices/1/").body, made.body);
    EXPECT_EQ(get("permissions/devices/2/").status, 404) << "is one of a type";
    EXPECT_EQ(column(get("permissions/devices/"), "id"), (Texts{"1"}));
    EXPECT_EQ(column(get("permissions/devices/?permission=change_device"), "id"), (Texts{}));
    EXPECT_EQ(column(get("permissions/devices/?group=lab&device=board-01"), "id"), (Texts{"1"}));
    EXPECT_EQ(lab.get("/api/v0.2/devices/board-01/", "bob").status, 404);
    EXPECT_EQ(send("DELETE", "permissions/devices/1/").status, 204);
    EXPECT_EQ(lab.get("/api/v0.2/devices/board-01/", "bob").status, 200);
    EXPECT_EQ(send("DELETE", "permissions/devices/1/").status, 404);
    EXPECT_EQ(deeds(), (Texts{"root permission.delete lab: group lab: view_device on board-01",
                              "root permission.add lab: group lab: submit_to_devicetype on board",
                              "root permission.add lab: group lab: view_device on board-01", "root group.add lab: "}));
}

TEST_F(PeopleTest, WhatCannotBeGrantedIsNamed) {
    post_json("groups/", R"({"name": "lab"})");
    const auto refused = [&](const std::string& body) {
        const auto answer = post_json("permissions/devices/", body);
        EXPECT_EQ(answer.status, 400);
        return answer.body;
    };
    EXPECT_EQ(refused(R"({"group": "nope", "permission": "view_device", "device": "board-01"})"),
              R"({"group":["Object with name=nope does not exist."]})");
    EXPECT_EQ(refused(R"({"group": "lab", "permission": "view_devicetype", "device": "board-01"})"),
              R"({"permission":["Object with codename=view_devicetype does not exist."]})");
    EXPECT_EQ(refused(R"({"group": "lab", "permission": "view_device", "device": "nope"})"),
              R"({"device":["Invalid pk \"nope\" - object does not exist."]})");
    EXPECT_EQ(refused(R"({"group": "lab", "permission": "view_device"})"), R"({"device":["This field is required."]})");
    EXPECT_EQ(get("permissions/devices/?group=nope").body, R"({"group":["Object with name=nope does not exist."]})");
    EXPECT_EQ(*get("audit/?action=permission.add").json().find("count"), config::Value{0});
}

TEST_F(PeopleTest, APermissionIsChangedInPlace) {
    post_json("groups/", R"({"name": "lab"})");
    post_json("groups/", R"({"name": "guests"})");
    post_json("permissions/devices/", R"({"group": "lab", "permission": "view_device", "device": "board-01"})");
    EXPECT_EQ(lab.get("/api/v0.2/devices/board-01/", "bob").status, 404);
    const std::string url = "permissions/devices/1/";
    EXPECT_EQ(send("PATCH", url, R"({"device": "qemu-01"})").body,
              R"({"id":1,"group":"lab","permission":"view_device","device":"qemu-01"})");
    EXPECT_EQ(lab.get("/api/v0.2/devices/board-01/", "bob").status, 200);
    EXPECT_EQ(lab.get("/api/v0.2/devices/qemu-01/", "bob").status, 404);
    EXPECT_EQ(send("PUT", url, R"({"group": "guests", "permission": "change_device"})").body,
              R"({"device":["This field is required."]})");
    EXPECT_EQ(send("PUT", url, R"({"group": "guests", "permission": "change_device", "device": "qemu-02"})").body,
              R"({"id":1,"group":"guests","permission":"change_device","device":"qemu-02"})");
    EXPECT_EQ(send("PATCH", url, R"({"group": "guests"})").status, 200) << "as it is already";
    post_json("permissions/devices/", R"({"group": "lab", "permission": "view_device", "device": "board-01"})");
    EXPECT_EQ(send("PATCH", "permissions/devices/2/",
                   R"({"group": "guests", "permission": "change_device", "device": "qemu-02"})")
                  .body,
              R"({"non_field_errors":["The fields group, permission, device must make a unique set."]})");
    EXPECT_EQ(send("PATCH", url, R"({"device": "nope"})").status, 400);
    EXPECT_EQ(send("PATCH", "permissions/devicetypes/1/", "{}").status, 404);
    EXPECT_EQ(send("PATCH", url, "{}", "alice").status, 403);
    EXPECT_EQ(deeds("?action=permission.change&limit=1&offset=1"),
              (Texts{"root permission.change guests: group lab: view_device on qemu-01; now group guests: "
                     "change_device on qemu-02"}));
}

TEST_F(PeopleTest, AGroupIsRenamed) {
    post_json("groups/", R"({"name": "lab"})");
    post_json("groups/", R"({"name": "guests"})");
    EXPECT_EQ(send("PUT", "groups/1/", R"({"name": "owners"})").body, R"({"id":1,"name":"owners"})");
    EXPECT_EQ(send("PATCH", "groups/1/", "{}").body, R"({"id":1,"name":"owners"})");
    EXPECT_EQ(send("PUT", "groups/1/", "{}").body, R"({"name":["This field is required."]})");
    EXPECT_EQ(send("PATCH", "groups/1/", R"({"name": "guests"})").body,
              R"({"name":["group with this name already exists."]})");
    EXPECT_EQ(send("PATCH", "groups/7/", "{}").status, 404);
    EXPECT_EQ(send("PATCH", "groups/1/", "{}", "alice").status, 403);
    EXPECT_EQ(get("groups/1/").body, R"({"id":1,"name":"owners"})");
    EXPECT_EQ(deeds("?action=group.rename"), (Texts{"root group.rename lab: to owners"}));
}

TEST_F(PeopleTest, ATokenIsGivenForAPassword) {
    const auto log_in = [&](const std::string& body) { return post_json("token/", body, ""); };
    const std::string wrong = R"({"non_field_errors":["Unable to log in with provided credentials."]})";
    EXPECT_EQ(log_in(R"({"username": "alice", "password": "correct horse"})").body, wrong) << "she has none";
    const auto alices = "users/" + std::to_string(alice.value) + "/";
    EXPECT_EQ(send("PATCH", alices, R"({"password": "correct horse"})").status, 200);
    const auto answer = log_in(R"({"username": "alice", "password": "correct horse"})");
    ASSERT_EQ(answer.status, 200) << answer.body;
    const auto token = *answer.json().find("token")->as_string();
    EXPECT_EQ(token.size(), 128U);
    EXPECT_EQ(answer.headers.at("Cache-Control"), "no-store");
    const auto whoami = [&](const std::string& secret) {
        return lab.send("GET", "/api/v0.2/system/whoami/", "Authorization: Token " + secret + "\r\n").body;
    };
    EXPECT_EQ(whoami(token), R"({"user":"alice"})");
    for (const std::string body : {R"({"username": "alice", "password": "correct horsf"})",
                                   R"({"username": "nobody", "password": "correct horse"})",
                                   R"({"username": "bob", "password": "correct horse"})"}) {
        const auto refused = log_in(body);
        EXPECT_EQ(refused.status, 400);
        EXPECT_EQ(refused.body, wrong);
    }
    EXPECT_EQ(log_in(R"({"username": "alice"})").body, R"({"password":["This field is required."]})");
    for (int i = 0; i < 10; ++i) log_in(R"({"username": "alice", "password": "correct horse"})");
    EXPECT_EQ(whoami(token), R"({"detail":"Invalid token."})") << "each login makes one, and ten are kept";
    EXPECT_EQ(get("system/whoami/", "alice").body, R"({"user":"alice"})") << "others are not concerned";
    const auto recorded = get("audit/").body;
    EXPECT_THAT(recorded, HasSubstr("Created by REST API call"));
    EXPECT_THAT(recorded, Not(HasSubstr("horse")));
    EXPECT_THAT(recorded, Not(HasSubstr(token)));
}

TEST_F(PeopleTest, WhatPeopleDoToTheLabIsRecorded) {
    post_json("devicetypes/", R"({"name": "rock", "description": "a board"})");
    post_json("devicetypes/", R"({"name": "rock"})");
    send("PATCH", "devicetypes/rock/", R"({"display": false, "health_frequency": 3})");
    post_json("aliases/", R"({"name": "stone", "device_type": "rock"})");
    send("PATCH", "aliases/stone/", R"({"device_type": "board"})");
    send("DELETE", "aliases/stone/");
    send("DELETE", "aliases/stone/");
    send("DELETE", "devicetypes/rock/");
    send("DELETE", "devicetypes/board/");  // it has devices
    const auto tag = post_json("tags/", R"({"name": "hdmi"})").json();
    const auto url = "tags/" + config::python_str(*tag.find("id")) + "/";
    send("PATCH", url, R"({"name": "display"})");
    send("PATCH", "devices/board-01/", R"({"tags": [)" + config::python_str(*tag.find("id")) + "]}");
    send("PATCH", "devices/board-01/", R"({"tags": []})");
    send("DELETE", url);
    send("PATCH", "workers/bench/", R"({"job_limit": 4, "description": "the shelf"})");
    post_json("workers/bench/set_health/", R"({"health": "MAINTENANCE", "reason": "new fan"})");
    EXPECT_EQ(
        deeds(),
        (Texts{"root worker.change bench: health Maintenance: new fan",
               "root worker.change bench: description; job_limit 4",
               "root tag.delete display: ", "root device.tags board-01: none", "root device.tags board-01: display",
               "root tag.change hdmi: to display", "root tag.add hdmi: ", "root device-type.delete rock: ",
               "root alias.delete stone: ", "root alias.change stone: of board", "root alias.add stone: of rock",
               "root device-type.change rock: display, health_frequency", "root device-type.add rock: description"}))
        << "what was refused is not done";
}

TEST_F(PeopleTest, GroupsAreMadeOnceAndGoWhenTheyHaveNoPermissions) {
    EXPECT_EQ(post_json("groups/", R"({"name": "lab"})").status, 201);
    EXPECT_EQ(post_json("groups/", R"({"name": "lab"})").body, R"({"name":["group with this name already exists."]})");
    EXPECT_EQ(post_json("groups/", R"({"name": "a\nb"})").status, 400);
    EXPECT_EQ(get("groups/1/").body, R"({"id":1,"name":"lab"})");
    EXPECT_EQ(column(get("groups/?name=lab"), "id"), (Texts{"1"}));
    EXPECT_EQ(column(get("groups/?name=nope"), "id"), (Texts{}));
    grant(lab.lab, Restrictable::device, "board-01", Permission::view, GroupId{1});
    EXPECT_THAT(send("DELETE", "groups/1/").body, HasSubstr("still has permissions on 'board-01'"));
    EXPECT_EQ(send("DELETE", "permissions/devices/1/").status, 204);
    EXPECT_EQ(send("DELETE", "groups/1/").status, 204);
    EXPECT_EQ(get("groups/1/").status, 404);
}

TEST_F(PeopleTest, UsersAreMadeChangedAndClosed) {
    post_json("groups/", R"({"name": "lab"})");
    const auto made = post_json("users/", R"({"username": "eve", "email": "eve@example.org", "groups": ["lab"]})");
    ASSERT_EQ(made.status, 201) << made.body;
    const auto json = made.json();
    Texts names;
    for (const auto& [name, value] : *json.as_map()) names.push_back(*name.as_string());
    EXPECT_EQ(names, (Texts{"id", "username", "first_name", "last_name", "email", "is_active", "is_staff",
                            "is_superuser", "groups", "last_login", "date_joined"}));
    EXPECT_EQ(*json.find("groups"), (config::Value{config::List{"lab"}}));
    const auto url = "users/" + config::python_str(*json.find("id")) + "/";
    EXPECT_EQ(post_json("users/", R"({"username": "eve"})").body,
              R"({"username":["A user with that username already exists."]})");
    const auto changed = send("PATCH", url, R"({"is_superuser": true, "groups": []})");
    EXPECT_EQ(*changed.json().find("is_superuser"), config::Value{true});
    EXPECT_EQ(*changed.json().find("groups"), config::Value{config::List{}});
    EXPECT_EQ(*changed.json().find("email"), config::Value{"eve@example.org"}) << "what is not said stays";
    EXPECT_THAT(send("PATCH", url, R"({"password": "x"})").body, HasSubstr("has 8 to 1000 bytes"));
    EXPECT_THAT(send("PATCH", url, R"({"username": "adam"})").body, HasSubstr("A user's name stays"));
    EXPECT_EQ(send("PATCH", url, R"({"groups": ["nope"]})").body,
              R"({"groups":["Object with name=nope does not exist."]})");
    EXPECT_EQ(send("PATCH", url, R"({"groups": "lab"})").status, 400);
    EXPECT_EQ(column(get("users/?username=eve"), "is_superuser"), (Texts{"True"}));
    EXPECT_EQ(send("DELETE", url).status, 204);
    EXPECT_EQ(*get(url).json().find("is_active"), config::Value{false});
    EXPECT_EQ(deeds("?object=eve"), (Texts{"root user.delete eve: ", "root user.change eve: is_superuser, groups",
                                           "root user.add eve: email, groups"}));
}

TEST_F(PeopleTest, AClosedAccountIsNobody) {
    ASSERT_EQ(submit().value, 1);
    const auto alices = "users/" + std::to_string(alice.value) + "/";
    EXPECT_EQ(send("DELETE", alices).status, 204);
    EXPECT_EQ(get("system/whoami/", "alice").body, R"({"detail":"Invalid token."})");
    EXPECT_EQ(*get("jobs/1/").json().find("submitter"), config::Value{"alice"}) << "what she did stays";
}

TEST_F(PeopleTest, ValuesOfRemoteArtifactTokensNeverComeBack) {
    const auto made = post_json("remote-artifact-tokens/", R"({"name": "nexus", "token": "Bearer s3cr3t"})", "alice");
    EXPECT_EQ(made.status, 201);
    EXPECT_EQ(made.body, R"({"name":"nexus"})");
    EXPECT_EQ(RemoteTokens{lab.lab.reader()}.values(alice).at("nexus"), "Bearer s3cr3t");
    EXPECT_EQ(column(get("remote-artifact-tokens/", "alice"), "name"), (Texts{"nexus"}));
    EXPECT_EQ(get("remote-artifact-tokens/nexus/", "alice").body, R"({"name":"nexus"})");
    EXPECT_EQ(get("remote-artifact-tokens/nexus/", "bob").status, 404);
    EXPECT_EQ(get("remote-artifact-tokens/nexus/", "root").status, 404) << "also not a superuser's";
    EXPECT_EQ(column(get("remote-artifact-tokens/", "root"), "name"), (Texts{}));
    EXPECT_EQ(send("DELETE", "remote-artifact-tokens/nexus/", "", "bob").status, 404);
    EXPECT_THAT(post_json("remote-artifact-tokens/", R"({"name": "nexus", "token": "again"})", "alice").body,
                HasSubstr("already exists"));
    const auto bad = post_json("remote-artifact-tokens/", R"({"name": "two", "token": "s3cr3t\r\nX: y"})", "alice");
    EXPECT_EQ(bad.status, 400);
    EXPECT_THAT(bad.body, Not(HasSubstr("s3cr3t")));

    const auto job = submit("smoke", "secrets: {TOKEN: nexus}\n");
    for (const std::string rest : {"", "definition/", "metadata/"}) {
        EXPECT_THAT(lab.get(url(job, rest), "alice").body, Not(HasSubstr("s3cr3t")));
        EXPECT_THAT(lab.get(url(job, rest), "root").body, Not(HasSubstr("s3cr3t")));
    }
    EXPECT_THAT(get("jobs/", "alice").body, Not(HasSubstr("s3cr3t")));
    EXPECT_THAT(get("audit/").body, Not(HasSubstr("s3cr3t")));
    EXPECT_THAT(lab.job(job).definition, HasSubstr("TOKEN: nexus"));
    EXPECT_EQ(send("DELETE", "remote-artifact-tokens/nexus/", "", "alice").status, 204);
    EXPECT_EQ(get("remote-artifact-tokens/nexus/", "alice").status, 404);
    EXPECT_EQ(deeds("?who=alice"), (Texts{"alice remote-token.delete nexus: ", "alice job.submit 1: smoke",
                                          "alice remote-token.add nexus: "}));
}

TEST_F(PeopleTest, WhatPeopleDoToJobsAndDevicesIsRecorded) {
    const auto job = submit();
    EXPECT_EQ(lab.get(url(job, "cancel/"), "bob").status, 403);
    EXPECT_EQ(lab.get(url(job, "cancel/"), "root").status, 200);
    EXPECT_EQ(lab.get(url(job, "cancel/"), "root").status, 200) << "is over, and nothing is done";
    post_json("devices/qemu-01/set_health/", R"({"health": "bad", "reason": "smoke came out"})");
    EXPECT_EQ(deeds(), (Texts{"root device.health qemu-01: Bad: smoke came out",
                              "root job.cancel 1: ", "alice job.submit 1: smoke"}));
    EXPECT_EQ(deeds("?object=1&action=job.cancel"), (Texts{"root job.cancel 1: "}));
    const auto page = get("audit/?limit=1&offset=1").json();
    EXPECT_EQ(*page.find("count"), config::Value{3});
    EXPECT_EQ(*page.find("next"), config::Value{"http://lab.example/api/v0.2/audit/?limit=1&offset=2"});
    EXPECT_EQ(get("audit/", "alice").status, 403);
    EXPECT_EQ(get("audit/", "").status, 403);
}

}  // namespace
}  // namespace patchbay
