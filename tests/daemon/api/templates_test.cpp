// SPDX-License-Identifier: Apache-2.0
// LAVA's device files over REST: templates, dictionaries, and what they are rendered to.
#include <fstream>

#include "devices/jinja/renderer.hpp"
#include "tests/daemon/api/smoke_lab.hpp"
#include "tests/daemon/store/lab_of_groups.hpp"

namespace patchbay::testing {
namespace {

constexpr auto good_template =
    "commands: {hard_reset: {{ reset }}}\nconstants: {}\nparameters: {memory: '{{ memory }}'}\nactions: {}\ntimeouts: "
    "{}\n";

class TemplatesTest : public ApiTest {
protected:
    TemplatesTest() {
        lab.settings.templates = {folder.path};
        put("board-03.jinja2", "{% extends 'board.jinja2' %}\n{% set reset = 'relay 3' %}\n");
        auto device = a_device("board-03", "board");
        DeviceEntry entry;
        entry.name = "board-03";
        entry.driver = "";
        entry.dictionary = (folder / "board-03.jinja2").string();
        device.configuration = format_device_configuration(entry);
        lab.lab.add_devices({device, a_device("qemu-01")});
    }

    void put(const std::string& name, const std::string& text) { std::ofstream{folder / name} << text; }
    ApiAnswer set(const std::string& target, const std::string& key, const std::string& text,
                  const std::string& who = "root") {
        const auto body = config::dump_json(config::Value{config::Map{{key, text}}});
        return lab.post("/api/v0.2/" + target, "application/json", body, who);
    }
    std::string rendered(const std::string& context = {}) {
        return lab.get("/api/v0.2/" + dictionary + "?render=true" + (context.empty() ? "" : "&context=" + context))
            .body;
    }
    std::string validated(const std::string& text) {
        const auto answer = lab.post("/api/v0.2/devices/validate/", "text/plain", text, "root");
        return *answer.json().find("message")->as_string();
    }

