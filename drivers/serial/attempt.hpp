// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <set>
#include <string>

#include "drivers/serial/adapter.hpp"
#include "drivers/serial/port.hpp"
#include "drivers/serial/settings.hpp"

namespace patchbay {

/// One look for the adapter of a device, and one try to open it.
struct Attempt {
    enum class Outcome {
        opened,
        absent,     ///< not plugged in
        ambiguous,  ///< several fit, none is touched
        refused     ///< it is there, and cannot be used
    };
    Outcome outcome = Outcome::absent;
    SerialAdapter adapter;             ///< when opened or refused
    std::string place;                 ///< of it: serial_place()
    std::shared_ptr<SerialPort> port;  ///< when opened; configured
    std::string problem;               ///< else: the fact and the next step
};

/// Blocks. `others` are the places of ports that were there beside the lost one: none of them is it.
Attempt attempt_to_open(const SerialSettings& settings, const std::filesystem::path& root,
                        const std::set<std::string>& others);

}  // namespace patchbay
