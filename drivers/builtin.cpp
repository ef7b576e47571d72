// SPDX-License-Identifier: Apache-2.0
#include "drivers/builtin.hpp"

#include <algorithm>

#include "devices/capability/power.hpp"
#include "drivers/audio/audio.hpp"
#include "drivers/exec/exec.hpp"
#include "drivers/gpio/gpio.hpp"
#include "drivers/net/net.hpp"
#include "drivers/net/pdu.hpp"
#include "drivers/qemu/qemu.hpp"
#include "drivers/serial/serial.hpp"
#include "drivers/storage/storage.hpp"
#include "drivers/usb/usb.hpp"

namespace patchbay {
namespace {

const DriverEntry* find_driver(std::string_view kind, std::string_view name) {
    const auto& table = builtin_drivers();
    const auto is_it = [&](const DriverEntry& entry) { return entry.kind == kind && entry.name == name; };
    const auto found = std::ranges::find_if(table, is_it);
    return found == table.end() ? nullptr : &*found;
}

std::string known_drivers(std::string_view kind) {
    std::string known;
    for (const auto& entry : builtin_drivers()) {
        if (entry.kind == kind) known += (known.empty() ? "" : ", ") + std::string{entry.name};
    }
    return known;
}

/// The whole device is one machine, and its options stand all over LAVA's device file.
HardwareEntry machine_entry(const DeviceDescription& description) {
    return {"machine", "", description.driver, description.driver_options, "driver_options"};
}

class DeviceMaker {
public:
    DeviceMaker(const DeviceDescription& description, const DriverContext& context, config::Problems& problems)
        : description_{description}, context_{context}, problems_{problems} {}

    void add(const HardwareEntry& entry) {
        const auto* driver = find_driver(entry.kind, entry.driver);
        if (driver == nullptr) {
            problems_.add(
                entry.options.mark, entry.path,
                "unknown driver '" + entry.driver + "'; for " + entry.kind + " there are " + known_drivers(entry.kind));
            return;
        }
        config::MapReader options{entry.options, entry.path, problems_};
        auto label = "device " + description_.name + ": " + entry.kind;
        if (!entry.name.empty()) label += " " + entry.name;
        drivers_.push_back({driver->make({description_, std::move(label), options, context_}), entry.name});
    }

    std::vector<NamedDriver> take() { return std::move(drivers_); }

private:
    const DeviceDescription& description_;
    const DriverContext& context_;
    config::Problems& problems_;
    std::vector<NamedDriver> drivers_;
};

std::vector<NamedDriver> make_drivers(const DeviceDescription& description, const DriverContext& context,
                                      config::Problems& problems) {
    DeviceMaker maker{description, context, problems};
    if (!description.driver.empty()) maker.add(machine_entry(description));
    // The supply is the first to be made safe: what follows may take long, or fail.
    for (const bool power : {true, false}) {
        for (const auto& entry : description.hardware) {
            if ((entry.kind == Power::kind) == power) maker.add(entry);
        }
    }
    return maker.take();
}

}  // namespace

const std::vector<DriverEntry>& builtin_drivers() {
    static const std::vector<DriverEntry> table{
        {"machine", "qemu", "a virtual machine, started anew for every boot", make_qemu},
        {"console", "command", "a program whose terminal is the console: telnet, ssh, conserver", make_command_console},
        {"console", "serial", "a serial port of this machine, through loss and return of its adapter",
         make_serial_console},
        {"console", "ssh", "what a login or a command on another machine shows", make_ssh_console},
        {"console", "tcp", "a console server's raw TCP port", make_tcp_console},
        {"console", "rfc2217", "a console server's port with speed, break and modem lines", make_rfc2217_console},
        {"power", "command", "a program of the lab's switches the supply", power_of<make_command_switch>},
        {"line", "command", "a program of the lab's sets the line", line_of<make_command_switch>},
        {"power", "gpio", "a GPIO line switches the supply", power_of<make_gpio_switch>},
        {"line", "gpio", "a GPIO line", line_of<make_gpio_switch>},
        {"power", "hid-relay", "a USB HID relay switches the supply", power_of<make_hid_relay_switch>},
        {"line", "hid-relay", "a USB HID relay sets the line", line_of<make_hid_relay_switch>},
        {"power", "pdu", "an outlet of a network power switch", power_of<make_pdu_switch>},
        {"line", "pdu", "an outlet of a network power switch sets the line", line_of<make_pdu_switch>},
        {"power", "pdudaemon", "an outlet behind a PDUDaemon", power_of<make_pdudaemon_switch>},
        {"line", "pdudaemon", "an outlet behind a PDUDaemon sets the line", line_of<make_pdudaemon_switch>},
        {"power", "serial-relay", "a relay behind a serial port switches the supply",
         power_of<make_serial_relay_switch>},
        {"line", "serial-relay", "a relay behind a serial port sets the line", line_of<make_serial_relay_switch>},
        {"power", "usb-hub-port", "a port of a USB hub feeds the board", power_of<make_usb_hub_port_switch>},
        {"line", "usb-hub-port", "a port of a USB hub sets the line", line_of<make_usb_hub_port_switch>},
        {"storage", "sdwire", "an SD card behind an SDWire, SDWireC or SDWire3", make_sdwire},
        {"storage", "usb-sd-mux", "an SD card behind a USB-SD-Mux", make_usb_sd_mux},
        {"storage", "usb-storage", "a USB disk of this host", make_usb_storage},
        {"network", "static", "a board's address, MAC and interface, as the lab's owner gives them",
         make_static_network},
        {"audio", "alsa", "a sound card of this host plays and captures", make_alsa_audio},
    };
    return table;
}

Device make_device(const DeviceDescription& description, const DriverContext& context, const std::string& file) {
    if (description.driver.empty() && description.hardware.empty()) {
        throw ConfigurationError{"device " + description.name +
                                 " has no hardware: name its capabilities under 'hardware', or a machine's 'driver' (" +
                                 known_drivers("machine") + ")"};
    }
    config::Problems problems{file.empty() ? "device " + description.name : file};
    auto drivers = make_drivers(description, context, problems);
    problems.raise_if_any();
    return Device{description.name, std::move(drivers)};
}

void check_hardware(const DeviceDescription& description, const DriverContext& context, config::Problems& problems) {
    make_drivers(description, context, problems);
}

}  // namespace patchbay
