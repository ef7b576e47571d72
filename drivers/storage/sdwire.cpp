// SPDX-License-Identifier: Apache-2.0
// SDWire and SDWireC: an FTDI chip (04e8:6001) whose pin CBUS0 decides who has the card. The card reader is another
// device on the same little hub (0424:2640). Protocol: FTDI's bit mode 0x20, the low four bits are the pins' levels,
// the high four which of them are outputs.
// SDWire3: only a card reader (0bda:0316). A reset while no driver of the kernel has it gives the card to the board,
// one while the driver has it gives it back. Source: what sdwire-cli and C-SDWire3 do; the latter was measured on a
// Linux host.

#include "core/errors.hpp"
#include "drivers/storage/media.hpp"
#include "drivers/storage/storage.hpp"
#include "drivers/storage/switched_storage.hpp"
#include "drivers/usb/requests.hpp"

namespace patchbay {
namespace {

constexpr std::uint8_t set_bit_mode = 0x0b, read_pins = 0x0c;
constexpr std::uint16_t cbus_mode = 0x20 << 8, all_outputs = 0xf0, to_host = 1, first_port = 1;

struct Settings {
    UsbIdentity place;  ///< of the FTDI chip, or of the SDWire3
    DiskQuery disk;     ///< empty: the reader on the same hub, or the SDWire3 itself
};

Settings read(config::MapReader& options) {
    Settings settings;
    settings.place = read_usb_identity(options);
    if (settings.place.empty()) options.problem("serial_number", "missing: name the SDWire by it or by usb_path");
    if (options.has("disk")) {
        auto disk = options.map("disk");
        settings.disk = read_disk_query(disk);
        disk.finish();
    }
    return settings;
}

void set_pin(UsbRequests& requests, Storage::Side side, const std::string& what) {
    const std::uint16_t level = side == Storage::Side::host ? to_host : 0;
    const auto value = static_cast<std::uint16_t>(cbus_mode | all_outputs | level);
    requests.write({0x40, set_bit_mode, value, first_port});
    const auto pins = requests.read({0xc0, read_pins, 0, first_port}, 1, 1);
    if ((pins[0] & 1) != level)
        throw InfrastructureError{what +
                                  " took the order, but its pin reads back otherwise; unplug it and plug it in again"};
}

bool has_driver(const UsbDevice& device) {
    std::error_code gone;
    return std::filesystem::exists(device.folder / (device.path + ":1.0") / "driver", gone);
}

class SdWire final : public MediumSwitch {
public:
    SdWire(Settings settings, const DriverRequest& request)
        : settings_{std::move(settings)}, label_{request.label}, root_{request.context.root} {}

    std::string name() const override { return "SDWire with " + settings_.place.text(); }

    std::vector<UsbDisk> disks() override {
        if (!settings_.disk.empty()) return find_disks(settings_.disk, root_);
        const auto devices = usb_devices(root_);
        const auto chip = find(devices);
        auto disks = usb_disks(root_);
        if (is_sd_wire_3(chip)) {
            std::erase_if(disks, [&](const UsbDisk& disk) { return disk.usb.device.path != chip.path; });
            return disks;
        }
        const auto* hub = sd_wire_hub(chip, devices);
        if (hub == nullptr) {
            throw InfrastructureError{label_ + ": " + name() + " at " + chip.text() +
                                      " is not on the hub of an SDWire (0424:2640), so its card reader is not known; "
                                      "name it in the device's description: 'disk: {serial_number: …}'"};
        }
        std::erase_if(disks, [&](const UsbDisk& disk) { return usb_hub_of(disk.usb.device.path) != hub->path; });
        return disks;
    }

    std::vector<Storage::Side> sides() const override { return {Storage::Side::host, Storage::Side::board}; }

    /// The pin keeps its level, but before the first order it belongs to another function of the chip.
    std::optional<Storage::Side> side() override {
        const auto chip = find(usb_devices(root_));
        if (!is_sd_wire_3(chip)) return std::nullopt;
        return has_driver(chip) ? Storage::Side::host : Storage::Side::board;
    }

    std::string doubt(Storage::Side side) override {
        if (side == Storage::Side::host || !is_sd_wire_3(find(usb_devices(root_)))) return {};
        return "of an SDWire3 only that the host let the card go can be seen, and not that the board has it";
    }

    void give(Storage::Side side) override {
        if (side == Storage::Side::nobody)
            throw JobError{label_ + ": " + name() + " knows only host and board; take one of them"};
        const auto chip = find(usb_devices(root_));
        const auto what = label_ + ": SDWire at " + chip.text();
        UsbRequests requests{chip, what};
        if (!is_sd_wire_3(chip)) return set_pin(requests, side, what);
        side == Storage::Side::host ? requests.attach_driver() : requests.detach_driver();
        requests.reset();
    }

    std::vector<std::filesystem::path> control_nodes() override { return {find(usb_devices(root_)).node}; }

private:
    UsbDevice find(const std::vector<UsbDevice>& devices) const {
        std::vector<UsbDevice> chips;
        for (const auto& device : devices) {
            if (is_sd_wire(device) || is_sd_wire_3(device)) chips.push_back(device);
        }
        return only_usb_device(chips, settings_.place, label_ + ": SDWire");
    }

    Settings settings_;
    std::string label_;
    std::filesystem::path root_;
};

}  // namespace

DriverPtr make_sdwire(const DriverRequest& request) {
    auto medium = std::make_unique<SdWire>(read(request.options), request);
    return make_switched_storage(std::move(medium), request);
}

}  // namespace patchbay
