// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "core/config/yaml.hpp"
#include "jobs/overlay/shell_text.hpp"

namespace patchbay {
namespace {

OverlayDefinition definition_of(const std::string& entry, const std::string& file, const std::string& distro = "") {
    OverlayDefinition definition;
    definition.source = read_test_definition_source(config::parse_yaml(entry));
    definition.definition = read_test_definition(file, "t.yaml", distro);
    definition.id = "0_smoke";
    definition.directory = "/lava-42/0/tests/0_smoke";
    definition.uuid = "42_1.1.3.1";
    return definition;
}

constexpr auto git_entry = "{from: git, repository: http://x/y, path: t.yaml, name: smoke}";

TEST(RunScript, HasItsStatementsInLavasOrder) {
    const auto definition = definition_of(
        "{from: git, repository: http://x/y, path: t.yaml, name: smoke, parameters: {WORD: job}, params: {EXTRA: 1}}",
        "params: {WORD: own, NONE: null}\nparameters: {FLAG: true}\nrun:\n  steps:\n  - echo $WORD\n  -\n  - "
        "lava-test-case "
        "a --shell 'echo $1 $12 $x $1x'\n  - echo $1\n");
    EXPECT_EQ(run_script({}, definition),
              "# parameters of the test definition\n"
              "WORD='own'\nNONE=''\nFLAG='True'\n"
              "# end\n"
              "# parameters of the job\n"
              "WORD='job'\nEXTRA='1'\n"
              "# end\n"
              "set -e\nset -x\n"
              "export TESTRUN_ID=0_smoke\n"
              "cd /lava-42/0/tests/0_smoke\n"
              "UUID='42_1.1.3.1'\n"
              "set +x\n"
              "echo \"<LAVA_SIGNAL_STARTRUN $TESTRUN_ID $UUID>\"\n"
              "set -x\n"
              "echo $WORD\n"
              "lava-test-case a --shell 'echo \\$1 \\$12 $x $1x'\n"
              "echo $1\n"
              "set +x\n"
              "echo \"<LAVA_SIGNAL_ENDRUN $TESTRUN_ID $UUID>\"\n");
}

TEST(RunScript, WaitsForSlowConsolesAndSpeaksThroughTheKernelLog) {
    OverlaySettings settings;
    settings.character_delay = std::chrono::milliseconds{50};
    const auto definition = definition_of(
        "{from: git, repository: http://x/y, path: t.yaml, name: smoke, lava-signal: kmsg}", "run: {steps: [true]}");
    EXPECT_EQ(run_script(settings, definition),
              "# parameters of the test definition\n# end\n# parameters of the job\n# end\n"
              "set -e\nset -x\n"
              "export TESTRUN_ID=0_smoke\n"
              "cd /lava-42/0/tests/0_smoke\n"
              "UUID='42_1.1.3.1'\n"
              "set +x\n"
              "export CHARACTER_DELAY=0.050\nsleep 0.050\n"
              "# USE_KMSG\nexport KMSG=true\n"
              "echo \"<0><LAVA_SIGNAL_STARTRUN $TESTRUN_ID $UUID>\" > /dev/kmsg\n"
              "set -x\n"
              "True\n"
              "set +x\n"
              "unset KMSG\n"
              "echo \"<0><LAVA_SIGNAL_ENDRUN $TESTRUN_ID $UUID>\" > /dev/kmsg\n");
}

TEST(InstallScript, HasItsStatementsInLavasOrder) {
    constexpr auto file =
        "install:\n  keys: [k1, k2]\n  sources: [ppa:x]\n  deps: [curl, jq]\n  deps-debian: [apt-only]\n"
        "  steps: [./configure, make]\n";
    EXPECT_EQ(install_script(definition_of(git_entry, file, "debian")),
              "# parameters of the test definition\n# end\n# parameters of the job\n# end\n"
              "lava-add-keys k1\nlava-add-keys k2\n"
              "lava-add-sources ppa:x\n"
              "lava-install-packages curl jq apt-only \n"
              "cd /lava-42/0/tests/0_smoke\npwd\n./configure\nmake\n");
}

TEST(InstallScript, LeavesOutWhatTheJobSkips) {
    constexpr auto file = "install: {keys: [k], sources: [s], deps: [d], steps: [x]}";
    const std::string start = "# parameters of the test definition\n# end\n# parameters of the job\n# end\n";
    const auto with = [&](const std::string& skip) {
        return install_script(
                   definition_of(
                       "{from: git, repository: http://x/y, path: t.yaml, name: smoke, skip_install: [" + skip + "]}",
                       file))
            .substr(start.size());
    };
    EXPECT_EQ(with("all"), "");
    EXPECT_EQ(with("keys, sources"), "lava-install-packages d \ncd /lava-42/0/tests/0_smoke\npwd\nx\n");
    EXPECT_EQ(with("deps, steps"), "lava-add-keys k\nlava-add-sources s\n");
}

TEST(Parameters, AreQuotedAsLavaDoesUnlessThatBreaksTheScript) {
    const auto lines = parameter_lines({{"A", "plain"}, {"B", "it's"}, {"C", "a' 'b"}, {"D", 1.5}, {"E", nullptr}});
    EXPECT_EQ(lines, (std::vector<std::string>{"A='plain'", "B='it'\\''s'", "C='a' 'b'", "D='1.5'", "E=''"}));
}

}  // namespace
}  // namespace patchbay
