// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drivers/builtin.hpp"

namespace patchbay {

/// Playback and capture by ALSA. docs/drivers/alsa.md has the keys.
DriverPtr make_alsa_audio(const DriverRequest& request);

}  // namespace patchbay
