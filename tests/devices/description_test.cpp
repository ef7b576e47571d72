// SPDX-License-Identifier: Apache-2.0
#include "devices/description.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "core/config/yaml.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;

DeviceDescription read(std::string_view text) { return read_device(config::parse_yaml(text), "board01.yaml"); }

constexpr std::string_view board = R"(
hostname: board01
devicetype: myboard
commands:
  connections:
    uart0: {connect: telnet conserver 7001, tags: [primary, telnet]}
  hard_reset: [relay 3 off, sleep 2, relay 3 on]
  power_off: relay 3 off
  users:
    usb_on: {do: hub on 1, undo: [hub off 1, sleep 1]}
    touch: {do: [touch a]}
constants:
  posix: {lava_test_sh_cmd: /bin/sh}
  shutdown-message: going down
  boot_retry:
character_delays: {boot: 5, test: 10}
parameters:
  booti: {kernel: '0x40080000'}
environment: {LAB: here}
storage_info: [{SATA: /dev/sda}]
available_architectures: [arm64]
actions:
  deploy: {methods: {tftp: null}, connections: {serial: null}, parameters: {mkimage_arch: arm64}}
  boot:
    connections: {serial: null}
    methods: {minimal: null}
timeouts:
  actions: {power-off: {seconds: 10}, http-download: {minutes: 5, seconds: 1}}
  connections: {lava-test-shell: {seconds: 10}}
something_of_the_labs_own: 1
)";

TEST(DeviceFile, SaysWhatTheBoardIsAndHasEverythingTyped) {
    const auto device = read(board);
    EXPECT_EQ(device.name, "board01");
    EXPECT_EQ(device.device_type, "myboard");
    EXPECT_EQ(device.driver, "");
    EXPECT_EQ(device.commands.at("hard_reset").run, (std::vector<std::string>{"relay 3 off", "sleep 2", "relay 3 on"}));
    EXPECT_EQ(device.commands.at("power_off").run, (std::vector<std::string>{"relay 3 off"}));
    EXPECT_EQ(device.commands.count("users"), 0U);
    EXPECT_EQ(device.user_commands.at("usb_on").undo, (std::vector<std::string>{"hub off 1", "sleep 1"}));
    EXPECT_EQ(device.user_commands.at("touch").run, (std::vector<std::string>{"touch a"}));
    EXPECT_EQ(device.character_delays.boot, std::chrono::milliseconds{5});
    EXPECT_EQ(device.character_delays.deploy, std::chrono::milliseconds{0});
    EXPECT_EQ(device.action_timeouts.at("http-download"), std::chrono::seconds{301});
    EXPECT_EQ(device.connection_timeouts.at("lava-test-shell"), std::chrono::seconds{10});
    EXPECT_EQ(*device.constant("posix.lava_test_sh_cmd"), config::Value{"/bin/sh"});
    EXPECT_EQ(*device.constant("shutdown-message"), config::Value{"going down"});
    EXPECT_EQ(device.constant("shutdown-message.further"), nullptr);
    EXPECT_TRUE(device.deploy_methods.contains("tftp"));
    EXPECT_TRUE(device.deploy_parameters.contains("mkimage_arch"));
    EXPECT_TRUE(device.boot_methods.contains("minimal"));
    EXPECT_EQ(device.available_architectures, std::vector<std::string>{"arm64"});
    EXPECT_EQ(device.storage_info.size(), 1U);
}

std::vector<std::string> consoles_of(const DeviceDescription& device) {
    std::vector<std::string> consoles;
    for (const auto& entry : device.hardware) {
        if (entry.kind == "console")
            consoles.push_back(entry.name + "=" + config::python_str(*entry.options.find("command")));
    }
    return consoles;
}

