// SPDX-License-Identifier: Apache-2.0
// Aliases of device types: kept over REST, and what a job that asks for one becomes.
#include "tests/daemon/api/smoke_lab.hpp"

namespace patchbay {
namespace {

using namespace testing;

class AliasesTest : public ApiTest {
protected:
    const std::string aliases = "/api/v0.2/aliases/";
    ApiAnswer create(const std::string& json, const std::string& who = "root") {
        return lab.post(aliases, "application/json", json, who);
    }
    ApiAnswer change(std::string_view method, const std::string& name, const std::string& json) {
        return lab.send(method, aliases + name + "/", lab.authorization("root") + "Content-Type: application/json\r\n",
                        json);
    }
};

TEST_F(AliasesTest, TheyAreMadeReadMovedAndRemoved) {
    const auto made = create(R"({"name": "imx6q-sabrelite.dtb", "device_type": "board"})");
    EXPECT_EQ(made.status, 201);
    EXPECT_EQ(made.body, R"({"name":"imx6q-sabrelite.dtb","device_type":"board"})");
    EXPECT_EQ(lab.get(aliases + "imx6q-sabrelite.dtb/", "alice").body, made.body);
    EXPECT_EQ(*lab.get("/api/v0.2/devicetypes/board/").json().find("aliases"),
              (config::Value{config::List{"imx6q-sabrelite.dtb"}}));
    EXPECT_EQ(column(lab.get("/api/v0.2/devicetypes/?alias__name__startswith=imx6q"), "name"), (Texts{"board"}));
    EXPECT_EQ(change("PATCH", "imx6q-sabrelite.dtb", R"({"device_type": "qemu"})").body,
              R"({"name":"imx6q-sabrelite.dtb","device_type":"qemu"})");
    EXPECT_EQ(change("PUT", "imx6q-sabrelite.dtb", "{}").body, R"({"device_type":["This field is required."]})");
    create(R"({"name": "x86", "device_type": "qemu"})");
    EXPECT_EQ(column(lab.get(aliases + "?ordering=-name", "alice"), "name"), (Texts{"x86", "imx6q-sabrelite.dtb"}));
    EXPECT_EQ(column(lab.get(aliases + "?name__contains=sabre", "alice"), "device_type"), (Texts{"qemu"}));
    EXPECT_EQ(change("DELETE", "x86", "").status, 204);
    EXPECT_EQ(change("DELETE", "x86", "").status, 404);
    EXPECT_EQ(*lab.get(aliases, "alice").json().find("count"), config::Value{1});
}

TEST_F(AliasesTest, WhatCannotBeAnAliasIsNamed) {
    create(R"({"name": "x86", "device_type": "qemu"})");
    const std::pair<std::string, std::string> table[] = {
        {R"({"device_type": "qemu"})", R"({"name":["This field is required."]})"},
        {R"({"name": "x"})", R"({"device_type":["This field is required."]})"},
        {R"({"name": "x", "device_type": "toaster"})",
         R"({"device_type":["Invalid pk \"toaster\" - object does not exist."]})"},
        {R"({"name": "x86", "device_type": "board"})", R"({"name":["alias with this name already exists."]})"},
        {R"({"name": "board", "device_type": "qemu"})", R"({"name":["a device type has this name already."]})"},
        {R"({"name": ")" + std::string(201, 'x') + R"(", "device_type": "qemu"})",
         R"({"name":["Ensure this field has no more than 200 characters."]})"},
    };
    for (const auto& [json, answer] : table) {
        EXPECT_EQ(create(json).status, 400) << json;
        EXPECT_EQ(create(json).body, answer) << json;
    }
    EXPECT_EQ(create(R"({"name": "x", "device_type": "qemu"})", "alice").status, 403);
    EXPECT_EQ(lab.get(aliases).status, 403) << "not for everybody, as in LAVA";
}

TEST_F(AliasesTest, AJobThatAsksForAnAliasGetsItsType) {
    create(R"({"name": "x86", "device_type": "qemu"})");
    auto text = definition();
    text.replace(text.find("device_type: qemu"), 17, "device_type: x86 ");
    const auto answer = lab.post_definition("/api/v0.2/jobs/", text, "alice");
    ASSERT_EQ(answer.status, 201) << answer.body;
    const auto job = lab.get("/api/v0.2/jobs/1/").json();
    EXPECT_EQ(*job.find("requested_device_type"), config::Value{"qemu"});
    EXPECT_THAT(*job.find("original_definition")->as_string(), HasSubstr("device_type: x86"));
    EXPECT_EQ(*lab.get("/api/v0.2/jobs/?requested_device_type=qemu").json().find("count"), config::Value{1});
    EXPECT_EQ(lab.get("/api/v0.2/jobs/?requested_device_type=x86").status, 400) << "jobs are listed by their type";
    EXPECT_EQ(lab.post("/api/v0.2/jobs/1/resubmit/", "application/json", "{}", "alice").status, 201);
    text.replace(text.find("device_type: x86"), 16, "device_type: x87");
    EXPECT_EQ(lab.post_definition("/api/v0.2/jobs/", text, "alice").body,
              R"({"message":"Devices unavailable: Device type 'x87' is unavailable."})");
}

}  // namespace
}  // namespace patchbay
