// SPDX-License-Identifier: Apache-2.0
#include "devices/jinja/context_effects.hpp"

#include <gmock/gmock.h>

#include "core/config/yaml.hpp"
#include "core/errors.hpp"

namespace patchbay {
namespace {

using ::testing::HasSubstr;

config::Value device(const std::string& options, const std::string& more = "") {
    return config::parse_yaml(
        "hostname: a\ncommands: {hard_reset: relay 1}\nactions: {boot: {methods: {qemu: "
        "{parameters: {command: /opt/qemu/bin/qemu-system-x86_64, options: " +
        options + "}}}}}\n" + more);
}

std::string refused(const config::Value& plain, const config::Value& job) {
    try {
        accept_context(plain, job, "board-01", "/nonexistent");
        return "";
    } catch (const JobError& error) {
        return error.what();
    }
}

TEST(ContextEffects, AJobMayNotChangeWhatTheHostRuns) {
    const auto plain = config::parse_yaml("commands: {hard_reset: relay 1}\nconstants: {a: 1}");
    EXPECT_EQ(refused(plain, config::parse_yaml("commands: {hard_reset: relay 1}\nconstants: {a: 2}")), "");
    for (const auto* job : {"commands: {hard_reset: rm -r /}\nconstants: {a: 1}", "constants: {a: 1}"})
        EXPECT_THAT(refused(plain, config::parse_yaml(job)), HasSubstr("changes 'commands' of device board-01"));
    EXPECT_THAT(refused(plain, config::parse_yaml("commands: {hard_reset: relay 1}\nhardware: {power: {}}")),
                HasSubstr("'hardware'"));
    EXPECT_THAT(
        refused(plain, config::parse_yaml("commands: {hard_reset: relay 1}\ndriver_options: {trusted_jobs: true}")),
        HasSubstr("'driver_options'"));
}

TEST(ContextEffects, AJobMayNotChangeCommandsOfTheHostBelowActions) {
    const auto with = [](const std::string& step, const std::string& method, const std::string& value) {
        return config::parse_yaml("actions: {" + step + ": {methods: {u-boot: {parameters: {bootloader_prompt: " +
                                  value + "}}, " + method + ": {parameters: {command: " + value + "}}}}}");
    };
    const std::pair<std::string, std::vector<std::string>> all[] = {
        {"deploy", {"flasher", "recovery", "fastboot", "docker", "ssh", "usbg-ms", "musca", "mps", "vemsd"}},
        {"boot", {"openocd", "pyocd", "jlink", "dfu", "gdb", "qdl", "docker", "fastboot", "ssh", "uuu", "cmsis-dap"}}};
    for (const auto& [step, methods] : all) {
        for (const auto& method : methods) {
            const auto key = "'actions." + step + ".methods." + method + "'";
            EXPECT_THAT(refused(with(step, method, "a"), with(step, method, "b")), HasSubstr(key));
            EXPECT_THAT(refused(with(step, "grub", "a"), with(step, method, "a")), HasSubstr(key));
            EXPECT_EQ(refused(with(step, method, "a"), with(step, method, "a")), "");
        }
        EXPECT_EQ(refused(with(step, "grub", "a"), with(step, "grub", "b")), "");
    }
    EXPECT_THAT(refused(config::parse_yaml("actions: {test: {methods: {docker: {options: []}}}}"),
                        config::parse_yaml("actions: {test: {methods: {docker: {options: [--privileged]}}}}")),
                HasSubstr("'actions.test'"));
    const std::string trust = "\ndriver_options: {trusted_jobs: true}";
    EXPECT_EQ(
        refused(config::parse_yaml("actions: {test: a}" + trust), config::parse_yaml("actions: {test: b}" + trust)),
        "");
}

TEST(ContextEffects, AJobMayNotChangeWhichDiskIsWrittenThroughUboot) {
    const auto with = [](const std::string& parameters) {
        return config::parse_yaml("actions: {boot: {methods: {u-boot: {parameters: {" + parameters + "}}}}}");
    };
    const std::string labs = "uboot_mass_storage_device: /dev/disk/by-id/usb-Linux_UMS_disk_0-0:0";
    EXPECT_THAT(refused(with(labs), with("uboot_mass_storage_device: /dev/disk/by-id/ata-Samsung")),
                HasSubstr("'actions.boot.methods.u-boot.parameters.uboot_mass_storage_device'"));
    EXPECT_EQ(refused(with(labs), with(labs + ", bootloader_prompt: b")), "");
}

TEST(ContextEffects, WhatAJobGivesToQemuIsJudged) {
    const auto plain = device("[-m 512, -drive file=/srv/lab.img, -device, virtio-rng-pci]");
    EXPECT_EQ(
        refused(plain, device("[-m 1024, -cpu host, -enable-kvm, -drive file=/srv/lab.img, -device, virtio-rng-pci]")),
        "");
    EXPECT_THAT(refused(plain, device("[-m 512, -drive file=/etc/shadow]")), HasSubstr("/etc/shadow"));
    EXPECT_THAT(refused(plain, device("[-m 512, -device, 'vfio-pci,host=1']")), HasSubstr("vfio"));
    EXPECT_THAT(refused(plain, device("[-m 512 -monitor stdio]")), HasSubstr("monitor"));
    const auto shared = accept_context(plain, device("[-m 512, '-serial mon:stdio']"), "a", "/nonexistent");
    EXPECT_THAT(config::dump_yaml(shared), HasSubstr("-serial stdio"));
}

TEST(ContextEffects, TheLabsOwnWordCanTrustItsJobs) {
    const std::string trust = "driver_options: {trusted_jobs: true}";
    EXPECT_EQ(refused(device("[-m 512]", trust), device("[-m 512, -drive file=/dev/sda]", trust)), "");
}

TEST(ContextEffects, OnlyQemusOtherMachinesReplaceItsProgram) {
    const auto plain = device("[]");
    const auto with = [&](const std::string& command) {
        auto text = config::dump_yaml(plain);
        const std::string labs = "/opt/qemu/bin/qemu-system-x86_64";
        text.replace(text.find(labs), labs.size(), command);
        return config::parse_yaml(text);
    };
    EXPECT_EQ(refused(plain, with("/opt/qemu/bin/qemu-system-aarch64")), "");
    for (const auto* command :
         {"/bin/sh", "qemu-system-arm", "/opt/qemu/bin/qemu-system-arm; reboot", "/tmp/qemu-system-arm"})
        EXPECT_THAT(refused(plain, with(command)), HasSubstr("'command'")) << command;
}

TEST(ContextEffects, TextsThatWouldBecomeLinesOfTheFileAreRefused) {
    EXPECT_NO_THROW(check_context({{"extra_kernel_args", "a=b c"}, {"memory", 512}}, "board-01"));
    for (const std::string text : {"a\nb: c", "a\rb",
                                   "a\xc2\x85"
                                   "b",
                                   "a\xe2\x80\xa8"
                                   "b"}) {
        EXPECT_THROW(check_context({{"extra_kernel_args", text}}, "board-01"), JobError);
        EXPECT_THROW(check_context({{"extra_options", config::List{"x", text}}}, "board-01"), JobError);
    }
}

}  // namespace
}  // namespace patchbay
