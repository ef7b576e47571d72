// SPDX-License-Identifier: Apache-2.0
// Relay boards that the kernel takes for HID devices. Two kinds are sold:
//   16c0:05df "USBRelayN", dcttech: one feature report of 8 bytes, which holds the board's id and what its relays do
//   5131:2007 "LC-US8": frames of the LCUS protocol over interrupt endpoints; nothing can be read back
// Requests go to the device and not to its interface, so that nothing is taken from the kernel's driver, and other
// programs keep /dev/hidrawN. Sources: usbrelay(1) and labgrid's agent usb_hid_relay, as seen on the bus.

#include "drivers/usb/hid_relay.hpp"
#include "core/errors.hpp"
#include "drivers/hardware_workers.hpp"
#include "drivers/usb/lcus.hpp"
#include "drivers/usb/relay.hpp"
#include "drivers/usb/requests.hpp"
#include "drivers/usb/usb.hpp"

namespace patchbay {
namespace {

struct Settings : Relay {
    std::string relay;  ///< the five characters in the report of 16c0:05df
};

struct Report {
    std::string id;
    std::uint8_t relays = 0;  ///< bit 0 is channel 1
};

constexpr UsbRequest set_report{0x20, 0x09, 0x0300, 0};
constexpr UsbRequest get_report{0xa0, 0x01, 0x0300, 0};
constexpr std::size_t report_bytes = 8;

Settings read(config::MapReader& options) {
    Settings settings;
    settings.relay = options.value_or<std::string>("relay", "");
    settings.place.usb_path = read_usb_path(options, "usb_path");
    settings.channel = options.value_or("channel", 1);
    if (settings.channel < 1 || settings.channel > 8) options.problem("channel", "must be 1 to 8");
    if (!settings.relay.empty() && settings.relay.size() != 5)
        options.problem("relay", "must be the board's id of five characters, as usbrelay prints it");
    return settings;
}

bool is_frames_only(const UsbDevice& device) { return device.vendor_id == 0x5131 && device.product_id == 0x2007; }

Report report_of(UsbRequests& board) {
    const auto bytes = board.read(get_report, report_bytes, report_bytes);
    return {std::string{bytes.begin(), bytes.begin() + 5}, bytes[7]};
}

/// What one exchange needs; used on a worker only.
class Board {
public:
    Board(const Settings& settings, const std::string& label, const std::filesystem::path& root)
        : settings_{settings}, what_{label + ": relay board"}, device_{find(usb_devices(root))} {
        if (settings_.channel > hid_relay_channels(device_)) {
            throw InfrastructureError{name() + " has " + std::to_string(hid_relay_channels(device_)) +
                                      " channels; the device's description says channel " +
                                      std::to_string(settings_.channel)};
        }
    }

    void set(bool on) {
        UsbRequests requests{device_, name() + settings_.channel_text()};
        const auto channel = static_cast<std::uint8_t>(settings_.channel);
        if (is_frames_only(device_)) {
            requests.interrupt(lcus_frame(channel, on));
        } else {
            UsbBytes report(report_bytes);
            report[0] = on ? 0xff : 0xfd;
            report[1] = channel;
            requests.write(set_report, report);
        }
    }

    std::optional<bool> read() {
        if (is_frames_only(device_)) return std::nullopt;
        UsbRequests requests{device_, name() + settings_.channel_text()};
        return (report_of(requests).relays >> (settings_.channel - 1) & 1) != 0;
    }

private:
    std::string name() const {
        return what_ + (settings_.relay.empty() ? "" : " " + settings_.relay) + " at " + device_.text();
    }

    UsbDevice find(const std::vector<UsbDevice>& attached) const {
        std::vector<UsbDevice> boards;
        for (const auto& device : attached) {
            if (is_hid_relay(device)) boards.push_back(device);
        }
        if (settings_.relay.empty()) return only_usb_device(boards, settings_.place, what_, settings_.channel_text());
        std::vector<UsbDevice> ours;
        std::string others;  // what else there is, and why a board could not be asked
        for (const auto& board : boards) {
            if (!has_hid_relay_id(board) || !settings_.place.fits(board)) continue;
            try {
                UsbRequests requests{board, what_ + " at " + board.text()};
                const auto id = report_of(requests).id;
                if (id == settings_.relay) ours.push_back(board);
                others += (others.empty() ? "" : ", ") + id + " at " + board.text();
            } catch (const InfrastructureError& error) {
                others += (others.empty() ? "" : ", ") + std::string{error.what()};
            }
        }
        if (ours.size() == 1) return ours.front();
        if (ours.empty()) {
            throw InfrastructureError{
                what_ + " " + settings_.relay + settings_.channel_text() +
                " is not there: is it plugged in? Attached are: " + (others.empty() ? "none" : others)};
        }
        throw InfrastructureError{what_ + " " + settings_.relay + " is there twice, so none is touched: " + others +
                                  "; give one another id, or write usb_path into the device's description"};
    }

    const Settings& settings_;
    std::string what_;
    UsbDevice device_;
};

class HidRelay final : public Switch {
public:
    HidRelay(Settings settings, const DriverRequest& request)
        : settings_{std::move(settings)}, label_{request.label}, root_{request.context.root} {}

    std::string name() const override { return settings_.name(settings_.relay); }

    Task<> set(bool on) override {
        auto work = [settings = settings_, label = label_, root = root_, on] { Board{settings, label, root}.set(on); };
        co_await on_hardware_worker(std::move(work));
    }

    Task<std::optional<bool>> read() override {
        auto work = [settings = settings_, label = label_, root = root_] {
            return Board{settings, label, root}.read();
        };
        co_return co_await on_hardware_worker(std::move(work));
    }

    /// A board's id is not known before it is asked: all boards that could be the one.
    std::vector<std::filesystem::path> nodes() const override {
        std::vector<std::filesystem::path> found;
        for (const auto& device : usb_devices(root_)) {
            const bool is_board = settings_.relay.empty() ? is_hid_relay(device) : has_hid_relay_id(device);
            if (is_board && settings_.place.fits(device)) found.push_back(device.node);
        }
        return found;
    }

private:
    Settings settings_;
    std::string label_;
    std::filesystem::path root_;
};

}  // namespace

bool has_hid_relay_id(const UsbDevice& device) { return device.vendor_id == 0x16c0 && device.product_id == 0x05df; }

bool is_hid_relay(const UsbDevice& device) { return has_hid_relay_id(device) || is_frames_only(device); }

int hid_relay_channels(const UsbDevice& device) {
    const char last = device.product.empty() ? '8' : device.product.back();
    return last >= '1' && last <= '8' ? last - '0' : 8;
}

std::string hid_relay_id(const UsbDevice& device, const std::string& what) {
    UsbRequests board{device, what};
    return report_of(board).id;
}

SwitchPtr make_hid_relay_switch(const DriverRequest& request) {
    return std::make_unique<HidRelay>(read(request.options), request);
}

}  // namespace patchbay
