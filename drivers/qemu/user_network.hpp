// SPDX-License-Identifier: Apache-2.0
#pragma once
// QEMU's user network ("-net user"). QEMU itself answers there what is asked of the host by TFTP, so no server of the
// lab is ever reached at that address (libslirp, udp_input).

#include <filesystem>
#include <string>
#include <vector>

namespace patchbay {

/// Does one of the words make a user network, to which a folder can be given?
bool has_user_network(const std::vector<std::string>& words);

/// Adds that the user networks among the words serve this folder.
void serve_by_tftp(std::vector<std::string>& words, const std::filesystem::path& folder);

}  // namespace patchbay
