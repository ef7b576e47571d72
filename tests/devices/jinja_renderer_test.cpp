// SPDX-License-Identifier: Apache-2.0
#include "devices/jinja/renderer.hpp"

#include <gmock/gmock.h>

#include <sys/stat.h>

#include <fstream>

#include "core/config/yaml.hpp"
#include "core/errors.hpp"
#include "tests/support/temporary_folder.hpp"

namespace patchbay {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class JinjaRenderer : public ::testing::Test {
protected:
    void put(const std::string& name, const std::string& text) { std::ofstream{folder / name} << text; }

    std::vector<Rendering> all(const std::vector<std::string>& texts, config::Map context = {}) {
        std::vector<Dictionary> dictionaries;
        for (const auto& text : texts) dictionaries.push_back({"board.jinja2", text, context, "board-01", "board"});
        return render_dictionaries_now(templates, std::move(dictionaries));
    }
    Rendering one(const std::string& text, config::Map context = {}) { return all({text}, std::move(context)).at(0); }
    std::string text(const std::string& dictionary, config::Map context = {}) {
        const auto made = one(dictionary, std::move(context));
        EXPECT_EQ(made.problem, "");
        return made.text;
    }

    testing::TemporaryFolder folder;
    Templates templates{{folder.path}, {}};
};

TEST_F(JinjaRenderer, ADictionaryFillsTheTemplateItExtends) {
    put("base.jinja2", "commands:\n{% block commands %}\n  connect: {{ connection_command }}\n{% endblock %}\n");
    put("type.jinja2",
        "{% extends 'base.jinja2' %}\n{% block commands %}\n{{ super() }}\n  hard_reset: {{ reset }}\n{% endblock "
        "%}\n");
    const auto made =
        one("{% extends 'type.jinja2' %}\n{% set connection_command = 'telnet a 1' %}\n{% set reset = "
            "['off', 'on'] %}\n");
    EXPECT_EQ(rendered_value(made, "board"),
              config::parse_yaml("commands: {connect: telnet a 1, hard_reset: ['off', 'on']}"));
}

TEST_F(JinjaRenderer, VariablesWinAsInLava) {
    put("type.jinja2", "{% set a = a|default('type') %}{% set b = 'type' %}a: {{ a }}\nb: {{ b }}\nc: {{ c }}\n");
    const config::Map job{{"a", "job"}, {"b", "job"}, {"c", "job"}};
    EXPECT_EQ(text("{% extends 'type.jinja2' %}{% set a = 'board' %}{% set c = c|default('board') %}", job),
              "a: board\nb: type\nc: job");
    EXPECT_EQ(text("{% extends 'type.jinja2' %}", job), "a: job\nb: type\nc: job");
}

TEST_F(JinjaRenderer, ValuesPrintAsPythonPrintsThem) {
    EXPECT_EQ(text("{{ ['a', 1, 2.5, True, None, {'k': 'v'}] }} {{ nothing }}|{{ job }}",
                   {{"job", config::List{1, "x", nullptr, true}}}),
              "['a', 1, 2.5, True, None, {'k': 'v'}] |[1, 'x', None, True]");
}

TEST_F(JinjaRenderer, LavasFiltersAndVariablesAreThere) {
    EXPECT_EQ(text("{{ ['a: b']|yaml_quote }} {{ 'x\"'|yaml_quote }} {{ 'a b'|shlex_quote }}"),
              "[\"a: b\"] \"x\\\"\" 'a b'");
    EXPECT_EQ(text("{{ 'arm64'|qemu_guest_fs_interface(none) }} {{ 'amd64'|qemu_guest_fs_interface(no) }} {{ "
                   "'arm'|qemu_guest_fs_interface('sd') }}"),
              "virtio ide sd");
    EXPECT_EQ(text("{{ scheduled_device_name }} {{ scheduled_device_type }}"), "board-01 board");
}

TEST_F(JinjaRenderer, LinesOfBlocksAreTrimmedAndNothingIsEscaped) {
    EXPECT_EQ(text("a: 1\n{% if true %}\nb: <&>\n{% endif %}\nc: 3\n"), "a: 1\nb: <&>\nc: 3");
    EXPECT_EQ(text("  {% for i in [1, 2] %}\n  - {{ i }}\n  {% endfor %}"), "    - 1\n    - 2\n  ");
}

TEST_F(JinjaRenderer, WhatWasUploadedGoesBeforeTheFoldersAndTheirOrderCounts) {
    testing::TemporaryFolder shipped;
    templates.folders.push_back(shipped.path);
    put("a.jinja2", "own");
    std::ofstream{shipped / "a.jinja2"} << "shipped";
    std::ofstream{shipped / "b.jinja2"} << "shipped";
    EXPECT_EQ(text("{% include 'a.jinja2' %} {% include 'b.jinja2' %}"), "own shipped");
    templates.uploaded["a.jinja2"] = "uploaded";
    EXPECT_EQ(text("{% include 'a.jinja2' %} {% include 'b.jinja2' %}"), "uploaded shipped");
}

TEST_F(JinjaRenderer, ANameMayBeComputed) {
    put("base-uboot.jinja2", "u-boot");
    EXPECT_EQ(text("{% set kind = 'uboot' %}{% include 'base-' ~ kind ~ '.jinja2' %}"), "u-boot");
    EXPECT_EQ(text("{% extends kind %}", {{"kind", "base-uboot.jinja2"}}), "u-boot");
}

TEST_F(JinjaRenderer, MistakesAreNamedWithTemplateAndLine) {
    put("type.jinja2", "a: 1\nb: {{ x.y }}\n");
    put("broken.jinja2", "a: 1\n{% if %}\n");
    put("lost.jinja2", "\n{% extends 'base.jinja2' %}");
    const auto made = all({"{% extends 'type.jinja2' %}", "{% extends 'broken.jinja2' %}", "\n{% set x = %}",
                           "{% extends 'lost.jinja2' %}", "{{ 1 / 0 }}", "{{ 'a'|nofilter }}", "good: true"});
    EXPECT_EQ(made[0].problem, "type.jinja2:2: 'x' is undefined");
    EXPECT_THAT(made[1].problem, StartsWith("broken.jinja2:2: "));
    EXPECT_THAT(made[2].problem, StartsWith("board.jinja2:2: "));
    EXPECT_THAT(made[3].problem, StartsWith("lost.jinja2:2: there is no template 'base.jinja2'; put it into "));
    EXPECT_EQ(made[3].missing, "base.jinja2");
    EXPECT_EQ(made[4].problem, "board.jinja2:1: division by zero");
    EXPECT_THAT(made[5].problem, HasSubstr("board.jinja2:1: No filter named 'nofilter'"));
    EXPECT_EQ(made[6].text, "good: true");
}

TEST_F(JinjaRenderer, ADeviceFileThatIsNoYamlIsNamed) {
    const auto made = one("commands:\n  connect: telnet: {{ 1 }}\n");
    try {
        rendered_value(made, "board.jinja2");
        FAIL();
    } catch (const ConfigurationError& error) {
        EXPECT_THAT(error.what(), StartsWith("board.jinja2: what it is rendered to is no YAML: line 2: "));
    }
}

TEST_F(JinjaRenderer, NoFileOutsideOfTheFoldersIsRead) {
    std::ofstream{folder.path.string() + "-secret.jinja2"} << "secret";
    const auto secret = folder.path.string() + "-secret.jinja2";
    const auto beside = "../" + folder.path.filename().string() + "-secret.jinja2";
    for (const auto& name : {secret, beside, std::string{"/etc/passwd"}}) {
        const auto made = all({"{% include '" + name + "' %}", "{% include 'x' ~ n %}{% include n %}"}, {{"n", name}});
        EXPECT_EQ(made[0].missing, name);
        EXPECT_NE(made[1].problem, "");
    }
    std::filesystem::remove(secret);
}

TEST_F(JinjaRenderer, TheSandboxHidesPython) {
    for (const auto& made : all({"{{ ''.__class__.__mro__ }}", "{{ (x|default({})).__class__.__base__ }}",
                                 "{% for a in cycler.__init__.__globals__ %}{{ a }}{% endfor %}{{ cycler.__init__.x }}",
                                 "{{ lipsum.__globals__.os.getpid() }}"})) {
        EXPECT_EQ(made.text, "");
        EXPECT_NE(made.problem, "");
    }
}

TEST_F(JinjaRenderer, WhatUsesUpAMachineCostsItselfAlone) {
    put("me.jinja2", "{% extends 'me.jinja2' %}");
    const auto made = all({"{{ 'a' * 10 ** 11 }}", "{{ 10 ** (10 ** 9) }}", "{% extends 'me.jinja2' %}",
                           "{% for i in range(99999) %}{{ 'aaaaaaaaaaaaaaaaaaaaaaaaa' }}{% endfor %}", "fine"});
    EXPECT_THAT(made[0].problem, HasSubstr("needs more than 512 MiB of memory"));
    EXPECT_THAT(made[1].problem, HasSubstr("takes more than 5 s of processor time"));
    EXPECT_THAT(made[2].problem, HasSubstr("in a circle"));
    EXPECT_THAT(made[3].problem, HasSubstr("makes more than 1048576 characters"));
    EXPECT_EQ(made[4].text, "fine");
}

TEST_F(JinjaRenderer, FilesThatAreNoTemplatesAreNamed) {
    put("latin.jinja2", "caf\xe9");
    put("large.jinja2", std::string(longest_template + 1, 'a'));
    ASSERT_EQ(::mkfifo((folder / "pipe.jinja2").c_str(), 0600), 0);
    const auto made =
        all({"{% include 'latin.jinja2' %}", "{% include 'large.jinja2' %}", "{% include 'pipe.jinja2' %}"});
    EXPECT_THAT(made[0].problem, HasSubstr("template 'latin.jinja2' is not UTF-8"));
    EXPECT_THAT(made[1].problem, HasSubstr("template 'large.jinja2' is larger than"));
    EXPECT_EQ(made[2].missing, "pipe.jinja2");
}

TEST_F(JinjaRenderer, NothingIsNoWork) { EXPECT_TRUE(render_dictionaries_now(templates, {}).empty()); }

}  // namespace
}  // namespace patchbay
