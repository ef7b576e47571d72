// SPDX-License-Identifier: Apache-2.0
#pragma once
// GPIO lines as this project needs them, over either libgpiod: lines_v1.cpp is for 1.6 (Debian 12), lines_v2.cpp for
// 2.x (Debian 13); cmake takes the one that fits. Calls to chips on USB block: for a worker.

#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <variant>

namespace patchbay {

/// By its name, which the board's firmware or device tree gives it, or by its offset on the chip.
using GpioLineName = std::variant<std::string, unsigned>;

enum class GpioActive { high, low };

/// A line that is requested: nobody else can have it, and its level holds. Released when it goes.
class GpioLine {
public:
    virtual ~GpioLine() = default;

    /// Drives it. The first call makes it an output with this very value: no other level is seen in between.
    /// Throws: std::system_error; ENODEV when the chip was unplugged.
    virtual void drive(bool active) = 0;
    /// Throws: as drive().
    virtual bool value() = 0;
};

/// What chips are called: "gpio-sim.0-node0", "cp210x". Many may have the same.
/// Throws: std::system_error, the file cannot be opened or is no GPIO chip.
std::string gpio_chip_label(const std::filesystem::path& device);

/// Another program has the line.
struct GpioLineTaken : std::runtime_error {
    explicit GpioLineTaken(std::string who) : std::runtime_error{"the line is taken"}, consumer{std::move(who)} {}
    std::string consumer;  ///< as it named itself, gpioinfo(1) shows it; empty: it did not
};

/// Requests a line as it is: neither direction nor level change until it is driven.
/// Throws: std::system_error (EINVAL: it has no such line), GpioLineTaken.
std::unique_ptr<GpioLine> request_gpio_line(const std::filesystem::path& device, const GpioLineName& line,
                                            GpioActive active);

}  // namespace patchbay
