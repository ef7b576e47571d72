// SPDX-License-Identifier: Apache-2.0
#include "drivers/storage/sd_mux_chip.hpp"

#include <fcntl.h>
#include <scsi/sg.h>
#include <sys/ioctl.h>

#include <cerrno>
#include <chrono>
#include <system_error>
#include <thread>
#include <utility>

#include "core/errors.hpp"

namespace patchbay {
namespace {

using Side = Storage::Side;
constexpr std::uint8_t input_register = 0, output_register = 1, direction_register = 3;
constexpr std::uint8_t i2c_command = 0xcf, write_it = 0x23, write_and_read_it = 0x22;
constexpr unsigned patience_ms = 3000;

constexpr SdMuxModel classic{0x41, 1, 2, 4, 8};
constexpr SdMuxModel fast{0x20, 4, 2, 1, 8};

std::uint8_t byte(std::size_t value) { return static_cast<std::uint8_t>(value & 0xff); }

}  // namespace

const SdMuxModel* find_sd_mux_model(const std::string& model) {
    if (model.starts_with("sdmux HS-SD/MMC")) return &classic;
    if (model.starts_with("sdFST HS-SD/MMC")) return &fast;
    return nullptr;
}

ScsiCommand i2c_write_command(std::uint8_t address, std::size_t count) {
    return {i2c_command, write_it, byte(address << 1U), 0, byte(count >> 8), byte(count)};
}

ScsiCommand i2c_read_command(std::uint8_t address, std::uint8_t register_number, std::size_t count) {
    return {
        i2c_command, write_and_read_it, byte(address << 1U), byte(address << 1U | 1U), byte(count >> 8), byte(count),
        1,           register_number};
}

Side sd_mux_side(const SdMuxModel& model, std::uint8_t input) {
    if (input & model.power_off) return Side::nobody;
    return input & model.to_board ? Side::board : Side::host;
}

SdMuxChip::SdMuxChip(const SdMuxModel& model, const std::filesystem::path& node, std::string what)
    : model_{model}, what_{std::move(what)}, node_{::open(node.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC)} {
    if (node_) return;
    throw_failed("cannot open " + node.string() + ": " + std::generic_category().message(errno),
                 errno == EACCES || errno == EPERM ? "give the runner's user the right to it, by Patchbay's udev rules"
                                                   : "is it still plugged in?");
}

Side SdMuxChip::side() { return sd_mux_side(model_, read(input_register)); }

void SdMuxChip::give(Side side) {
    const auto cut_off = byte(model_.data_off | model_.power_off);
    const auto ours = byte(cut_off | model_.to_board | model_.card_out);
    const auto others = byte(~ours);  // free pins of the fast one: as they are
    const auto kept = byte(read(output_register) & others);
    const auto set = [&](unsigned pins) { write(output_register, byte(kept | pins)); };
    set(cut_off | model_.card_out);
    write(direction_register, byte(read(direction_register) & others));
    if (side == Side::nobody) return;
    // The card must have lost its supply, or it stays in the mode that the other side has put it into.
    std::this_thread::sleep_for(std::chrono::seconds{1});
    const unsigned to = side == Side::board ? model_.to_board | model_.card_out : 0U;
    set(to | cut_off);
    set(to);
    if (const auto now = this->side(); now != side)
        throw_failed("was switched, but says that the card is elsewhere", "unplug it and plug it in again");
}

std::uint8_t SdMuxChip::read(std::uint8_t register_number) {
    std::array<std::uint8_t, 512> data{};
    transfer(i2c_read_command(model_.address, register_number, 1), SG_DXFER_FROM_DEV, data);
    return data[0];
}

void SdMuxChip::write(std::uint8_t register_number, std::uint8_t value) {
    std::array<std::uint8_t, 512> data{register_number, value};
    transfer(i2c_write_command(model_.address, 2), SG_DXFER_TO_DEV, data);
}

void SdMuxChip::transfer(ScsiCommand command, int direction, std::span<std::uint8_t> data) {
    std::array<std::uint8_t, 32> sense{};
    sg_io_hdr io{};
    io.interface_id = 'S';
    io.dxfer_direction = direction;
    io.cmd_len = static_cast<unsigned char>(command.size());
    io.cmdp = command.data();
    io.dxfer_len = static_cast<unsigned>(data.size());
    io.dxferp = data.data();
    io.mx_sb_len = static_cast<unsigned char>(sense.size());
    io.sbp = sense.data();
    io.timeout = patience_ms;
    if (::ioctl(node_.get(), SG_IO, &io) != 0)
        throw_failed(std::generic_category().message(errno),
                     "was it unplugged? Look for disconnects in the kernel's log");
    if (io.host_status != 0) throw_failed("does not answer", "unplug it and plug it in again");
    if (io.status != 0) throw_failed("refuses its own command", "is it really a USB-SD-Mux? Plug it in again");
}

void SdMuxChip::throw_failed(const std::string& reason, const std::string& next) const {
    throw InfrastructureError{what_ + ": " + reason + "; " + next};
}

}  // namespace patchbay
