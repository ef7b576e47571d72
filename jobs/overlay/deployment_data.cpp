// SPDX-License-Identifier: Apache-2.0
#include "jobs/overlay/deployment_data.hpp"

#include <algorithm>
#include <iterator>

namespace patchbay {
namespace {

// lava_dispatcher/deployment_data.py of LAVA 2023.01.
constexpr DeploymentData systems[] = {
    // os               distro       shell               results dir                     rc file
    {"android", "android", "/system/bin/sh", "/data/local/tmp/lava-%s", ""},
    {"apertis", "apertis", "/bin/sh", "/var/lib/lava-%s", "~/.bashrc"},
    {"archlinux", "archlinux", "/bin/bash", "/lava-%s", "~/.bashrc"},
    {"centos", "centos", "/bin/bash", "/lava-%s", "~/.bashrc"},
    {"centos_installer", "centos", "/bin/bash", "/lava-%s", "~/.bashrc"},
    {"debian", "debian", "/bin/bash", "/lava-%s", "~/.bashrc"},
    {"debian_installer", "debian", "/bin/bash", "/lava-%s", "~/.bashrc"},
    {"fedora", "fedora", "/bin/bash", "/lava-%s", "~/.bashrc"},
    {"lede", "lede", "/bin/sh", "/tmp/lava-results-%s", ""},
    {"oe", "oe", "/bin/sh", "/lava-%s", "~/.bashrc"},
    {"qnx", "qnx", "/bin/sh", "/lava-%s", "~/.bashrc"},
    {"slackware", "slackware", "/bin/bash", "/lava-%s", "~/.bashrc"},
    {"ubuntu", "ubuntu", "/bin/sh", "/lava-%s", "~/.bashrc"},
};

}  // namespace

const DeploymentData* deployment_data(std::string_view os) {
    const auto* found = std::find_if(std::begin(systems), std::end(systems), [&](const auto& s) { return s.os == os; });
    return found == std::end(systems) ? nullptr : found;
}

}  // namespace patchbay
