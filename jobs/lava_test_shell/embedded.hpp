// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "core/embedded_text.hpp"

namespace patchbay {

/// The files of scripts/.
std::span<const EmbeddedText> embedded_target_scripts();

}  // namespace patchbay
