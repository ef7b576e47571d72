// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace patchbay {

/// The IPv4 address of this machine that others behind its default route see: "192.168.1.5". Empty: there is no such
/// route. Nothing is sent.
std::string own_address();

}  // namespace patchbay
