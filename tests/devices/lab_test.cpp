// SPDX-License-Identifier: Apache-2.0
#include "devices/lab.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>

#include "core/config/yaml.hpp"
#include "devices/description.hpp"

namespace patchbay {
namespace {

struct Read {
    std::vector<DeviceEntry> devices;
    std::vector<std::string> problems;
};

Read read(std::string_view text) {
    const auto value = config::parse_yaml(text);
    config::Problems problems{"lab.yaml"};
    config::MapReader reader{value, "", problems};
    Read result;
    result.devices = read_lab_devices(reader, problems);
    result.problems = problems.lines();
    return result;
}

TEST(LabDevices, ACountMakesNumberedMachinesWithAddressesOfTheirOwn) {
    const auto lab = read(R"(
devices:
- {name: qemu, count: 3, device_type: qemu, tags: [kvm, big], description: virtual, variables: {arch: x86_64, memory: 256}}
- {name: single}
- {name: board, driver: other, file: /etc/patchbay/board.yaml}
)");
    EXPECT_TRUE(lab.problems.empty()) << lab.problems.front();
    ASSERT_EQ(lab.devices.size(), 5U);
    EXPECT_EQ(lab.devices[0].name, "qemu-01");
    EXPECT_EQ(lab.devices[2].name, "qemu-03");
    EXPECT_EQ(lab.devices[0].tags, (std::vector<std::string>{"kvm", "big"}));
    EXPECT_EQ(lab.devices[3].name, "single");
    EXPECT_EQ(lab.devices[3].device_type, "qemu");
    EXPECT_EQ(lab.devices[4].file, "/etc/patchbay/board.yaml");
    std::set<std::string> addresses;
    for (int i = 0; i < 4; ++i)
        addresses.insert(config::python_str(*lab.devices[static_cast<std::size_t>(i)].variables.find("mac_addr")));
    EXPECT_EQ(addresses.size(), 4U);
    const auto device = read_device(render_device(lab.devices[1], {}), "qemu-02");
    EXPECT_EQ(device.name, "qemu-02");
}

TEST(LabDevices, MistakesAreListedTogether) {
    const auto lab = read(R"(
devices:
- {name: "a b"}
- {device_type: qemu}
- {name: x, count: 0}
- {name: y, count: 501}
- {name: z, colour: red}
- {name: z}
- {name: v, variables: []}
- {name: w, file: f, variables: {arch: arm64}}
)");
    ASSERT_EQ(lab.problems.size(), 8U) << [&] {
        std::string all;
        for (const auto& p : lab.problems) all += p + "\n";
        return all;
    }();
}

TEST(LabDevices, ASupplyThatNobodyCanUseIsAMistake) {
    const auto lab = read(R"(
devices:
- {name: a, device_type: b, hardware: {power: {left: {driver: gpio}, right: {driver: gpio}}}}
- {name: b, device_type: b, hardware: {power: {"": {driver: gpio}, right: {driver: gpio}}}}
- {name: c, device_type: b, dictionary: /etc/c.jinja2, hardware: {console: {uart1: {driver: serial}}}}
)");
    ASSERT_EQ(lab.problems.size(), 1U);
    EXPECT_NE(lab.problems[0].find("lab.yaml:3:54: devices[0].hardware.power: none of them has the empty name"),
              std::string::npos)
        << lab.problems[0];
}

TEST(LabDevices, VariablesThatNothingReadsAndValuesOfAnotherKindAreMistakes) {
    const auto problems = [](const std::string& variables) {
        std::string all;
        for (const auto& line : read("devices:\n- {name: vm, variables: {" + variables + "}}\n").problems)
            all += line + "\n";
        return all;
    };
    EXPECT_EQ(
        problems(
            "arch: arm64, cpu: max, machine: virt, memory: 1G, netdevice: user, extra_options: [-smp 2], no_kvm: true, "
            "guestfs_size: 64, guestfs_interface: virtio, accel: tcg, fixed: [memory, cpu], boot_retry: null, "
            "action_timeout_boot_qemu_image: 5, connection_timeout_feedback: 20, environment: {A: b}"),
        "");
    const std::pair<std::string, std::string> table[] = {
        {"memroy: 512", "memroy: unknown variable (did you mean 'memory'?)"},
        {"action_timeout_bot_qemu_image: 5", "unknown variable (did you mean 'action_timeout_boot_qemu_image'?)"},
        {"memory: lots", "memory: must be a size: 512, 2G"},
        {"spawn_maxread: 0", "spawn_maxread: must be a number, 1 or more"},
        {"guestfs_size: -1", "guestfs_size: must be a number, 0 or more"},
        {"no_kvm: maybe", "no_kvm: must be true or false"},
        {"accel: hvf", "accel: must be auto, kvm or tcg"},
        {"cpu: [a]", "cpu: must be a text"},
        {"fixed: [memroy]", "'memroy': unknown variable (did you mean 'memory'?)"},
        {"extra_options: {a: b}", "extra_options: must be a list of texts"},
        {"arch: pdp11", "unknown architecture 'pdp11'"},
    };
    for (const auto& [variables, text] : table) {
        EXPECT_NE(problems(variables).find(text), std::string::npos) << variables << " -> " << problems(variables);
        EXPECT_NE(problems(variables).find("lab.yaml:2:"), std::string::npos) << problems(variables);
    }
}

TEST(LabDevices, ADictionaryDescribesADevice) {
    const auto lab = read(R"(
devices:
- {name: bbb-01, device_type: beaglebone-black, dictionary: /etc/patchbay/devices/bbb-01.jinja2, tags: [usb]}
)");
    EXPECT_TRUE(lab.problems.empty()) << lab.problems.front();
    ASSERT_EQ(lab.devices.size(), 1U);
    EXPECT_EQ(lab.devices[0].dictionary, "/etc/patchbay/devices/bbb-01.jinja2");
    EXPECT_EQ(lab.devices[0].driver, "");
    EXPECT_TRUE(lab.devices[0].variables.empty());
    const std::pair<const char*, const char*> table[] = {
        {"{name: a, dictionary: a.jinja2}", "device_type: missing"},
        {"{name: a, device_type: b, dictionary: a.jinja2, file: a.yaml}",
         "file: is what a 'dictionary' is rendered to"},
        {"{name: a, device_type: b, dictionary: a.jinja2, variables: {memory: 1}}", "variables: are set in"},
        {"{name: a, device_type: b, dictionary: a.jinja2, driver: qemu}", "driver: is what the dictionary's template"},
    };
    for (const auto& [entry, problem] : table) {
        const auto bad = read("devices:\n- " + std::string{entry});
        ASSERT_EQ(bad.problems.size(), 1U) << entry;
        EXPECT_NE(bad.problems[0].find(problem), std::string::npos) << bad.problems[0];
    }
}

TEST(LabDevices, TheExampleLabIsRight) {
    std::ifstream file{PATCHBAY_SOURCE_DIR "/examples/lab.yaml"};
    const auto lab = read(std::string{std::istreambuf_iterator<char>{file}, {}});
    EXPECT_TRUE(lab.problems.empty()) << lab.problems.front();
    EXPECT_GT(lab.devices.size(), 3U);
}

TEST(LabDevices, WithoutAConfigurationThereAreTwoVirtualMachines) {
    const auto devices = default_lab_devices();
    ASSERT_EQ(devices.size(), 2U);
    EXPECT_EQ(devices[0].name, "qemu-01");
    EXPECT_EQ(devices[1].name, "qemu-02");
    EXPECT_EQ(devices[1].device_type, "qemu");
    EXPECT_NE(devices[0].variables, devices[1].variables);  // their MAC addresses
}

TEST(LabDevices, ADeviceWithoutTemplateNeedsAFile) {
    DeviceEntry entry;
    entry.name = "board";
    entry.driver = "gpio";
    EXPECT_THROW(render_device(entry, {}), ConfigurationError);
    entry.file = "/no/such/file";
    EXPECT_THROW(render_device(entry, {}), ConfigurationError);
}

}  // namespace
}  // namespace patchbay
