// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace patchbay {

/// What a target with this `os` has tar do without when it unpacks (lava_dispatcher/deployment_data.py); "" for none.
std::string_view tar_flags(std::string_view os);

}  // namespace patchbay