TEST(DeviceFile, ThePrimaryConnectionIsTheConsoleAndTheOthersHaveTheirNames) {
    const std::string rest = "constants: {}\nparameters: {}\nactions: {}\ntimeouts: {}\n";
    EXPECT_EQ(consoles_of(read(board)), std::vector<std::string>{"=telnet conserver 7001"});
    EXPECT_EQ(consoles_of(read(rest +
                               "commands:\n  connections:\n    uart1: {connect: telnet b}\n    uart0: {connect: telnet "
                               "a, tags: [telnet, primary]}\n")),
              (std::vector<std::string>{"uart1=telnet b", "=telnet a"}));
    EXPECT_EQ(consoles_of(read(rest + "commands: {connect: telnet a}\n")), std::vector<std::string>{"=telnet a"});
    EXPECT_EQ(consoles_of(read(rest + "commands: {connections: {uart0: {connect: telnet a}}}\n")),
              std::vector<std::string>{"=telnet a"});
}

TEST(DeviceFile, EveryMistakeIsReportedAtOnceWithItsPlace) {
    try {
        read(
            "hostname: x\nconstants: 5\ncommands:\n  users: {a: b, c: {undo: d}}\nactions: {}\ntimeouts: {actions: {x: "
            "5}}\n");
        FAIL();
    } catch (const ConfigurationError& error) {
        const std::string text = error.what();
        for (const auto* part : {"constants", "parameters", "users.a", "users.c", "timeouts.actions"}) {
            EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
        }
        EXPECT_NE(text.find("board01.yaml:2:"), std::string::npos) << text;
    }
    EXPECT_THROW(read("[]"), ConfigurationError);
    EXPECT_THROW(read("5"), ConfigurationError);
}

TEST(DeviceFile, ATimeOutOfNothingIsTheDefaultAndAHugeOneIsAYear) {
    const auto device = read(
        "constants: {}\nparameters: {}\nactions: {}\ntimeouts:\n  actions:\n    zero: {minutes: 0}\n    huge: {days: "
        "9223372036854775807, seconds: 9223372036854775807}\n    sum: {minutes: 2, seconds: 5}\n");
    EXPECT_EQ(device.action_timeouts.at("zero"), std::chrono::seconds{30});
    EXPECT_EQ(device.action_timeouts.at("huge"), std::chrono::days{366});
    EXPECT_EQ(device.action_timeouts.at("sum"), std::chrono::seconds{125});
}

TEST(DeviceFile, AConsoleThatIsReadInStepsOfNothingIsRefusedWithItsLine) {
    for (const std::string wrong : {"0", "'0'", "-5", "lots", "'4092 '", "99999999999999999999"}) {
        try {
            read("parameters: {}\nactions: {}\ntimeouts: {}\nconstants:\n  spawn_maxread: " + wrong + "\n");
            ADD_FAILURE() << wrong;
        } catch (const ConfigurationError& error) {
            EXPECT_EQ(error.what(),
                      std::string{"board01.yaml:5:18: constants.spawn_maxread: must be a whole number, 1 or more"});
        }
    }
}

TEST(DeviceFile, EveryRenderedFileOfRealLabsIsRead) {
    const char* corpus = std::getenv("PATCHBAY_CORPUS");
    if (corpus == nullptr) GTEST_SKIP() << "set PATCHBAY_CORPUS to the folder of real device files";
    int files = 0, qemu = 0;
    for (const auto& entry : fs::directory_iterator{fs::path{corpus} / "devices/rendered"}) {
        if (entry.path().extension() != ".yaml") continue;
        std::ifstream file{entry.path()};
        const std::string text{std::istreambuf_iterator<char>{file}, {}};
        const auto value = config::parse_yaml(text);
        if (!value.is_map()) continue;  // a dictionary that extends no template renders to nothing
        ++files;
        try {
            const auto device = read_device(value, entry.path().filename());
            qemu += device.driver == "qemu" ? 1 : 0;
        } catch (const std::exception& error) {
            ADD_FAILURE() << entry.path().filename() << ": " << error.what();
        }
    }
    EXPECT_GT(files, 150);
    EXPECT_GT(qemu, 10);
}

}  // namespace
}  // namespace patchbay
