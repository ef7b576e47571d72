// SPDX-License-Identifier: Apache-2.0
#include "devices/qemu_template.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

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
