// SPDX-License-Identifier: Apache-2.0
#include "devices/hardware.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/config/yaml.hpp"
#include "devices/description.hpp"
#include "devices/main_hardware.hpp"

namespace patchbay {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Read {
    std::vector<HardwareEntry> entries;
    std::vector<std::string> problems;
};

Read read(std::string_view text) {
    const auto value = config::parse_yaml(text);
    config::Problems problems{"board.yaml"};
    config::MapReader reader{value, "", problems};
    Read result;
    result.entries = read_hardware(reader, problems);
    result.problems = problems.lines();
    return result;
}

TEST(Hardware, OneOfAKindHasNoNameAndSeveralHave) {
    const auto board = read(R"(
hardware:
  console: {driver: command, command: telnet srv 7001}
  line:
    reset: {driver: command, on_command: a, off_command: b}
    recovery: {driver: gpio}
)");
    EXPECT_THAT(board.problems, ElementsAre());
    ASSERT_EQ(board.entries.size(), 3U);
    EXPECT_EQ(board.entries[0].kind, "console");
    EXPECT_EQ(board.entries[0].name, "");
    EXPECT_EQ(board.entries[0].options, (config::Map{{"command", "telnet srv 7001"}}));
    EXPECT_EQ(board.entries[1].name, "reset");
    EXPECT_EQ(board.entries[2].driver, "gpio");
    EXPECT_EQ(board.entries[2].path, "hardware.line.recovery");
}

TEST(Hardware, EveryMistakeHasItsLine) {
    const auto board = read(R"(hardware:
  power: 12
  cosnole: {driver: command}
  line:
    reset: {on_command: a}
)");
    EXPECT_THAT(board.problems,
                ElementsAre("board.yaml:2:10: hardware.power: must be a mapping with 'driver', or one of names to such "
                            "mappings",
                            "board.yaml:3:3: hardware: unknown capability 'cosnole'; there are console, power, line, "
                            "storage, network, audio",
                            "board.yaml:5:12: hardware.line.reset: missing key 'driver': the name of what gives this "
                            "capability"));
    EXPECT_THAT(read("hardware: [a]").problems, ElementsAre(HasSubstr("must be a mapping of capabilities")));
}

constexpr std::string_view lava_file = R"(
constants: {}
parameters: {}
timeouts: {}
actions: {boot: {methods: {minimal: null}}}
commands: {connect: telnet srv 7001}
)";

TEST(Hardware, TheConnectCommandOfALavaDeviceIsItsConsole) {
    const auto device = read_device(config::parse_yaml(lava_file), "board.yaml");
    ASSERT_EQ(device.hardware.size(), 1U);
    EXPECT_EQ(device.hardware[0].kind, "console");
    EXPECT_EQ(device.hardware[0].driver, "command");
    EXPECT_EQ(*device.hardware[0].options.find("command"), config::Value{"telnet srv 7001"});
    EXPECT_EQ(device.hardware[0].options.mark.line, 6);
}

TEST(Hardware, OfConsolesAndSuppliesOneIsTheMainOne) {
    const auto problems = [](const std::string& hardware) {
        const auto text = "hardware:\n" + hardware;
        const auto value = config::parse_yaml(text);
        config::Problems found{"board.yaml"};
        config::MapReader reader{value, "", found};
        check_main_ones(read_hardware(reader, found), found);
        return found.lines();
    };
    const std::string uart1 = "  console:\n    uart1: {driver: serial}\n";
    EXPECT_THAT(
        problems(uart1 + "  power:\n    a: {driver: gpio}\n    b: {driver: gpio}\n"),
        ElementsAre("board.yaml:3:12: hardware.console: none of them has the empty name, by which jobs and people "
                    "use the main one; call one '\"\"'",
                    ::testing::StartsWith("board.yaml:5:8: hardware.power: none of them has the empty name")));
    EXPECT_THAT(problems(uart1 + "    \"\": {driver: serial}\n"), ElementsAre());
    EXPECT_THAT(problems("  line: {reset: {driver: gpio}}\n  storage: {sd: {driver: sdwire}}\n"), ElementsAre());
}

TEST(Hardware, AConnectCommandIsTheMainConsoleBesideOnesWithNames) {
    const std::string named = "hardware: {console: {uart1: {driver: serial}}}\n";
    EXPECT_EQ(read_device(config::parse_yaml(std::string{lava_file} + named), "board.yaml").hardware.size(), 2U);
    const std::string machine =
        "constants: {}\nparameters: {}\ntimeouts: {}\nactions: {boot: {methods: {qemu: null}}}\n";
    EXPECT_EQ(read_device(config::parse_yaml(machine + named), "machine.yaml").hardware.size(), 1U);
    const std::string board =
        "constants: {}\nparameters: {}\ntimeouts: {}\nactions: {boot: {methods: {minimal: null}}}\n";
    try {
        read_device(config::parse_yaml(board + named), "board.yaml");
        ADD_FAILURE() << "nobody can use this console";
    } catch (const ConfigurationError& error) {
        EXPECT_THAT(error.what(), HasSubstr("board.yaml:5:29: hardware.console: none of them has the empty name"));
    }
}

TEST(Hardware, AConsoleOfItsOwnWinsOverTheConnectCommand) {
    const auto text = std::string{lava_file} + "hardware: {console: {driver: serial}}\n";
    const auto device = read_device(config::parse_yaml(text), "board.yaml");
    ASSERT_EQ(device.hardware.size(), 1U);
    EXPECT_EQ(device.hardware[0].driver, "serial");
}

}  // namespace
}  // namespace patchbay
