// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include "core/config/map_reader.hpp"
#include "drivers/line_settings.hpp"
#include "drivers/serial/adapter.hpp"

namespace patchbay {

struct SerialSettings {
    AdapterQuery adapter;
    LineSettings line;  ///< complete, but for `dtr` and `rts`
    bool exclusive = true;
    bool flush = true;
    bool board_powered = false;  ///< the adapter has its supply from the board: it may be away as long as that is off
    std::chrono::milliseconds lost_after{10'000};
};

/// Pure. Mistakes go to the reader's problems.
SerialSettings read_serial_settings(config::MapReader& options);

}  // namespace patchbay
