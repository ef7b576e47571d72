// SPDX-License-Identifier: Apache-2.0
#pragma once
// Texts of installers' answer files, changed so that the installed system gets the test overlay. Pure.

#include <string>

namespace patchbay {

/// Adds a command to `d-i preseed/late_command` of a Debian installer's file, which has at most one.
std::string with_late_command(const std::string& preseed, const std::string& command);

/// Adds a %post section to a kickstart file, which fetches the overlay and unpacks it.
std::string with_overlay_post(const std::string& kickstart, const std::string& overlay_url);

}  // namespace patchbay
