// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "core/config/map_reader.hpp"

namespace patchbay {

enum class Parity { none, odd, even, mark, space };
enum class FlowControl { none, rtscts, xonxoff };

/// How a serial line is driven. What is missing is the driver's to choose: its default, or as the other end has it.
struct LineSettings {
    std::optional<int> speed;      ///< bits a second
    std::optional<int> data_bits;  ///< 5 to 8
    std::optional<Parity> parity;
    std::optional<int> stop_bits;  ///< 1 or 2
    std::optional<FlowControl> flow_control;
    std::optional<bool> dtr, rts;  ///< once it is open; missing: as opening leaves them
};

/// The keys `speed`, `data_bits`, `parity`, `stop_bits`, `flow_control`, `dtr` and `rts`.
LineSettings read_line_settings(config::MapReader& options);

/// "115200 8n1", as people write it; "?" for what is missing.
std::string to_string(const LineSettings& line);

}  // namespace patchbay
