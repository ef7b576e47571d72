// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>
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
    std::shared_ptr<SerialPort> port;  ///< when opened; configured
    std::string problem;               ///< else: the fact and the next step
};

Attempt attempt_to_open(const SerialSettings& settings, const std::filesystem::path& root,
                        asio::any_io_executor executor);

}  // namespace patchbay
