// SPDX-License-Identifier: Apache-2.0
#include "devices/qemu_template.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "core/config/yaml.hpp"
#include "core/errors.hpp"
#include "devices/description.hpp"

namespace patchbay {
namespace {

using config::List;
using config::Map;
using config::Value;

DeviceDescription device(const Map& variables, const Map& context = {}) {
    return read_device(render_qemu(variables, context, "qemu-01", "qemu"), "qemu-01");
}

std::string options(const DeviceDescription& device) {
    const auto* parameters = device.boot_methods.find("qemu")->find("parameters");
    std::string line = config::python_str(*parameters->find("command"));
    for (const auto* key : {"options", "extra"}) {
        if (const auto* list = parameters->find(key)) {
            for (const auto& piece : *list->as_list()) line += " " + config::python_str(piece);
        }
    }
    return line;
}

Map one(std::string key, Value value) {
    Map map;
    map.set(std::move(key), std::move(value));
    return map;
}

TEST(QemuTemplate, AMachineWithNothingSaidIsLavasDefault) {
    const auto machine = device({});
    EXPECT_EQ(machine.name, "qemu-01");
    EXPECT_EQ(machine.device_type, "qemu");
    EXPECT_EQ(machine.driver, "qemu");
    EXPECT_EQ(
        options(machine),
        "qemu-system-x86_64 -nographic -net nic,model=virtio,macaddr=52:54:00:12:34:58 -net user -m 512 -monitor none");
    EXPECT_EQ(machine.action_timeouts.at("auto-login-action"), std::chrono::minutes{2});
    EXPECT_EQ(machine.action_timeouts.at("power-off"), std::chrono::seconds{10});
    EXPECT_EQ(machine.connection_timeouts.at("lava-test-shell"), std::chrono::seconds{10});
    EXPECT_EQ(machine.action_timeouts.size(), 24U);
    EXPECT_EQ(machine.connection_timeouts.size(), 8U);
    EXPECT_EQ(*machine.constant("posix.lava_test_results_dir"), Value{"/lava-%s"});
    EXPECT_EQ(*machine.constant("kernel-start-message"), Value{"Linux version [0-9]"});
    EXPECT_EQ(*machine.constant("failure_retry"), Value{1});
    EXPECT_TRUE(machine.constant("boot_retry")->is_null());
    EXPECT_EQ(machine.constant("posix.no-such"), nullptr);
    EXPECT_TRUE(machine.deploy_methods.contains("image"));
    EXPECT_TRUE(machine.boot_methods.contains("qemu-nfs"));
}

TEST(QemuTemplate, EveryArchitectureHasItsProgramAndMachine) {
    const std::vector<std::pair<std::string, std::string>> table{
        {"amd64", "qemu-system-x86_64 -nographic"},
        {"i386", "qemu-system-i386 -cpu core2duo -machine pc -nographic"},
        {"arm64", "qemu-system-aarch64 -cpu cortex-a57 -machine virt -nographic"},
        {"aarch64", "qemu-system-aarch64 -cpu cortex-a57 -machine virt -nographic"},
        {"arm", "qemu-system-arm -cpu cortex-a15 -machine virt -nographic"},
        {"riscv64", "qemu-system-riscv64 -cpu rv64 -machine virt -nographic"},
    };
    for (const auto& [arch, expected] : table) {
        EXPECT_TRUE(options(device(one("arch", arch))).starts_with(expected)) << options(device(one("arch", arch)));
    }
}

TEST(QemuTemplate, AJobsContextRaisesWhatLavaLetsItRaise) {
    Map context = one("memory", 2048);
    context.set("cpu", "max,pauth-impdef=on");
    context.set("machine", "virt,gic-version=3");
    context.set("arch", "arm64");
    context.set("guestfs_size", 1024);
    context.set("extra_options", List{"-smp", "4", "-device virtio-rng-pci"});
    context.set("test_character_delay", 20);
    context.set("kernel_start_message", "");
    context.set("lava_test_results_dir", "/tmp/lava-%s");
    context.set("uboot_altbank", true);  // another device's business
    const auto machine = device(one("memory", 512), context);
    EXPECT_EQ(
        options(machine),
        "qemu-system-aarch64 -cpu max,pauth-impdef=on -machine virt,gic-version=3 -nographic -net "
        "nic,model=virtio,macaddr=52:54:00:12:34:58 -net user -m 2048 -monitor none -smp 4 -device virtio-rng-pci");
    EXPECT_EQ(machine.character_delays.test, std::chrono::milliseconds{20});
    EXPECT_EQ(*machine.constant("kernel-start-message"), Value{""});
    EXPECT_EQ(*machine.constant("posix.lava_test_results_dir"), Value{"/tmp/lava-%s"});
    EXPECT_EQ(*machine.deploy_methods.find("image")->find("parameters")->find("guest")->find("size"), Value{1024});
    EXPECT_EQ(*machine.deploy_methods.find("image")->find("parameters")->find("guest")->find("interface"),
              Value{"virtio"});
    EXPECT_NE(options(device({}, one("no_network", true))).find("-net none"), std::string::npos);
    EXPECT_EQ(*device({}, one("no_kvm", true)).driver_options.find("accel"), Value{"tcg"});
}

TEST(QemuTemplate, WhatTheLabFixedStaysAndAnArchitectureIsAlwaysFixed) {
    Map variables = one("memory", 256);
    variables.set("arch", "x86_64");
    variables.set("fixed", List{"memory"});
    Map context = one("memory", 100000);
    context.set("arch", "arm64");
    const auto machine = device(variables, context);
    EXPECT_NE(options(machine).find("qemu-system-x86_64"), std::string::npos);
    EXPECT_NE(options(machine).find("-m 256"), std::string::npos);
    EXPECT_EQ(machine.available_architectures, (std::vector<std::string>{"x86_64", "amd64"}));
    EXPECT_GT(device({}).available_architectures.size(), 20U);
}

TEST(QemuTemplate, AJobsContextCannotChooseAProgramOrReachTheHost) {
    EXPECT_THROW(device({}, one("arch", "x86_64; rm")), JobError);
    EXPECT_THROW(device(one("arch", "x87")), ConfigurationError);
    for (const auto& [name, value] :
         std::vector<std::pair<std::string, std::string>>{{"netdevice", "tap"},
                                                          {"netdevice", "user,hostfwd=tcp::2222-:22"},
                                                          {"monitor", "stdio"},
                                                          {"monitor", "tcp::4444,server"},
                                                          {"machine", "virt,dumpdtb=/tmp/x"},
                                                          {"machine", "virt -hda /etc/shadow"},
                                                          {"memory", "512 -qmp stdio"},
                                                          {"cpu", "max\n-qmp"},
                                                          {"model", "model=virtio,script=/tmp/x"},
                                                          {"vga", "-vnc :1"},
                                                          {"serial", "-serial tcp::1,server"},
                                                          {"extra_options", "-virtfs local,path=/"}}) {
        EXPECT_THROW(device({}, one(name, value)), JobError) << name << " " << value;
        EXPECT_NO_THROW(device(one("trusted_jobs", true), one(name, value))) << name;
        EXPECT_NO_THROW(device(one(name, value))) << "the lab itself may say it: " << name;
    }
    EXPECT_EQ(options(device({}, one("program", "/bin/sh"))).find("/bin/sh"), std::string::npos);
    EXPECT_EQ(options(device({}, one("trusted_jobs", true))), options(device({})));
    const auto serial = options(device({}, one("serial", "-serial mon:stdio")));
    EXPECT_NE(serial.find("-serial stdio"), std::string::npos) << serial;
}

/// What LAVA makes of its own template, and what we make of the same variables. `path` has dots.
const config::Value* find(const config::Value& value, const std::string& path) {
    const config::Value* at = &value;
    std::size_t begin = 0;
    while (at != nullptr && begin <= path.size()) {
        const auto end = std::min(path.find('.', begin), path.size());
        at = at->find(path.substr(begin, end - begin));
        begin = end + 1;
    }
    return at;
}

/// The pieces in no order, without what chooses the accelerator: that is the driver's work here, the template's there.
std::string pieces_of(const config::Value* value) {
    if (value == nullptr) return "(none)";
    const auto* list = value->as_list();
    if (list == nullptr) return config::python_str(*value);
    std::set<std::string> pieces;
    for (const auto& each : *list) pieces.insert(config::python_str(each));
    pieces.erase("-cpu host");
    pieces.erase("-enable-kvm");
    std::string line;
    for (const auto& each : pieces) line += each + " ";
    return line;
}

// Where we differ on purpose.
const std::set<std::string> ours_is_better{
    "kvm01__ctx3: actions.boot.methods.qemu.parameters.options",        // LAVA drops `machine` unless it is an ARM
    "qemu01: actions.boot.methods.qemu.parameters.command",             // no architecture: "qemu-system-" in LAVA
    "qemu01: actions.deploy.methods.image.parameters.guest.interface",  // the same; ours is then x86_64
    "qemu01__ctx3: actions.boot.methods.qemu.parameters.options",       // cortex-a57 is no 32-bit processor
};

TEST(QemuTemplate, AgreesWithLavasTemplateOnTheSameVariables) {
    const char* corpus = std::getenv("PATCHBAY_CORPUS");
    if (corpus == nullptr) GTEST_SKIP() << "set PATCHBAY_CORPUS to the folder of real device files";
    const auto read = [&](const std::string& name) {
        std::ifstream file{std::filesystem::path{corpus} / "devices" / name};
        return config::parse_yaml(std::string{std::istreambuf_iterator<char>{file}, {}});
    };
    const auto verdicts = read("verdicts.json");
    int compared = 0;
    for (const auto& [key, about] : *verdicts.as_map()) {
        const auto name = config::python_str(key);
        const bool kvm = name.starts_with("kvm01");
        if (!kvm && !name.starts_with("qemu01")) continue;
        config::Map variables{
            {"memory", kvm ? 256 : 1024},
            {"mac_addr", "52:54:00:12:34:59"},
            {"fixed", config::List{"memory", "no_kvm"}}};  // where ours lets a job win, LAVA's does not
        if (!kvm) {
            variables.set(
                "user_commands",
                config::parse_yaml("{touch: {do: touch /tmp/bla, undo: touch /tmp/bla.rm}, sleep_short: {do: sleep "
                                   "10}, sleep: {do: sleep 100, undo: /bin/true}}"));
        }
        if (kvm) {
            variables.set("arch", "amd64");
            variables.set("no_kvm", true);
            variables.set("test_character_delay", 30);
        }
        const auto* context = about.find("context");
        const auto job = context->is_map() ? *context->as_map() : config::Map{};
        const config::Value ours{render_qemu(variables, job, "qemu-01", "qemu")};
        const auto theirs = read("rendered/" + name + ".yaml");
        for (const std::string path :
             {"actions.boot.methods.qemu.parameters.command", "actions.boot.methods.qemu.parameters.options",
              "actions.boot.methods.qemu.parameters.extra", "actions.boot.methods.qemu-nfs.parameters.append",
              "actions.deploy.methods.image.parameters.guest.size",
              "actions.deploy.methods.image.parameters.guest.interface",
              "actions.deploy.methods.image.parameters.guest.driveid", "character_delays.test", "constants.posix",
              "constants.kernel-start-message", "constants.shutdown-message", "constants.default-shell-prompt",
              "constants.failure_retry", "commands.users", "timeouts.actions", "timeouts.connections"}) {
            if (ours_is_better.contains(name + ": " + path)) continue;
            ++compared;
            EXPECT_EQ(pieces_of(find(ours, path)), pieces_of(find(theirs, path))) << name << ": " << path;
        }
    }
    EXPECT_GT(compared, 150);
}

TEST(QemuTemplate, TheContextsOfRealJobsRender) {
    const char* corpus = std::getenv("PATCHBAY_CORPUS");
    if (corpus == nullptr) GTEST_SKIP() << "set PATCHBAY_CORPUS to the folder of real job files";
    int rendered = 0, refused = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator{std::filesystem::path{corpus} / "jobs"}) {
        const auto name = entry.path().string();
        if (!entry.path().extension().string().starts_with(".y") || name.find("mutants") != std::string::npos) continue;
        std::ifstream file{entry.path()};
        const std::string text{std::istreambuf_iterator<char>{file}, {}};
        try {
            const auto job = config::parse_yaml(text);
            const auto* type = job.find("device_type");
            const auto* context = job.find("context");
            if (type == nullptr || config::python_str(*type).find("qemu") == std::string::npos) continue;
            if (context == nullptr || !context->is_map()) continue;
            device({}, *context->as_map());
            ++rendered;
        } catch (const config::YamlError&) {
        } catch (const JobError& error) {
            ++refused;
            printf("%s: %s\n", entry.path().filename().c_str(), error.what());
        }
    }
    printf("rendered %d, refused %d\n", rendered, refused);
    EXPECT_GT(rendered, 60);
    EXPECT_LE(refused, 10);  // netdevice: tap
}

}  // namespace
}  // namespace patchbay
