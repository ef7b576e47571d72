// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "core/embedded_text.hpp"

namespace patchbay {

/// The Python program of helper/.
std::span<const EmbeddedText> embedded_render_helper();

}  // namespace patchbay
