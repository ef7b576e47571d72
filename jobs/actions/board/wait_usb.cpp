// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/board/wait_usb.hpp"

#include <algorithm>
#include <functional>

#include "core/text.hpp"
#include "jobs/actions/job_context.hpp"

namespace patchbay {
namespace {

// A board takes half a second and more to come; the list of a full lab is read within a few milliseconds.
constexpr auto pause = 100ms;

/// udev, from which labs copy serial numbers, writes what is unusual in them as '_'.
std::string as_udev_writes(std::string_view serial) {
    std::string text{serial};
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c == ' ' || c == '/'; }, '_');
    return text;
}

/// "QUSB_BULK_CID:0402_SN:3A8F21D7"
bool is_other_chip(const std::string& product, const std::string& wanted) {
    constexpr std::string_view mark = "SN:";
    const auto at = product.find(mark);
    if (wanted.empty() || at == std::string::npos) return false;
    const auto serial = product.substr(at + mark.size());
    return lower_case(serial.substr(0, serial.find_first_of(" _"))) != lower_case(wanted);
}

bool fits(const UsbDevice& device, const UsbWanted& wanted) {
    constexpr std::string_view place = "usb:";
    if (wanted.serial.starts_with(place)) {
        if (device.path != wanted.serial.substr(place.size())) return false;
    } else if (!wanted.serial.empty() && device.serial_number != wanted.serial &&
               as_udev_writes(device.serial_number) != wanted.serial) {
        return false;
    }
    if (is_other_chip(device.product, wanted.chip_serial)) return false;
    const auto ids = device.ids();
    const auto is = [](const std::string& id, std::string_view of_device) {
        return id.empty() || lower_case(id) == of_device;
    };
    return is(wanted.vendor, std::string_view{ids}.substr(0, 4)) && is(wanted.product, std::string_view{ids}.substr(5));
}

bool is_empty(const UsbWanted& wanted) {
    return wanted.serial.empty() && wanted.vendor.empty() && wanted.product.empty();
}

/// The name of the driver that a serial port's interface is bound to.
std::string driver_of(const UsbNode& port) {
    const auto interface = port.device.path + ":1." + std::to_string(port.interface);
    std::error_code failed;
    return std::filesystem::read_symlink(port.device.folder / interface / "driver", failed).filename().string();
}

bool is_not_awaited(const JobContext& job) {
    if (job.description.device_info.empty()) return false;
    const auto* waits = job.description.device_info.front().find("wait_device_board_id");
    return waits && waits->as_bool() && !*waits->as_bool();
}

class WaitUsb : public Action {
public:
    WaitUsb(std::string action, UsbWanted wanted)
        : Action{std::move(action), "wait for a USB device"}, wanted_{std::move(wanted)} {}

protected:
    ErrorType timeout_type() const override { return ErrorType::infrastructure; }

    Task<> run(JobContext& job, Deadline) override {
        if (is_empty(wanted_)) co_return;
        if (is_not_awaited(job)) {
            job.log.debug("device_info says not to wait for the board");
            co_return;
        }
        job.log.debug("Waiting for a USB device with " + wanted_.text());
        job.log.flush();
        while (!is_there(job)) co_await sleep_for(pause);
    }

    virtual bool is_there(JobContext& job) {
        const auto found = find_usb(job, wanted_);
        if (found) job.log.debug("found " + found->text());
        return found.has_value();
    }

    UsbWanted wanted_;
};

class WaitUsbSerial final : public WaitUsb {
public:
    explicit WaitUsbSerial(UsbWanted wanted) : WaitUsb{"wait-usb-serial", std::move(wanted)} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        if (wanted_.serial.empty()) errors.push_back("board_id unset");
        if (!settle_time(job)) errors.push_back("usb_sleep must be a whole number of seconds, 0 or more");
        co_return;
    }

protected:
    Task<> run(JobContext& job, Deadline deadline) override {
        co_await WaitUsb::run(job, deadline);
        co_await sleep_for(settle_time(job).value_or(std::chrono::seconds{0}));
    }

    bool is_there(JobContext& job) override {
        auto driver = device_value(job, "usb_serial_driver");
        if (driver.empty()) driver = "cdc_acm";
        for (const auto& port : usb_nodes("class/tty", job.settings.host_root)) {
            if (!fits(port.device, wanted_) || driver_of(port) != driver) continue;
            job.log.debug("found " + port.name + " of " + port.device.text());
            return true;
        }
        return false;
    }

private:
    static std::optional<std::chrono::seconds> settle_time(const JobContext& job) {
        const auto* value = job.description.rendered.find("usb_sleep");
        if (!value || value->is_null()) return std::chrono::seconds{0};
        const auto* number = value->as_int();
        if (!number || *number < 0 || *number > 3600) return std::nullopt;
        return std::chrono::seconds{*number};
    }
};

}  // namespace

std::string UsbWanted::text() const {
    std::string text = serial.empty() ? "" : "serial number " + serial;
    if (serial.starts_with("usb:")) text = "place " + serial.substr(4);
    if (!vendor.empty()) text += (text.empty() ? "" : ", ") + ("id " + vendor + ":" + product);
    return text;
}

std::optional<UsbDevice> find_usb(const JobContext& job, const UsbWanted& wanted) {
    if (is_empty(wanted)) return std::nullopt;
    for (auto& device : usb_devices(job.settings.host_root)) {
        if (fits(device, wanted)) return std::move(device);
    }
    return std::nullopt;
}

std::string device_value(const JobContext& job, std::string_view key) {
    return config::text_or_empty(job.description.rendered.find(key));
}

bool is_unset_serial(std::string_view serial) { return serial.find_first_not_of('0') == std::string_view::npos; }

ActionPtr make_wait_usb(std::string action, UsbWanted wanted) {
    return std::make_unique<WaitUsb>(std::move(action), std::move(wanted));
}

ActionPtr make_wait_device_boardid(const JobContext& job) {
    UsbWanted wanted;
    wanted.serial = device_value(job, "board_id");
    return make_wait_usb("wait-device-boardid", std::move(wanted));
}

ActionPtr make_wait_usb_serial(const JobContext& job) {
    UsbWanted wanted;
    wanted.serial = device_value(job, "board_id");
    wanted.vendor = device_value(job, "usb_vendor_id");
    wanted.product = device_value(job, "usb_product_id");
    return std::make_unique<WaitUsbSerial>(std::move(wanted));
}

}  // namespace patchbay
