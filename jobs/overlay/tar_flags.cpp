// SPDX-License-Identifier: Apache-2.0
#include "jobs/overlay/tar_flags.hpp"

#include <algorithm>
#include <array>

namespace patchbay {

std::string_view tar_flags(std::string_view os) {
    // With GNU tar, a target without a clock would have a warning for each file, all of the future.
    constexpr std::array<std::string_view, 8> with_gnu_tar{"apertis", "archlinux", "centos",    "debian",
                                                           "fedora",  "qnx",       "slackware", "ubuntu"};
    return std::ranges::find(with_gnu_tar, os) == with_gnu_tar.end() ? "" : "--warning no-timestamp";
}

}  // namespace patchbay
