// SPDX-License-Identifier: Apache-2.0
// Devices, device types, tags and the system's own pages.
#include "tests/daemon/api/smoke_lab.hpp"

namespace patchbay {
namespace {

using namespace testing;

class LabObjectsTest : public ApiTest {
protected:
    const std::string device = "/api/v0.2/devices/qemu-01/";
    ApiAnswer set_health(const std::string& json, const std::string& who = "root") {
        return lab.post(device + "set_health/", "application/json", json, who);
    }
};

TEST_F(LabObjectsTest, ADeviceHasItsFieldsInLavasOrder) {
    EXPECT_EQ(lab.get(device).body,
              R"({"hostname":"qemu-01","device_type":"qemu","device_version":null,"physical_owner":null,)"
              R"("physical_group":null,"description":null,"tags":[1],"state":"Idle","health":"Good",)"
              R"("last_health_report_job":null,"worker_host":"bench","is_synced":false})");
    EXPECT_EQ(lab.get("/api/v0.2/devices/nope/").status, 404);
}

TEST_F(LabObjectsTest, ADictionaryIsRawOrRendered) {
    const auto raw = lab.get(device + "dictionary/");
    EXPECT_EQ(raw.content_type, "text/plain");
    EXPECT_EQ(raw.headers.at("Content-Disposition"), "attachment; filename=qemu-01.jinja2");
    EXPECT_EQ(raw.body, "{% extends 'qemu.jinja2' %}\n{% set memory = 512 %}\n");
    const auto rendered = lab.get(device + "dictionary/?render=true&context=%7Barch%3A%20x86_64%7D");
    EXPECT_EQ(rendered.content_type, "application/yaml");
    EXPECT_TRUE(config::parse_yaml(rendered.body).find("actions")) << rendered.body;
    const auto bad = lab.get(device + "dictionary/?render=true&context=%5B1%5D");
    EXPECT_EQ(bad.status, 400);
    EXPECT_EQ(bad.body, R"({"detail":"Job Context '[1]' is not valid: it is no mapping"})");
    EXPECT_EQ(lab.get(device + "dictionary/?render=true&context=%7Barch%3A").status, 400);
    const auto none = lab.get("/api/v0.2/devices/qemu-02/dictionary/");
    EXPECT_EQ(none.status, 400);
    EXPECT_EQ(none.body, R"({"detail":"Device 'qemu-02' does not have a configuration"})");
}

TEST_F(LabObjectsTest, HealthIsSetByHand) {
    EXPECT_EQ(set_health(R"({"health": "bad", "reason": "smoke came out"})").status, 202);
    EXPECT_EQ(*lab.get(device).json().find("health"), config::Value{"Bad"});
    EXPECT_EQ(Devices{lab.lab.reader()}.health_history("qemu-01").front().reason.text, "smoke came out (root)");
    const auto form = lab.post(device + "set_health/", "application/x-www-form-urlencoded", "health=GOOD", "root");
    EXPECT_EQ(form.body, R"({"message":"OK"})");
    EXPECT_EQ(*lab.get(device).json().find("health"), config::Value{"Good"});
    EXPECT_EQ(set_health(R"({"health": "fine"})").body, R"({"message":"Wrong device health FINE"})");
    EXPECT_EQ(set_health("{}").body, R"({"message":"Wrong device health None"})");
    EXPECT_EQ(set_health(R"({"health": [1]})").status, 400);
    EXPECT_EQ(lab.post("/api/v0.2/devices/nope/set_health/", "application/json", R"({"health": "bad"})", "root").status,
              404);
    EXPECT_EQ(set_health(R"({"health": "bad"})", "alice").status, 403);
    EXPECT_EQ(*lab.get(device).json().find("health"), config::Value{"Good"});
}

TEST_F(LabObjectsTest, RetiredDevicesAreShownWhenAskedFor) {
    ASSERT_EQ(set_health(R"({"health": "retired"})").status, 202);
    EXPECT_EQ(lab.get(device).status, 404);
    EXPECT_EQ(lab.get(device + "?all=1").status, 200);
    EXPECT_EQ(*lab.get("/api/v0.2/devices/").json().find("count"), config::Value{2});
    EXPECT_EQ(*lab.get("/api/v0.2/devices/?all=true").json().find("count"), config::Value{3});
}

TEST_F(LabObjectsTest, DeviceTypesAreListedByName) {
    EXPECT_EQ(column(lab.get("/api/v0.2/devicetypes/"), "name"), (Texts{"board", "qemu"}));
    EXPECT_EQ(column(lab.get("/api/v0.2/devicetypes/?name__startswith=q"), "name"), (Texts{"qemu"}));
    EXPECT_EQ(lab.get("/api/v0.2/devicetypes/qemu/").body,
              R"({"name":"qemu","architecture":null,"processor":null,"cpu_model":null,"aliases":[],"bits":null,)"
              R"("cores":[],"core_count":null,"description":null,"health_frequency":24,"disable_health_check":false,)"
              R"("health_denominator":"hours","display":true})");
    EXPECT_EQ(lab.get("/api/v0.2/devicetypes/nope/").status, 404);
}

TEST_F(LabObjectsTest, TagsAreForUsers) {
    EXPECT_EQ(lab.get("/api/v0.2/tags/", "alice").body,
              R"({"count":1,"next":null,"previous":null,"results":[{"id":1,"name":"usb","description":null}]})");
    EXPECT_EQ(lab.get("/api/v0.2/tags/1/", "alice").body, R"({"id":1,"name":"usb","description":null})");
    EXPECT_EQ(lab.get("/api/v0.2/tags/2/", "alice").status, 404);
    EXPECT_EQ(lab.get("/api/v0.2/tags/").status, 403);
}

TEST_F(LabObjectsTest, TheSystemTellsWhatItIs) {
    lab.settings.version = "2026.07";
    EXPECT_EQ(lab.get("/api/v0.2/system/version").body, R"({"version":"2026.07"})");
    EXPECT_EQ(lab.get("/api/v0.2/system/").body, "");
    EXPECT_EQ(lab.get("/api/v0.3/").body, "{}");
    EXPECT_EQ(lab.get("/v1/healthz/").body, R"({"health": "good"})");
    const auto config = [this] { return lab.get("/api/v0.2/system/master_config/").body; };
    EXPECT_EQ(config(),
              R"({"EVENT_TOPIC":"org.lavasoftware","EVENT_SOCKET":"","EVENT_NOTIFICATION":true,"LOG_SIZE_LIMIT":5})");
    lab.settings.events.topic = "com.example";
    lab.settings.events.zmq = ZmqSettings{"tcp://*:5500"};
    EXPECT_EQ(config(), R"({"EVENT_TOPIC":"com.example","EVENT_SOCKET":"tcp://*:5500","EVENT_NOTIFICATION":true,)"
                        R"("LOG_SIZE_LIMIT":5})");
    EXPECT_EQ(*lab.get("/api/v0.2/").json().find("jobs"), config::Value{"http://lab.example/api/v0.2/jobs/"});
}

}  // namespace
}  // namespace patchbay
