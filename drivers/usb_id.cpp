// SPDX-License-Identifier: Apache-2.0
#include "drivers/usb_id.hpp"

#include <algorithm>

#include "core/text.hpp"

namespace patchbay {
namespace {

bool all_of(std::string_view text, std::string_view alphabet) {
    return !text.empty() && text.find_first_not_of(alphabet) == std::string_view::npos;
}

/// "1-1.4": the number of the bus, then that of a port for each hub on the way.
bool is_usb_path(std::string_view path) {
    const auto dash = path.find('-');
    if (dash == std::string_view::npos || !all_of(path.substr(0, dash), "0123456789")) return false;
    auto ports = path.substr(dash + 1);
    for (auto dot = ports.find('.'); dot != std::string_view::npos; dot = ports.find('.')) {
        if (!all_of(ports.substr(0, dot), "0123456789")) return false;
        ports.remove_prefix(dot + 1);
    }
    return all_of(ports, "0123456789");
}

}  // namespace

std::string read_quoted(config::MapReader& options, std::string_view key) {
    const auto* value = options.raw(key);
    if (value == nullptr || value->is_null()) return {};
    if (!value->is_string()) {
        options.problem(key, "YAML takes this for a number or a date: put it into quotes");
        return {};
    }
    return *value->as_string();
}

std::string read_usb_id(config::MapReader& options, std::string_view key) {
    const auto id = lower_case(read_quoted(options, key));
    if (!id.empty() && (id.size() != 4 || !all_of(id, "0123456789abcdef")))
        options.problem(key, "must be four hexadecimal digits in quotes, as lsusb prints them: \"0403\"");
    return id;
}

std::string read_usb_path(config::MapReader& options, std::string_view key) {
    auto path = read_quoted(options, key);
    if (!path.empty() && !is_usb_path(path))
        options.problem(key, "is no USB path: write the device's name under /sys/bus/usb/devices, such as 1-1.4");
    return path;
}

}  // namespace patchbay
