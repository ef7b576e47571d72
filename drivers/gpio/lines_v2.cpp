// SPDX-License-Identifier: Apache-2.0
// libgpiod 2.x, its C interface.

#include <gpiod.h>

#include <cerrno>

#include "drivers/gpio/lines.hpp"

#include "core/deleter.hpp"

namespace patchbay {
namespace {

using Chip = std::unique_ptr<gpiod_chip, Deleter<gpiod_chip_close>>;
using ChipInfo = std::unique_ptr<gpiod_chip_info, Deleter<gpiod_chip_info_free>>;
using LineInfo = std::unique_ptr<gpiod_line_info, Deleter<gpiod_line_info_free>>;
using Settings = std::unique_ptr<gpiod_line_settings, Deleter<gpiod_line_settings_free>>;
using LineConfig = std::unique_ptr<gpiod_line_config, Deleter<gpiod_line_config_free>>;
using RequestConfig = std::unique_ptr<gpiod_request_config, Deleter<gpiod_request_config_free>>;
using Request = std::unique_ptr<gpiod_line_request, Deleter<gpiod_line_request_release>>;

[[noreturn]] void throw_errno(const std::string& what) {
    throw std::system_error{errno, std::generic_category(), what};
}

Chip open(const std::filesystem::path& device) {
    Chip chip{gpiod_chip_open(device.c_str())};
    if (!chip) throw_errno(device.string());
    return chip;
}

unsigned offset_of(gpiod_chip* chip, const GpioLineName& line) {
    if (const auto* offset = std::get_if<unsigned>(&line)) return *offset;  // the kernel refuses one too many
    const int offset = gpiod_chip_get_line_offset_from_name(chip, std::get<std::string>(line).c_str());
    if (offset < 0) {
        errno = EINVAL;
        throw_errno("line");
    }
    return static_cast<unsigned>(offset);
}

gpiod_line_value value_of(bool active) { return active ? GPIOD_LINE_VALUE_ACTIVE : GPIOD_LINE_VALUE_INACTIVE; }

class LineV2 final : public GpioLine {
public:
    LineV2(const Chip& chip, unsigned offset, GpioActive active)
        : offset_{offset}, settings_{gpiod_line_settings_new()}, config_{gpiod_line_config_new()} {
        gpiod_line_settings_set_active_low(settings_.get(), active == GpioActive::low);
        put_settings();
        const RequestConfig request{gpiod_request_config_new()};
        gpiod_request_config_set_consumer(request.get(), "patchbay");
        request_.reset(gpiod_chip_request_lines(chip.get(), request.get(), config_.get()));
        if (!request_) throw_errno("request");
    }

    void drive(bool active) override {
        int failed = 0;
        if (driven_) {
            failed = gpiod_line_request_set_value(request_.get(), offset_, value_of(active));
        } else {
            gpiod_line_settings_set_direction(settings_.get(), GPIOD_LINE_DIRECTION_OUTPUT);
            gpiod_line_settings_set_output_value(settings_.get(), value_of(active));
            put_settings();
            failed = gpiod_line_request_reconfigure_lines(request_.get(), config_.get());
        }
        if (failed != 0) throw_errno("set");
        driven_ = true;
    }

    bool value() override {
        const auto value = gpiod_line_request_get_value(request_.get(), offset_);
        if (value == GPIOD_LINE_VALUE_ERROR) throw_errno("get");
        return value == GPIOD_LINE_VALUE_ACTIVE;
    }

private:
    void put_settings() {
        gpiod_line_config_reset(config_.get());
        if (gpiod_line_config_add_line_settings(config_.get(), &offset_, 1, settings_.get()) != 0) throw_errno("set");
    }

    unsigned offset_;
    Settings settings_;
    LineConfig config_;
    Request request_;
    bool driven_ = false;
};

}  // namespace

std::string gpio_chip_label(const std::filesystem::path& device) {
    const auto chip = open(device);
    const ChipInfo info{gpiod_chip_get_info(chip.get())};
    if (!info) throw_errno(device.string());
    return gpiod_chip_info_get_label(info.get());
}

std::unique_ptr<GpioLine> request_gpio_line(const std::filesystem::path& device, const GpioLineName& name,
                                            GpioActive active) {
    const auto chip = open(device);
    const auto offset = offset_of(chip.get(), name);
    try {
        return std::make_unique<LineV2>(chip, offset, active);
    } catch (const std::system_error& error) {
        if (error.code().value() != EBUSY) throw;
    }
    const LineInfo info{gpiod_chip_get_line_info(chip.get(), offset)};
    const auto* consumer = info ? gpiod_line_info_get_consumer(info.get()) : nullptr;
    throw GpioLineTaken{consumer != nullptr ? consumer : ""};
}

}  // namespace patchbay
