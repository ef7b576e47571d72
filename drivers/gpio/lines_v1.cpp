// SPDX-License-Identifier: Apache-2.0
// libgpiod 1.6, its C interface.

#include <gpiod.h>

#include <cerrno>

#include "drivers/gpio/lines.hpp"

namespace patchbay {
namespace {

struct CloseChip {
    void operator()(gpiod_chip* chip) const { gpiod_chip_close(chip); }
};
using Chip = std::unique_ptr<gpiod_chip, CloseChip>;

[[noreturn]] void throw_errno(const std::string& what) {
    throw std::system_error{errno, std::generic_category(), what};
}

Chip open(const std::filesystem::path& device) {
    Chip chip{gpiod_chip_open(device.c_str())};
    if (!chip) throw_errno(device.string());
    return chip;
}

gpiod_line* find_line(gpiod_chip* chip, const GpioLineName& line) {
    if (const auto* offset = std::get_if<unsigned>(&line)) {
        if (*offset < gpiod_chip_num_lines(chip)) return gpiod_chip_get_line(chip, *offset);
    } else if (auto* found = gpiod_chip_find_line(chip, std::get<std::string>(line).c_str())) {
        return found;
    }
    errno = EINVAL;
    return nullptr;
}

class LineV1 final : public GpioLine {
public:
    LineV1(Chip chip, gpiod_line* line) : chip_{std::move(chip)}, line_{line} {}

    void drive(bool active) override {
        const int failed =
            driven_ ? gpiod_line_set_value(line_, active) : gpiod_line_set_direction_output(line_, active);
        if (failed != 0) throw_errno("set");
        driven_ = true;
    }

    bool value() override {
        const int value = gpiod_line_get_value(line_);
        if (value < 0) throw_errno("get");
        return value != 0;
    }

private:
    Chip chip_;  // closing it releases the line
    gpiod_line* line_;
    bool driven_ = false;
};

}  // namespace

std::string gpio_chip_label(const std::filesystem::path& device) { return gpiod_chip_label(open(device).get()); }

std::unique_ptr<GpioLine> request_gpio_line(const std::filesystem::path& device, const GpioLineName& name,
                                            GpioActive active) {
    auto chip = open(device);
    auto* line = find_line(chip.get(), name);
    if (line == nullptr) throw_errno("line");
    gpiod_line_request_config config{};
    config.consumer = "patchbay";
    config.request_type = GPIOD_LINE_REQUEST_DIRECTION_AS_IS;
    config.flags = active == GpioActive::low ? GPIOD_LINE_REQUEST_FLAG_ACTIVE_LOW : 0;
    if (gpiod_line_request(line, &config, 0) != 0) {
        if (errno != EBUSY) throw_errno("request");
        gpiod_line_update(line);
        const auto* consumer = gpiod_line_consumer(line);
        throw GpioLineTaken{consumer != nullptr ? consumer : ""};
    }
    return std::make_unique<LineV1>(std::move(chip), line);
}

}  // namespace patchbay
