// SPDX-License-Identifier: Apache-2.0
#include "drivers/qemu/settings.hpp"

#include <gtest/gtest.h>

#include "core/config/yaml.hpp"
#include "core/process/words.hpp"
#include "devices/qemu_template.hpp"
#include "drivers/qemu/user_network.hpp"

namespace patchbay {
namespace {

QemuSettings settings(config::Map variables) {
    return read_qemu_settings(read_device(render_qemu(variables, {}, "qemu-01", "qemu"), "qemu-01"));
}

std::string line(const QemuSettings& machine, bool kvm, const std::vector<std::string>& words = {}) {
    return join_words(qemu_command(machine, "/usr/bin/" + machine.program, kvm, words));
}

TEST(QemuCommandLine, IsLavasWithTheAcceleratorChosen) {
    config::Map variables;
    variables.set("mac_addr", "52:54:00:12:34:01");
    const std::string common =
        "/usr/bin/qemu-system-x86_64 -nographic -net nic,model=virtio,macaddr=52:54:00:12:34:01 -net user -m 512 "
        "-monitor none";
    EXPECT_EQ(line(settings(variables), false), common + " -accel tcg -cpu max");
    EXPECT_EQ(line(settings(variables), true), common + " -accel kvm -cpu host");
    EXPECT_EQ(line(settings(variables), false, {"-kernel", "/k", "-append", "a b"}),
              common + " -accel tcg -cpu max -kernel /k -append 'a b'");
}

TEST(QemuCommandLine, WhoeverChoosesAnAcceleratorOrAProcessorIsObeyed) {
    EXPECT_NE(line(settings({}), true, {"-cpu", "qemu64"}).find("-accel kvm -cpu qemu64"), std::string::npos);
    EXPECT_EQ(line(settings({}), true, {"-accel", "tcg"}).find("kvm"), std::string::npos);
    config::Map own;
    own.set("extra_options", config::List{"-accel tcg", "-cpu max"});
    EXPECT_EQ(line(settings(own), true).find("kvm"), std::string::npos);
    config::Map host;
    host.set("cpu", "host");
    EXPECT_NE(line(settings(host), false).find("-cpu max"), std::string::npos);
    EXPECT_NE(line(settings(host), true).find("-cpu host"), std::string::npos);
    EXPECT_NE(line(settings({}), false, {"-cpu", "host"}).find("-cpu max"), std::string::npos);
    EXPECT_NE(line(settings({}), false, {"-enable-kvm", "-cpu", "host"}).find("-cpu host"), std::string::npos);
    config::Map no_kvm;
    no_kvm.set("no_kvm", true);
    EXPECT_NE(line(settings(no_kvm), true).find("-accel tcg"), std::string::npos);
}

TEST(UserNetwork, IsFoundWhereverAnOptionMakesOne) {
    const auto has_one = [](const std::string& line) { return has_user_network(split_command_line(line)); };
    for (const auto* line : {"-net nic,model=virtio -net user", "-netdev user,id=n0 -device e1000,netdev=n0",
                             "--nic user,model=virtio", "-nic type=user,restrict=on", "-net user,id=x"}) {
        EXPECT_TRUE(has_one(line)) << line;
    }
    for (const auto* line :
         {"", "-net none", "-net nic -net tap,ifname=tap0", "-netdev bridge,id=user", "-name user", "net user"}) {
        EXPECT_FALSE(has_one(line)) << line;
    }
    EXPECT_TRUE(has_user_network(settings({}).options));
}

TEST(UserNetwork, ServesTheFolderThatItIsGiven) {
    auto words = split_command_line("-name user -net nic -net user,tftp=/other -netdev user,id=a -nic tap,ifname=user");
    serve_by_tftp(words, "/jobs/4,2");
    EXPECT_EQ(join_words(words),
              "-name user -net nic -net user,tftp=/other,tftp=/jobs/4,,2 -netdev user,id=a,tftp=/jobs/4,,2 -nic "
              "tap,ifname=user");
}

TEST(QemuCommandLine, Arm64GetsTheVirtMachine) {
    config::Map variables;
    variables.set("arch", "arm64");
    const auto text = line(settings(variables), false);
    EXPECT_TRUE(text.starts_with("/usr/bin/qemu-system-aarch64 -cpu cortex-a57 -machine virt -nographic")) << text;
    EXPECT_NE(line(settings(variables), true).find("-cpu host"), std::string::npos);  // KVM has no cortex-a57
    EXPECT_EQ(settings(variables).guest_drive.interface, "virtio");
    EXPECT_EQ(settings({}).guest_drive.interface, "ide");
}

TEST(QemuCommandLine, FurtherArchitecturesGetTheirProgramProcessorAndMachine) {
    const std::vector<std::pair<std::string, std::string>> begins{
        {"arm", "/usr/bin/qemu-system-arm -cpu cortex-a15 -machine virt -nographic"},
        {"riscv64", "/usr/bin/qemu-system-riscv64 -cpu rv64 -machine virt -nographic"},
        {"i386", "/usr/bin/qemu-system-i386 -cpu core2duo -machine pc -nographic"},
        {"ppc64le", "/usr/bin/qemu-system-ppc64 -machine pseries -nographic"},
        {"s390x", "/usr/bin/qemu-system-s390x -nographic"}};
    for (const auto& [arch, begin] : begins) {
        config::Map variables;
        variables.set("arch", arch);
        const auto text = line(settings(variables), false);
        EXPECT_TRUE(text.starts_with(begin)) << text;
        EXPECT_TRUE(text.ends_with("-accel tcg")) << text;
    }
}

TEST(QemuCommandLine, AJobsConsoleNeverLeadsToTheMonitor) {
    const auto file = [](const std::string& options, bool trusted) {
        const auto text =
            "hostname: vm\ndevicetype: qemu\nconstants: {}\nparameters: {}\ntimeouts: {}\n"
            "driver_options: {trusted_jobs: " +
            std::string{trusted ? "true" : "false"} +
            "}\n"
            "actions: {deploy: {methods: {image: null}}, boot: {connections: {serial: null}, methods: {qemu: "
            "{parameters: {command: qemu-system-x86_64, options: ['" +
            options + "']}}}}}\n";
        return line(read_qemu_settings(read_device(config::parse_yaml(text), "vm.yaml")), false);
    };
    EXPECT_NE(file("-nographic", false).find("-monitor none"), std::string::npos);
    EXPECT_EQ(file("-nographic", true).find("-monitor"), std::string::npos);
    EXPECT_EQ(file("-nographic -monitor vc", false).find("none"), std::string::npos);
}

}  // namespace
}  // namespace patchbay
