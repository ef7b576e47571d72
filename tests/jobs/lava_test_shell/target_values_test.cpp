// SPDX-License-Identifier: Apache-2.0
#include "tests/jobs/lava_test_shell/target.hpp"

namespace patchbay {
namespace {

using TargetValues = Target;
EVERY_SHELL(TargetValues);

TEST_P(TargetValues, AreWhatTheDeviceFileSaid) {
    EXPECT_EQ(run("export LAVA_TARGET_IP=10.0.0.7; lava-target-ip").output, "10.0.0.7\n");
    EXPECT_EQ(run("export LAVA_TARGET_MAC=52:54:00:12:34:01; lava-target-mac").output, "52:54:00:12:34:01\n");
    EXPECT_EQ(run("export LAVA_PROBE_IP=10.0.0.9; lava-probe-ip").output, "10.0.0.9\n");
    EXPECT_EQ(run("export LAVA_PROBE_CHANNEL=2; lava-probe-channel").output, "2\n");
    for (const auto* name :
         {"lava-target-ip", "lava-target-mac", "lava-target-storage", "lava-probe-ip", "lava-probe-channel"}) {
        const auto outcome = run(name);
        EXPECT_EQ(outcome.code, 1) << name;
        EXPECT_EQ(outcome.output, "") << name;
    }
}

TEST_P(TargetValues, StorageIsListedByMethod) {
    const std::string storage =
        "export LAVA_STORAGE=\"$(printf 'UMS\\t/dev/sda\\nSATA\\t/dev/disk/by-id/x y\\nUMS\\t/dev/sdb')\"\n";
    EXPECT_EQ(run(storage + "lava-target-storage").output, "UMS\t/dev/sda\nSATA\t/dev/disk/by-id/x y\nUMS\t/dev/sdb\n");
    EXPECT_EQ(run(storage + "lava-target-storage UMS").output, "/dev/sda\n/dev/sdb\n");
    EXPECT_EQ(run(storage + "lava-target-storage SATA").output, "/dev/disk/by-id/x y\n");
    EXPECT_EQ(run(storage + "lava-target-storage USB").code, 1);
}

TEST_P(TargetValues, AnInterfaceHasAnAddress) {
    EXPECT_EQ(run("lava-echo-ipv4 lo").output, "127.0.0.1\n");
    EXPECT_EQ(run("lava-echo-ipv4").code, 1);
    EXPECT_EQ(run("lava-echo-ipv4 no-such-interface").code, 1);
}

TEST_P(TargetValues, TheSystemHasAName) { EXPECT_NE(run("lava-os-build").output, ""); }

}  // namespace
}  // namespace patchbay
