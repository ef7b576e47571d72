// SPDX-License-Identifier: Apache-2.0
#include "drivers/serial/settings.hpp"

#include <array>

#include "drivers/usb/identity.hpp"

namespace patchbay {
namespace {

/// "/dev/ttyUSB0", "/dev/ttyACM12": numbered in the order of plugging in.
bool is_numbered_by_chance(const std::string& path) {
    for (const std::string_view prefix : {"/dev/ttyUSB", "/dev/ttyACM"}) {
        if (!path.starts_with(prefix)) continue;
        const auto rest = path.substr(prefix.size());
        return !rest.empty() && rest.find_first_not_of("0123456789") == std::string::npos;
    }
    return false;
}

/// A link that udev makes: its name, or its whole path.
std::filesystem::path read_link(config::MapReader& options, const std::string& key, const std::string& folder) {
    const auto name = read_quoted(options, key);
    if (name.empty()) return {};
    if (name.starts_with(folder)) return name;
    if (name.find('/') != std::string::npos) options.problem(key, "must be the name of a link in " + folder);
    return folder + name;
}

std::filesystem::path read_port(config::MapReader& options) {
    const auto port = read_quoted(options, "port");
    if (is_numbered_by_chance(port)) {
        options.problem("port", port +
                                    " is a number that changes with the order of plugging in; write serial_number or "
                                    "usb_path instead ('udevadm info " +
                                    port + "' shows ID_USB_SERIAL_SHORT, and the path in DEVPATH)");
    } else if (!port.empty() && !port.starts_with('/')) {
        options.problem("port", "must be a whole path, such as /dev/ttyS0");
    }
    return port;
}

AdapterQuery read_query(config::MapReader& options) {
    AdapterQuery query;
    query.usb.usb_path = read_usb_path(options, "usb_path");
    query.usb.serial_number = read_quoted(options, "serial_number");
    query.usb.vendor = read_usb_id(options, "vendor");
    query.usb.product = read_usb_id(options, "product");
    query.usb.interface = options.maybe<unsigned>("interface");
    query.usb.port_number = options.maybe<unsigned>("port_number");
    const std::array links{read_link(options, "by_id", "/dev/serial/by-id/"),
                           read_link(options, "by_path", "/dev/serial/by-path/"), read_port(options)};
    int links_given = 0, properties = 0;
    for (const auto* key : {"by_id", "by_path", "port"}) links_given += options.has(key);
    for (const auto* key : {"usb_path", "serial_number", "vendor", "product", "interface", "port_number"})
        properties += options.has(key);
    for (const auto& link : links) {
        if (!link.empty()) query.link = link;
    }
    if (links_given == 0 && !options.has("usb_path") && !options.has("serial_number"))
        options.problem("serial_number",
                        "missing: name the adapter by it or by usb_path, or by by_id, by_path or port");
    if (links_given + (properties > 0) > 1 && !query.link.empty()) {
        const auto* key = query.link == links[2] ? "port" : query.link == links[1] ? "by_path" : "by_id";
        options.problem(key, "names the adapter alone, without other keys for it");
    }
    return query;
}

}  // namespace

SerialSettings read_serial_settings(config::MapReader& options) {
    SerialSettings settings;
    settings.adapter = read_query(options);
    auto& line = settings.line;
    line = read_line_settings(options);
    line.speed = line.speed.value_or(115200);
    line.data_bits = line.data_bits.value_or(8);
    line.parity = line.parity.value_or(Parity::none);
    line.stop_bits = line.stop_bits.value_or(1);
    line.flow_control = line.flow_control.value_or(FlowControl::none);
    settings.exclusive = options.value_or("exclusive", settings.exclusive);
    settings.flush = options.value_or("flush", settings.flush);
    settings.board_powered = options.value_or("board_powered", settings.board_powered);
    const bool has_place = options.has("usb_path") || options.has("by_path") || options.has("port");
    if (settings.board_powered && !has_place) {
        options.problem("board_powered",
                        "needs usb_path: while this board has no supply, another board's adapter with the same "
                        "serial number would be taken for its own");
    }
    settings.lost_after = options.value_or("lost_after", settings.lost_after);
    options.finish();
    return settings;
}

}  // namespace patchbay
