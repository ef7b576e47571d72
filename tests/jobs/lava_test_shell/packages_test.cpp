// SPDX-License-Identifier: Apache-2.0
#include "tests/jobs/lava_test_shell/target.hpp"

namespace patchbay {
namespace {

class PackageScripts : public Target {
protected:
    /// A package tool that prints how it was called.
    void tool(const std::string& name, const std::string& end = "") {
        program("bin/" + name, "echo \"" + name + " $*\"\n" + end);
    }
};
EVERY_SHELL(PackageScripts);

TEST_P(PackageScripts, OfAnUnknownSystemLetTheTestGoOn) {
    for (const auto* name : {"lava-install-packages", "lava-add-keys", "lava-add-sources"}) {
        const auto outcome = run(std::string{name} + " curl jq");
        EXPECT_EQ(outcome.code, 0);
        EXPECT_NE(outcome.output.find("curl jq"), std::string::npos);
    }
}

TEST_P(PackageScripts, CallTheToolOfTheirFamily) {
    struct Row {
        const char* distro;
        std::vector<std::string> tools;
        const char* output;
    };
    const Row rows[] = {
        {"debian", {"apt-get"}, "apt-get update -q\napt-get install -y -q a b\n"},
        {"ubuntu", {"apt-get"}, "apt-get update -q\napt-get install -y -q a b\n"},
        {"fedora", {"dnf"}, "dnf -e 0 -y -q install a b\n"},
        {"centos", {"yum"}, "yum -e 0 -y -q install a b\n"},
        {"archlinux", {"pacman"}, "pacman -Syu --noprogressbar --noconfirm a b\n"},
        {"oe", {"opkg"}, "opkg update\nopkg install a b\n"},
    };
    for (const auto& row : rows) {
        install(row.distro);
        for (const auto& name : row.tools) tool(name);
        const auto outcome = run("lava-install-packages a b");
        EXPECT_EQ(outcome.output, row.output) << row.distro;
        EXPECT_EQ(outcome.code, 0) << row.distro;
    }
}

TEST_P(PackageScripts, TryFiveTimes) {
    install("centos");
    tool("yum", "exit 1");
    const auto outcome = run("lava-install-packages a");
    EXPECT_EQ(outcome.code, 1);
    std::size_t calls = 0;
    for (std::size_t at = 0; (at = outcome.output.find("yum -e 0 -y -q install a\n", at)) != std::string::npos; ++at)
        ++calls;
    EXPECT_EQ(calls, 5u) << outcome.output;
}

TEST_P(PackageScripts, SayThatAnImageHasNoOpkg) {
    install("oe");
    EXPECT_EQ(run("lava-install-packages a").code, 1);
}

TEST_P(PackageScripts, AddKeysFromAServerElseFromAPackage) {
    install("debian");
    tool("gpg", "exit 2");
    tool("apt-get");
    const auto outcome = run("lava-add-keys archive-keyring");
    EXPECT_NE(outcome.output.find("apt-get install -y -q archive-keyring\n"), std::string::npos) << outcome.output;
}

}  // namespace
}  // namespace patchbay