    TemporaryFolder folder;
    const std::string dictionary = "devices/board-03/dictionary/";
    const std::string types = "devicetypes/board/template/";
};

TEST_F(TemplatesTest, ADictionaryIsRenderedOverTheTemplateOfAFolderOrTheUploadedOne) {
    EXPECT_THAT(rendered(), HasSubstr("there is no template 'board.jinja2'"));
    put("board.jinja2", good_template);
    const auto device = config::parse_yaml(rendered());
    EXPECT_EQ(*device.find("hostname"), config::Value{"board-03"});
    EXPECT_EQ(*device.find("commands"), (config::Map{{"hard_reset", "relay 3"}}));
    EXPECT_EQ(*config::parse_yaml(rendered("%7Bmemory%3A%20512%7D")).find("parameters"),
              (config::Map{{"memory", "512"}}));
    EXPECT_EQ(lab.get("/api/v0.2/" + types).body, good_template);

    const std::string own = std::string{good_template} + "environment: {OWN: 'yes'}\n";
    EXPECT_EQ(set(types, "template", own).status, 204);
    EXPECT_EQ(*config::parse_yaml(rendered()).find("environment"), (config::Map{{"OWN", "yes"}}));
    const auto shown = lab.get("/api/v0.2/" + types);
    EXPECT_EQ(shown.body, own);
    EXPECT_EQ(shown.content_type, "application/yaml");
    EXPECT_EQ(shown.headers.at("Content-Disposition"), "attachment; filename=board.jinja2");
}

TEST_F(TemplatesTest, AnUploadedDictionaryGoesBeforeItsFileUntilItIsTheSame) {
    put("board.jinja2", good_template);
    const std::string own = "{% extends 'board.jinja2' %}\n{% set reset = 'pdu 1 cycle' %}\n";
    const auto answer = set(dictionary, "dictionary", own);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, R"({"message":"device config successfully updated"})");
    EXPECT_EQ(lab.get("/api/v0.2/" + dictionary).body, own);
    EXPECT_THAT(rendered(), HasSubstr("pdu 1 cycle"));
    const std::string file = "{% extends 'board.jinja2' %}\n{% set reset = 'relay 3' %}\n";
    EXPECT_EQ(set(dictionary, "dictionary", file).status, 200);
    put("board-03.jinja2", file + "{# later #}\n");
    EXPECT_THAT(lab.get("/api/v0.2/" + dictionary).body, HasSubstr("later"));
}

TEST_F(TemplatesTest, WhatCannotBeUsedIsRefusedWithItsPlace) {
    put("board.jinja2", good_template);
    EXPECT_THAT(set(dictionary, "dictionary", "{% extends 'board.jinja2' %}\n{% set %}").body,
                HasSubstr("board-03.jinja2:2: "));
    EXPECT_THAT(set(dictionary, "dictionary", "a: 1").body, HasSubstr("constants: missing"));
    EXPECT_EQ(set(dictionary, "dictionary", "{% extends 'comes-later.jinja2' %}").status, 200);
    EXPECT_THAT(set(types, "template", "a\n{% endif %}").body, HasSubstr("board.jinja2:2: "));
    EXPECT_EQ(set(types, "template", "").status, 400);
    EXPECT_EQ(set(types, "template", "{{ x.y.z }}").status, 204) << "only a dictionary says what x is";
    EXPECT_EQ(set(dictionary, "dictionary", std::string(longest_template + 1, 'x')).status, 400);
    EXPECT_EQ(set(dictionary, "dictionary", "x", "alice").status, 403);
    EXPECT_EQ(set(types, "template", "x", "alice").status, 403);
    EXPECT_THAT(set("devices/qemu-01/dictionary/", "dictionary", "x").body, HasSubstr("configuration file (devices)"));
}

TEST_F(TemplatesTest, OnlySuperusersUpload) {
    grant_everywhere(lab.lab, alice, "lava_scheduler_app.change_device");
    EXPECT_EQ(set(dictionary, "dictionary", "x", "alice").status, 403);
    EXPECT_THAT(set(types, "template", "x", "alice").body, HasSubstr("only superusers may upload"));
}

TEST_F(TemplatesTest, AContextThatReachesForTheHostIsRefused) {
    put("board.jinja2", good_template);
    const auto answer = lab.get("/api/v0.2/" + dictionary + "?render=1&context=%7Breset%3A%20x%7D");
    EXPECT_EQ(answer.status, 200) << "the dictionary's own value wins";
    put("board-03.jinja2", "{% extends 'board.jinja2' %}\n{% set reset = reset|default('relay 3') %}\n");
    EXPECT_THAT(rendered("%7Breset%3A%20x%7D"), HasSubstr("changes 'commands' of device board-03"));
}

TEST_F(TemplatesTest, DictionariesOverTemplatesAreValidated) {
    put("board.jinja2", good_template);
    EXPECT_EQ(validated("{% extends 'board.jinja2' %}{% set reset = ['a', 'b']|join(',') %}"),
              "Device dictionary valid.");
    EXPECT_EQ(validated("{% extends 'nope.jinja2' %}"), "Device dictionary invalid: nope.jinja2");
    EXPECT_THAT(validated("{% extends 'board.jinja2' %}\n{{ a.b }}{% set x = a.b %}"),
                HasSubstr("Device dictionary invalid: dictionary:2: 'a' is undefined"));
    EXPECT_EQ(validated("{% extends 'qemu.jinja2' %}{% set memory = 512 %}"), "Device dictionary valid.");
    put("qemu.jinja2", std::string{good_template} + "{{ need.this }}");
    EXPECT_THAT(validated("{% extends 'qemu.jinja2' %}{% set memory = 512 %}"), HasSubstr("'need' is undefined"));
}

}  // namespace
}  // namespace patchbay::testing
