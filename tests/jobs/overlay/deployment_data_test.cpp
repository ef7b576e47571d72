// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "jobs/overlay/deployment_data.hpp"

namespace patchbay {
namespace {

TEST(DeploymentData, ChoosesShellAndFolderByTheOs) {
    EXPECT_EQ(deployment_data("oe")->shell, "/bin/sh");
    EXPECT_EQ(deployment_data("debian")->shell, "/bin/bash");
    EXPECT_EQ(deployment_data("debian_installer")->distro, "debian");
    EXPECT_EQ(deployment_data("android")->results_dir, "/data/local/tmp/lava-%s");
    EXPECT_EQ(deployment_data("lede")->rc_file, "");
    EXPECT_EQ(deployment_data("beos"), nullptr);
    EXPECT_EQ(deployment_data(""), nullptr);
}

}  // namespace
}  // namespace patchbay
