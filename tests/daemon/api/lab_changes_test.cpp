// SPDX-License-Identifier: Apache-2.0
// What can be changed about device types and tags while the daemon runs.
#include "daemon/store/device_types.hpp"
#include "tests/daemon/api/smoke_lab.hpp"

namespace patchbay {
namespace {

using namespace testing;

class LabChangesTest : public ApiTest {
protected:
    const std::string types = "/api/v0.2/devicetypes/";
    const std::string tags = "/api/v0.2/tags/";
    ApiAnswer change(std::string_view method, const std::string& target, const std::string& json,
                     const std::string& who = "root") {
        return lab.send(method, target, lab.authorization(who) + "Content-Type: application/json\r\n", json);
    }
};

TEST_F(LabChangesTest, ADeviceTypeTakesWhatLavaLetsChange) {
    const auto answer = change("PATCH", types + "qemu/",
                               R"({"description": "virtual", "health_frequency": 10, "health_denominator": "jobs",)"
                               R"( "disable_health_check": true, "display": false})");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body,
              R"({"name":"qemu","architecture":null,"processor":null,"cpu_model":null,"aliases":[],"bits":null,)"
              R"("cores":[],"core_count":null,"description":"virtual","health_frequency":10,)"
              R"("disable_health_check":true,"health_denominator":"jobs","display":false})");
    EXPECT_EQ(lab.get(types + "qemu/").body, answer.body);
    EXPECT_EQ(column(lab.get(types + "?health_denominator=hours"), "name"), (Texts{"board"}));
    EXPECT_EQ(lab.get(types + "?health_denominator=weeks").status, 400);
    const std::pair<std::string, std::string> table[] = {
        {R"({"health_frequency": 0})", R"({"health_frequency":["Ensure this value is from 1 to 2147483647."]})"},
        {R"({"health_frequency": "often"})", R"({"health_frequency":["A valid integer is required."]})"},
        {R"({"health_denominator": "weeks"})", R"({"health_denominator":["\"weeks\" is not a valid choice."]})"},
        {R"({"core_count": 4})", R"({"core_count":["This server does not keep it; leave it out."]})"},
    };
    for (const auto& [json, text] : table) EXPECT_EQ(change("PATCH", types + "qemu/", json).body, text);
    EXPECT_EQ(change("PATCH", types + "nope/", "{}").status, 404);
    EXPECT_EQ(change("PATCH", types + "qemu/", "{}", "alice").status, 403);
}

TEST_F(LabChangesTest, WhatTheFileSaysAboutATypeIsRefusedWithThePlaceToChangeIt) {
    ConfiguredDeviceType configured;
    configured.name = "qemu";
    configured.properties.description = "from the file";
    auto configure = [configured](Database& db) { DeviceTypes{db}.configure({configured}); };
    lab.lab.write(std::move(configure));
    const auto answer = change("PATCH", types + "qemu/", R"({"description": "mine"})");
    EXPECT_EQ(answer.status, 400);
    EXPECT_THAT(answer.body, HasSubstr("(device_types.qemu.description); change it there and restart patchbayd"));
    EXPECT_EQ(change("PATCH", types + "qemu/", R"({"display": false})").status, 200);
}

TEST_F(LabChangesTest, ADeviceTakesHealthAndTagsAndAllElseIsTheFiles) {
    const std::string device = "/api/v0.2/devices/qemu-01/";
    change("POST", tags, R"({"name": "relay"})");
    const auto answer = change("PATCH", device, R"({"health": "Maintenance", "tags": [1, 2], "device_type": "qemu"})");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, R"({"device_type":"qemu","device_version":null,"physical_owner":null,"physical_group":null,)"
                           R"("description":null,"tags":[1,2],"state":"Idle","health":"Maintenance",)"
                           R"("last_health_report_job":null,"worker_host":"bench","is_synced":false})");
    EXPECT_EQ(change("PATCH", device, R"({"tags": [2]})").body,
              R"({"detail":"tag 'usb' of device qemu-01 comes from the lab's configuration file (devices); change it )"
              R"(there and restart patchbayd"})");
    EXPECT_EQ(*change("PATCH", device, R"({"tags": [1]})").json().find("tags"), (config::Value{config::List{1}}));
    const std::pair<const char*, const char*> table[] = {
        {R"({"description": "mine"})", "description of device qemu-01 comes from"},
        {R"({"device_type": "board"})", "device_type of device qemu-01 comes from"},
        {R"({"health": "Fine"})", R"({"health":["\"Fine\" is not a valid choice."]})"},
        {R"({"tags": [9]})", R"({"tags":["Invalid pk \"9\" - object does not exist."]})"},
        {R"({"tags": 1})", "Expected a list of items."},
        {R"({"physical_owner": 1})", "This server does not keep it"},
    };
    for (const auto& [json, problem] : table) {
        EXPECT_EQ(change("PATCH", device, json).status, 400) << json;
        EXPECT_THAT(change("PATCH", device, json).body, HasSubstr(problem));
    }
    EXPECT_EQ(change("PATCH", device, "{}", "alice").status, 403);
    EXPECT_EQ(change("PATCH", "/api/v0.2/devices/nope/", "{}").status, 404);
    EXPECT_THAT(change("POST", "/api/v0.2/devices/", R"({"hostname": "new"})").body,
                HasSubstr("device 'new' comes from the lab's configuration file (devices)"));
    EXPECT_EQ(change("DELETE", device, "").status, 400);
    EXPECT_EQ(change("POST", device + "dictionary/", "{}").body, R"({"dictionary":["This field is required."]})");
    EXPECT_THAT(change("POST", device + "dictionary/", R"({"dictionary": "x"})").body, HasSubstr("configuration file"));
}

