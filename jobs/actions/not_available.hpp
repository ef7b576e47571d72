// SPDX-License-Identifier: Apache-2.0
#pragma once
// What LAVA has and we have not, so that a job that asks for it hears what to do instead.

#include <string>
#include <string_view>

namespace patchbay {

/// A sentence about a deploy method (`to`) or boot method of LAVA's that is not here; empty for all others.
std::string missing_deploy_method(std::string_view to);
std::string missing_boot_method(std::string_view method);

}  // namespace patchbay
