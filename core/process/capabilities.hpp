// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <linux/capability.h>

#include <initializer_list>

namespace patchbay {

/// Has this process all these capabilities (capabilities(7)) in effect? In a container they may still not reach far.
bool has_capabilities(std::initializer_list<int> wanted);

}  // namespace patchbay
