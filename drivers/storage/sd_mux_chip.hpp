// SPDX-License-Identifier: Apache-2.0
#pragma once
// The switch of a USB-SD-Mux: an I2C port expander behind the vendor commands of its card reader. Blocks, at most three
// seconds a command: for a worker.
// Source of facts: the program usbsdmux of Linux Automation, as seen on the bus; registers: the datasheets of PCA9536
// and TCA6408.

#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "core/process/file_descriptor.hpp"
#include "devices/capability/storage.hpp"

namespace patchbay {

/// The bits and the address, which differ between the classic mux and the fast one.
struct SdMuxModel {
    std::uint8_t address, data_off, power_off, to_board, card_out;
};
/// By the model that its SCSI device has in sysfs, "sdmux HS-SD/MMC". nullptr: an unknown one.
const SdMuxModel* find_sd_mux_model(const std::string& model);

/// The 16 bytes of a vendor command. Pure.
using ScsiCommand = std::array<std::uint8_t, 16>;
ScsiCommand i2c_write_command(std::uint8_t address, std::size_t count);
ScsiCommand i2c_read_command(std::uint8_t address, std::uint8_t register_number, std::size_t count);

/// What the input register means. Pure.
Storage::Side sd_mux_side(const SdMuxModel& model, std::uint8_t input);

class SdMuxChip {
public:
    /// Opens /dev/sgN. `what` begins each message. Throws: InfrastructureError.
    SdMuxChip(const SdMuxModel& model, const std::filesystem::path& node, std::string what);

    /// All of these throw: InfrastructureError, it went, or does not answer.
    Storage::Side side();
    /// Cuts the card off from both, waits a second, and gives it to `side`.
    void give(Storage::Side side);

private:
    std::uint8_t read(std::uint8_t register_number);
    void write(std::uint8_t register_number, std::uint8_t value);
    void transfer(ScsiCommand command, int direction, std::span<std::uint8_t> data);
    [[noreturn]] void throw_failed(const std::string& reason, const std::string& next) const;

    const SdMuxModel& model_;
    std::string what_;
    FileDescriptor node_;
};

}  // namespace patchbay
