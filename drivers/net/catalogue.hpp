// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "core/embedded_text.hpp"

namespace patchbay {

/// The files of catalogue/.
std::span<const EmbeddedText> embedded_pdu_models();

}  // namespace patchbay