TEST_F(LabChangesTest, ATagOfADeviceStaysOverARestartBesideThoseOfTheFile) {
    change("POST", tags, R"({"name": "relay"})");
    change("PATCH", "/api/v0.2/devices/qemu-02/", R"({"tags": [2]})");
    lab.lab.add_devices({a_device("qemu-01"), a_device("qemu-02", "qemu", {"usb"})});
    EXPECT_EQ(*lab.get("/api/v0.2/devices/qemu-02/").json().find("tags"), (config::Value{config::List{1, 2}}));
    EXPECT_EQ(*lab.get("/api/v0.2/devices/qemu-01/").json().find("tags"), config::Value{config::List{}});
}

TEST_F(LabChangesTest, AHealthCheckIsKeptAsItWasWritten) {
    const auto check = types + "qemu/health_check/";
    EXPECT_EQ(lab.get(check).body, R"({"detail":"Device-type 'qemu' health check was not found."})");
    const std::string text =
        "# ours\njob_name: check\nvisibility: public\ntimeouts: {job: {minutes: 5}}\nactions: [{command: {name: "
        "smoke-check}}]\n";
    config::Map fields;
    fields.set("config", text);
    const auto json = config::dump_json(config::Value{fields});
    EXPECT_EQ(change("POST", check, json, "alice").body,
              R"({"detail":"Insufficient permissions. Please contact system administrator."})");
    EXPECT_EQ(change("POST", check, R"({"wrong": "x"})").body,
              R"({"config":"Health check configuration is required."})");
    const auto answer = change("POST", check, json);
    EXPECT_EQ(answer.status, 204) << answer.body;
    const auto read = lab.get(check);
    EXPECT_EQ(read.body, text);
    EXPECT_EQ(read.content_type, "application/yaml");
    EXPECT_EQ(read.headers.at("Content-Disposition"), "attachment; filename=qemu_health_check.yaml");
    EXPECT_EQ(change("POST", types + "nope/health_check/", json).status, 404);
}

TEST_F(LabChangesTest, WhatCannotBecomeAHealthCheckIsNamedWhenItIsSet) {
    const std::pair<const char*, const char*> table[] = {
        {"[1]", "it is no mapping"},
        {"a: [", "Loading job submission failed"},
        {"{visibility: public, actions: [{command: {name: x}}], timeouts: {job: {minutes: 1}}}", "it has no job_name"},
        {"{job_name: x, actions: [{command: {name: x}}], timeouts: {job: {minutes: 1}}}", "it has no visibility"},
        {"{job_name: x, visibility: public, actions: [{command: {name: x}}]}", "timeouts"},
        {"{job_name: x, visibility: public, actions: [{command: {name: x}}], timeouts: {job: {minutes: 1}}, priority: "
         "101}",
         "Invalid job priority: 101"},
        {"{job_name: x, visibility: public, actions: [{command: {name: x}}], timeouts: {job: {minutes: 1}}, protocols: "
         "{}}",
         "it runs on one device"},
    };
    for (const auto& [text, problem] : table) {
        config::Map fields;
        fields.set("config", text);
        const auto answer = change("POST", types + "qemu/health_check/", config::dump_json(config::Value{fields}));
        EXPECT_EQ(answer.status, 400) << text;
        EXPECT_THAT(answer.body, HasSubstr("this health check cannot become a job: ")) << text;
        EXPECT_THAT(answer.body, HasSubstr(problem)) << text;
    }
    EXPECT_EQ(lab.get(types + "qemu/health_check/").status, 400) << "none was set";
}

TEST_F(LabChangesTest, TypesComeAndGoWhileNoDeviceIsOne) {
    const auto made = change("POST", types, R"({"name": "toaster", "aliases": [], "display": true})");
    EXPECT_EQ(made.status, 201);
    EXPECT_EQ(*made.json().find("health_frequency"), config::Value{24});
    EXPECT_EQ(change("POST", types, R"({"name": "toaster"})").body,
              R"({"name":["device type with this name already exists."]})");
    EXPECT_EQ(change("DELETE", types + "toaster/", "").status, 204);
    EXPECT_EQ(lab.get(types + "toaster/").status, 404);
    EXPECT_EQ(change("DELETE", types + "qemu/", "").body,
              R"({"detail":"device type 'qemu' has devices, such as qemu-01; it can go when none is left"})");
}

TEST_F(LabChangesTest, TagsAreMadeRenamedAndRemovedWhileNobodyUsesThem) {
    EXPECT_EQ(change("POST", tags, R"({"name": "relay", "description": "has one"})").body,
              R"({"id":2,"name":"relay","description":"has one"})");
    EXPECT_EQ(change("POST", tags, R"({"name": "usb"})").body, R"({"name":["tag with this name already exists."]})");
    EXPECT_EQ(change("PATCH", tags + "2/", R"({"name": "usb-relay"})").body,
              R"({"id":2,"name":"usb-relay","description":"has one"})");
    EXPECT_EQ(change("PATCH", tags + "2/", R"({"name": "usb"})").status, 400);
    EXPECT_EQ(column(lab.get(tags + "?name__endswith=relay", "alice"), "id"), (Texts{"2"}));
    EXPECT_EQ(change("DELETE", tags + "1/", "").body, R"({"detail":"tag 'usb' cannot go: device qemu-01 has it"})");
    EXPECT_EQ(change("DELETE", tags + "2/", "").status, 204);
    EXPECT_EQ(change("DELETE", tags + "2/", "").status, 404);
    EXPECT_EQ(change("POST", tags, R"({"name": "mine"})", "alice").status, 403);
}

}  // namespace
}  // namespace patchbay
