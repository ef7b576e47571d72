// SPDX-License-Identifier: Apache-2.0
#include "drivers/gpio/gpio.hpp"

#include <algorithm>
#include <cerrno>

#include "core/errors.hpp"
#include "drivers/gpio/lines.hpp"
#include "drivers/hardware_workers.hpp"
#include "drivers/usb/identity.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;

struct Settings {
    std::string chip;   ///< name, path or label
    UsbIdentity place;  ///< or where its adapter is plugged in
    GpioLineName line{0U};
    GpioActive active = GpioActive::high;
};

Settings read(config::MapReader& options) {
    Settings settings;
    settings.chip = options.value_or<std::string>("chip", "");
    settings.place = read_usb_identity(options, UsbInterfaceKey::yes);
    if (settings.chip.empty() == settings.place.empty())
        options.problem("chip", "missing: give chip (a name or label), or usb_path or serial_number of its adapter");
    const auto* line = options.raw("line");
    if (line != nullptr && line->is_string() && !line->as_string()->empty()) {
        settings.line = *line->as_string();
    } else if (line != nullptr && line->as_int() != nullptr && *line->as_int() >= 0) {
        settings.line = static_cast<unsigned>(*line->as_int());
    } else {
        options.problem("line", "must be the line's name, or its number on the chip");
    }
    if (options.value_or("active_low", false)) settings.active = GpioActive::low;
    return settings;
}

std::string text_of(const GpioLineName& line) {
    if (const auto* offset = std::get_if<unsigned>(&line)) return std::to_string(*offset);
    return "'" + std::get<std::string>(line) + "'";
}

std::string line_text(const Settings& settings) { return ", line " + text_of(settings.line); }

std::string chip_text(const Settings& settings) {
    return settings.chip.empty() ? settings.place.name("GPIO chip") : "GPIO chip '" + settings.chip + "'";
}

/// Chips of the kernel, by the names that it counts them with.
std::vector<std::string> chip_names(const fs::path& root) {
    std::vector<std::string> names;
    std::error_code failed;
    for (const auto& each : fs::directory_iterator{root / "sys/bus/gpio/devices", failed})
        names.push_back(each.path().filename().string());
    std::ranges::sort(names);
    return names;
}

/// Throws: InfrastructureError when no chip has that label, or several have.
fs::path chip_with_label(const std::string& label, const std::string& what, const fs::path& root) {
    std::vector<std::string> fitting;
    std::string others;
    for (const auto& name : chip_names(root)) {
        std::string is;
        try {
            is = gpio_chip_label(root / "dev" / name);
        } catch (const std::system_error& error) {
            is = error.code().message();  // perhaps the very one: whoever reads the message should know
        }
        if (is == label) fitting.push_back(name);
        others += (others.empty() ? "" : ", ") + name + " (" + is + ")";
    }
    if (fitting.size() == 1) return root / "dev" / fitting.front();
    throw InfrastructureError{
        what + (fitting.empty() ? " is not there" : " could be several, so none is touched") + ": there are " +
        (others.empty() ? "none" : others) +
        (fitting.empty() ? "" : "; write usb_path, serial_number or a name into the device's description")};
}

fs::path find_chip(const Settings& settings, const std::string& label, const fs::path& root) {
    if (!settings.place.empty()) {
        const auto chips = usb_nodes("bus/gpio/devices", root);
        return root / "dev" / only_usb_node(chips, settings.place, label + ": GPIO chip", line_text(settings)).name;
    }
    if (settings.chip.starts_with('/')) return settings.chip;
    const auto names = chip_names(root);
    if (std::ranges::find(names, settings.chip) != names.end()) return root / "dev" / settings.chip;
    return chip_with_label(settings.chip, label + ": " + chip_text(settings) + line_text(settings), root);
}

/// A line that is found and requested at the first use, and again when its chip was lost. On a worker only.
class HeldLine {
public:
    HeldLine(Settings settings, const DriverRequest& request)
        : settings_{std::move(settings)}, label_{request.label}, root_{request.context.root} {}

    std::string name() const { return chip_text(settings_) + line_text(settings_); }

    void drive(bool active) {
        use([active](GpioLine& line) {
            line.drive(active);
            return active;
        });
    }
    bool value() {
        return use([](GpioLine& line) { return line.value(); });
    }

    std::vector<fs::path> nodes() const {
        try {
            return {find_chip(settings_, label_, root_)};
        } catch (const InfrastructureError&) {
            return {};
        }
    }

private:
    template <class Use>
    bool use(Use what_for) {
        if (line_) {
            try {
                return what_for(*line_);
            } catch (const std::system_error&) {
                line_.reset();  // unplugged; perhaps it is back, with another number
            }
        }
        const auto chip = find_chip(settings_, label_, root_);
        const auto what = label_ + ": " + chip.filename().string() + " line " + text_of(settings_.line);
        try {
            line_ = request_gpio_line(chip, settings_.line, settings_.active);
            return what_for(*line_);
        } catch (const GpioLineTaken& taken) {
            throw InfrastructureError{what + " is taken by " +
                                      (taken.consumer.empty() ? "another program" : "'" + taken.consumer + "'") +
                                      "; end that program, or correct 'line' (gpioinfo lists them)"};
        } catch (const std::system_error& error) {
            line_.reset();
            throw InfrastructureError{what + ": " + error.code().message() + next_step(error.code().value())};
        }
    }

    static std::string next_step(int error) {
        switch (error) {
            case EACCES:
            case EPERM:
                return "; give the runner's user the right to the chip, by Patchbay's udev rules";
            case EINVAL:
                return "; there is no such line, or it cannot be an output (gpioinfo lists them)";
            case ENOENT:
            case ENODEV:
                return "; is its adapter still plugged in?";
            default:
                return "; gpioinfo and the kernel's log may say more";
        }
    }

    Settings settings_;
    std::string label_;
    fs::path root_;
    std::unique_ptr<GpioLine> line_;
};

class GpioSwitch final : public Switch {
public:
    explicit GpioSwitch(std::shared_ptr<HeldLine> line) : line_{std::move(line)} {}

    std::string name() const override { return line_->name(); }

    Task<> set(bool on) override {
        auto work = [line = line_, on] { line->drive(on); };
        co_await on_hardware_worker(std::move(work));
    }

    Task<std::optional<bool>> read() override {
        auto work = [line = line_]() -> std::optional<bool> { return line->value(); };
        co_return co_await on_hardware_worker(std::move(work));
    }

    std::vector<fs::path> nodes() const override { return line_->nodes(); }

private:
    std::shared_ptr<HeldLine> line_;
};

}  // namespace

SwitchPtr make_gpio_switch(const DriverRequest& request) {
    return std::make_unique<GpioSwitch>(std::make_shared<HeldLine>(read(request.options), request));
}

}  // namespace patchbay
