// SPDX-License-Identifier: Apache-2.0
// GPIO chips and the names of their lines. Information is read; no line is requested.

#include <fcntl.h>
#include <linux/gpio.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <system_error>

#include "core/process/file_descriptor.hpp"
#include "drivers/suggest/naming.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;

struct Chip {
    std::string name;  ///< "gpiochip0"
    std::optional<UsbNode> usb;
    std::string label;                                    ///< empty: could not be read
    unsigned lines = 0;                                   ///< 0: could not be read
    std::string problem;                                  ///< why not
    std::vector<std::pair<unsigned, std::string>> names;  ///< of the lines that have one
};

template <std::size_t size>
std::string text_in(const char (&text)[size]) {
    return {text, ::strnlen(text, size)};
}

void read_lines(Chip& chip, int file) {
    constexpr unsigned most = 256;
    for (unsigned offset = 0; offset < std::min(chip.lines, most); ++offset) {
        gpio_v2_line_info line{};
        line.offset = offset;
        if (::ioctl(file, GPIO_V2_GET_LINEINFO_IOCTL, &line) == 0 && line.name[0] != '\0')
            chip.names.emplace_back(offset, text_in(line.name));
    }
}

Chip read_chip(const std::string& name, const fs::path& root) {
    Chip chip{name, usb_node(root / "sys/bus/gpio/devices" / name, root), {}, 0, {}, {}};
    const auto node = root / "dev" / name;
    const FileDescriptor file{::open(node.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK)};
    gpiochip_info info{};
    if (!file || ::ioctl(file.get(), GPIO_GET_CHIPINFO_IOCTL, &info) != 0) {
        if (errno != EACCES && errno != EPERM)
            chip.problem = node.string() + ": " + std::generic_category().message(errno);
        return chip;
    }
    chip.label = text_in(info.label);
    chip.lines = info.lines;
    read_lines(chip, file.get());
    return chip;
}

std::vector<Chip> chips_of(const fs::path& root) {
    std::vector<Chip> chips;
    std::error_code failed;
    for (fs::directory_iterator each{root / "sys/bus/gpio/devices", failed}, end; !failed && each != end;
         each.increment(failed)) {
        chips.push_back(read_chip(each->path().filename().string(), root));
    }
    std::ranges::sort(chips, {}, [](const Chip& chip) {
        return std::tuple{!chip.usb, chip.usb ? chip.usb->device.path : chip.label, chip.name.size(), chip.name};
    });
    return chips;
}

void name_lines(Suggestion& one, const Chip& chip) {
    if (chip.names.empty()) {
        one.keys.set("line", 0);
    } else {
        one.keys.set("line", chip.names.front().second);
    }
    if (chip.lines > 0) one.notes.push_back("line: 0 to " + std::to_string(chip.lines - 1) + ", or a name.");
    std::string names;
    for (const auto& [offset, name] : chip.names)
        names += (names.empty() ? "" : ", ") + name + " (" + std::to_string(offset) + ")";
    if (!names.empty()) one.notes.push_back("Lines with names: " + names + ".");
}

}  // namespace

std::vector<Suggestion> suggest_gpio_chips(const fs::path& root) {
    std::vector<Suggestion> found;
    const auto chips = chips_of(root);
    const auto of_usb = usb_nodes("bus/gpio/devices", root);
    for (const auto& chip : chips) {
        Suggestion one;
        one.what = (chip.usb ? text_of(chip.usb->device) : "chip") +
                   (chip.label.empty() ? "" : " '" + chip.label + "'") + ", now /dev/" + chip.name;
        one.capability = "line";
        one.keys = {{"driver", "gpio"}};
        if (chip.usb) {
            name_node(one, *chip.usb, of_usb);
            one.keys.erase("port_number");
        } else if (!chip.label.empty() && std::ranges::count(chips, chip.label, &Chip::label) == 1) {
            one.keys.set("chip", chip.label);
        } else {
            one.keys.set("chip", chip.name);
            one.notes.push_back(chip.label.empty()
                                    ? "Its label could not be read, which would name it better: the number "
                                      "may be another after the next start."
                                    : "Others have the same label, and the number may be another after "
                                      "the next start.");
        }
        name_lines(one, chip);
        if (!chip.problem.empty()) one.notes.push_back(chip.problem);
        note_access(one, root / "dev" / chip.name);
        found.push_back(std::move(one));
    }
    return found;
}

}  // namespace patchbay
