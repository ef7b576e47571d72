// SPDX-License-Identifier: Apache-2.0
#include "jobs/overlay/deployment_data.hpp"

#include <algorithm>
#include <iterator>

namespace patchbay {
namespace {

constexpr std::string_view no_timestamp = "--warning no-timestamp";

// lava_dispatcher/deployment_data.py of LAVA 2023.01.
constexpr DeploymentData systems[] = {
    // os               distro       shell               results dir                     rc file      tar flags
    {"android", "android", "/system/bin/sh", "/data/local/tmp/lava-%s", "", ""},
    {"apertis", "apertis", "/bin/sh", "/var/lib/lava-%s", "~/.bashrc", no_timestamp},
    {"archlinux", "archlinux", "/bin/bash", "/lava-%s", "~/.bashrc", no_timestamp},
    {"centos", "centos", "/bin/bash", "/lava-%s", "~/.bashrc", no_timestamp},
    {"centos_installer", "centos", "/bin/bash", "/lava-%s", "~/.bashrc", ""},
    {"debian", "debian", "/bin/bash", "/lava-%s", "~/.bashrc", no_timestamp},
    {"debian_installer", "debian", "/bin/bash", "/lava-%s", "~/.bashrc", ""},
    {"fedora", "fedora", "/bin/bash", "/lava-%s", "~/.bashrc", no_timestamp},
    {"lede", "lede", "/bin/sh", "/tmp/lava-results-%s", "", ""},
    {"oe", "oe", "/bin/sh", "/lava-%s", "~/.bashrc", ""},
    {"qnx", "qnx", "/bin/sh", "/lava-%s", "~/.bashrc", no_timestamp},
    {"slackware", "slackware", "/bin/bash", "/lava-%s", "~/.bashrc", no_timestamp},
    {"ubuntu", "ubuntu", "/bin/sh", "/lava-%s", "~/.bashrc", no_timestamp},
};

}  // namespace

const DeploymentData* deployment_data(std::string_view os) {
    const auto* found = std::find_if(std::begin(systems), std::end(systems), [&](const auto& s) { return s.os == os; });
    return found == std::end(systems) ? nullptr : found;
}

}  // namespace patchbay
