// SPDX-License-Identifier: Apache-2.0
#include "drivers/usb/hub_port.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <thread>

#include "core/errors.hpp"
#include "core/process/file_descriptor.hpp"
#include "core/text.hpp"
#include "drivers/usb/requests.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;
using Steady = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr unsigned hub_class = 9;
constexpr std::uint16_t port_power = 8;
constexpr UsbRequest get_device_descriptor{0x80, 0x06, 0x0100, 0};

bool is_root_hub(const UsbDevice& hub) { return hub.path.starts_with("usb"); }
/// It has another descriptor, and its power bit elsewhere.
bool is_superspeed(const UsbDevice& hub) { return hub.speed >= 5000; }

/// Waits until no other program of ours switches a port of this hub. Its folder in sysfs is the same for all of them,
/// needs no right to write, and is there as long as the hub is.
FileDescriptor own(const UsbDevice& hub, const std::string& what) {
    FileDescriptor folder{::open(hub.folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!folder) throw InfrastructureError{what + ": the hub went away; is it still plugged in?"};
    const auto end = Steady::now() + std::chrono::seconds{30};
    while (::flock(folder.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK || Steady::now() > end) {
            throw InfrastructureError{what + ": another program holds this hub for more than 30 s (lslocks names it)"};
        }
        std::this_thread::sleep_for(milliseconds{20});
    }
    return folder;
}

[[noreturn]] void throw_file(const std::string& what, const fs::path& file, int error) {
    throw InfrastructureError{what + ": " + file.string() + ": " + std::generic_category().message(error) + "; " +
                              (error == EACCES || error == EPERM || error == EROFS
                                   ? "give the runner's user the right to write it, by Patchbay's udev rules"
                                   : "is the hub still plugged in?")};
}

void write_file(const std::string& what, const fs::path& file, char value) {
    const FileDescriptor stream{::open(file.c_str(), O_WRONLY | O_CLOEXEC)};
    if (!stream || ::write(stream.get(), &value, 1) != 1) throw_file(what, file, errno);
}

bool reads_zero(const std::string& what, const fs::path& file) {
    const FileDescriptor stream{::open(file.c_str(), O_RDONLY | O_CLOEXEC)};
    char value = 0;
    if (!stream || ::read(stream.get(), &value, 1) != 1) throw_file(what, file, errno);
    return value == '0';
}

/// Requests of the hub class, where the kernel has no file.
class HubRequests {
public:
    HubRequests(const UsbDevice& hub, const std::string& what)
        : what_{what}, superspeed_{is_superspeed(hub)}, requests_{hub, what} {}

    void set(int port, bool on) {
        const std::uint8_t feature = on ? 0x03 : 0x01;
        requests_.write({0x23, feature, port_power, static_cast<std::uint16_t>(port)});
        // Stubborn hubs want to be told twice; uhubctl does the same.
        if (!on && read(port)) requests_.write({0x23, feature, port_power, static_cast<std::uint16_t>(port)});
    }

    int switched_ports() {
        const auto descriptor = read_descriptor();
        return has_switches(descriptor) ? descriptor[2] : 0;
    }

    bool read(int port) {
        const auto status = requests_.read({0xa3, 0x00, 0, static_cast<std::uint16_t>(port)}, 4, 4);
        return ((status[0] | status[1] << 8) & (superspeed_ ? 0x0200 : 0x0100)) != 0;
    }

private:
    UsbBytes read_descriptor() {
        const std::uint16_t value = superspeed_ ? 0x2a00 : 0x2900;
        return requests_.read({0xa0, 0x06, value, 0}, 64, 5);
    }
    /// Bits 0 and 1 of wHubCharacteristics: 1 is a switch for each port.
    static bool has_switches(const UsbBytes& descriptor) { return (descriptor[3] & 3) == 1; }

    std::string what_;
    bool superspeed_;
    UsbRequests requests_;
};

}  // namespace

fs::path hub_port_folder(const UsbDevice& hub, int port) {
    const auto interface = is_root_hub(hub) ? hub.path.substr(3) + "-0:1.0" : hub.path + ":1.0";
    return hub.folder / interface / (hub.path + "-port" + std::to_string(port));
}

std::string hub_port_device(const std::string& hub, int port) {
    return (hub.starts_with("usb") ? hub.substr(3) + "-" : hub + ".") + std::to_string(port);
}

int count_hub_ports(const UsbDevice& hub) {
    int count = 0;
    std::error_code none;
    while (fs::is_directory(hub_port_folder(hub, count + 1), none)) ++count;
    return count;
}

int switched_hub_ports(const UsbDevice& hub, const std::string& what) {
    return HubRequests{hub, what}.switched_ports();
}

HubPort::HubPort(const UsbIdentity& wanted, int port, const std::string& what, fs::path root)
    : what_{what}, root_{std::move(root)} {
    std::vector<UsbDevice> hubs, fitting;
    for (auto& device : usb_devices(root_)) {
        if (device.device_class == hub_class) hubs.push_back(std::move(device));
    }
    // Both halves of a USB 3 hub have its serial number: the first one found stands for it.
    for (const auto& hub : hubs) {
        const auto is_its_peer = [&](const UsbDevice& other) {
            const auto peer = peer_of({other, port}, hubs);
            return peer && peer->hub.path == hub.path;
        };
        if (wanted.fits(hub) && std::ranges::none_of(fitting, is_its_peer)) fitting.push_back(hub);
    }
    const auto part = ", port " + std::to_string(port);
    halves_.push_back({only_usb_device(fitting.empty() ? hubs : fitting, wanted, what_ + ": USB hub", part), port});
    std::error_code missing;
    if (!fs::is_directory(halves_[0].folder(), missing)) {
        throw InfrastructureError{name(halves_[0]) +
                                  ": the hub has no such port; correct 'port' in the device's "
                                  "description"};
    }
    if (auto peer = peer_of(halves_[0], hubs)) halves_.push_back(std::move(*peer));
}

std::optional<HubPort::Half> HubPort::peer_of(const Half& half, const std::vector<UsbDevice>& hubs) {
    std::error_code none;
    const auto peer = fs::canonical(half.folder() / "peer", none);
    if (none) return std::nullopt;
    const auto folder = peer.filename().string();  // "2-1-port3"
    const auto mark = folder.rfind("-port");
    const auto port = mark == std::string::npos ? std::nullopt : whole_number(folder.substr(mark + 5));
    const auto hub = std::ranges::find(hubs, folder.substr(0, mark), &UsbDevice::path);
    if (!port || hub == hubs.end()) return std::nullopt;
    return Half{*hub, static_cast<int>(*port)};
}

std::string HubPort::name(const Half& half) const {
    return what_ + ": USB hub at " + half.hub.text() + ", port " + std::to_string(half.port);
}

void HubPort::set(bool on) const {
    // In one order for all, so that no two wait for each other.
    auto order = halves_;
    std::ranges::sort(order, {}, [](const Half& half) { return half.hub.path; });
    std::vector<FileDescriptor> owned;
    for (const auto& half : order) {
        if (owned.empty() || half.hub.path != order[0].hub.path) owned.push_back(own(half.hub, name(half)));
    }
    Failures failures;  // what could be switched off is off, whatever became of its other half
    check_switches(on, failures);
    for (const auto& half : halves_) {
        try {
            set_half(half, on);
        } catch (...) {
            failures.add(std::current_exception());
        }
    }
    failures.raise_if_any();
    for (const auto& half : halves_) {
        if (read_half(half) != on) {
            throw InfrastructureError{name(half) + " was switched " + (on ? "on" : "off") +
                                      ", but the hub says that it is not: it cannot switch this port; use another hub"};
        }
        if (!on) keep_off(half);
        if (!on) wait_until_gone(half);
    }
}

/// The kernel's file is there, and takes orders, also where the hub has no switch. One that does not say what it has
/// gives no board power, but cuts it: `doubts` has what it answered.
void HubPort::check_switches(bool on, Failures& doubts) const {
    for (const auto& half : halves_) {
        int ports = 0;
        try {
            ports = switched_hub_ports(half.hub, name(half));
        } catch (const InfrastructureError&) {
            if (on) throw;
            doubts.add(std::current_exception());
            continue;
        }
        if (half.port <= ports) continue;
        throw InfrastructureError{name(half) +
                                  (ports > 0 ? ": the hub has " + std::to_string(ports) + " ports"
                                             : std::string{": the hub cannot switch its ports one by one"}) +
                                  "; use another port or hub"};
    }
}

/// Where the kernel was told nothing, it sees the device go, looks for at least 100 ms what is there, and may then
/// switch the port on again (hub_port_connect() in drivers/usb/core/hub.c).
void HubPort::keep_off(const Half& half) const {
    std::error_code missing;
    if (fs::exists(half.folder() / "disable", missing)) return;
    HubRequests requests{half.hub, name(half)};
    int repeats = 0;
    for (auto end = Steady::now() + stays_off; Steady::now() < end; std::this_thread::sleep_for(milliseconds{20})) {
        if (!requests.read(half.port)) continue;
        if (++repeats > most_repeats) {
            throw InfrastructureError{name(half) + " was switched off " + std::to_string(repeats) +
                                      " times, and is on again each time: the kernel or another program switches it; "
                                      "use a kernel from 6.0 on, or another hub"};
        }
        requests.set(half.port, false);
        end = Steady::now() + stays_off;
    }
}

bool HubPort::read() const {
    return std::ranges::any_of(halves_, [this](const Half& half) { return read_half(half); });
}

std::vector<fs::path> HubPort::nodes() const {
    std::vector<fs::path> nodes;
    for (const auto& device : usb_devices(root_)) {
        const auto is_part = [&](const Half& half) {
            return device.path == half.hub.path || device.path == half.device_path();
        };
        if (std::ranges::any_of(halves_, is_part)) nodes.push_back(device.node);
    }
    return nodes;
}

void HubPort::set_half(const Half& half, bool on) const {
    const auto file = half.folder() / "disable";
    std::error_code missing;
    if (fs::exists(file, missing)) {
        write_file(name(half), file, on ? '0' : '1');
    } else {
        HubRequests{half.hub, name(half)}.set(half.port, on);
    }
}

bool HubPort::read_half(const Half& half) const {
    const auto file = half.folder() / "disable";
    std::error_code missing;
    if (fs::exists(file, missing)) return reads_zero(name(half), file);
    return HubRequests{half.hub, name(half)}.read(half.port);
}

void HubPort::wait_until_gone(const Half& half) const {
    const auto end = Steady::now() + patience;
    for (auto sign = sign_of_life(half); sign; sign = sign_of_life(half)) {
        if (Steady::now() > end) {
            throw InfrastructureError{name(half) + " is off, as the hub says, but the device " + half.device_path() +
                                      " is still there after 2 s" + *sign};
        }
        std::this_thread::sleep_for(milliseconds{20});
    }
}

std::optional<std::string> HubPort::sign_of_life(const Half& half) const {
    const auto devices = usb_devices(root_);
    const auto device = std::ranges::find(devices, half.device_path(), &UsbDevice::path);
    if (device == devices.end()) return std::nullopt;
    const std::string lives = ": the hub does not cut the supply, or the device has one of its own; use another hub";
    std::error_code missing;
    if (fs::exists(half.folder() / "disable", missing)) return lives;
    // The kernel was told nothing, and may keep a device that is dead. One that answers is not.
    std::optional<UsbRequests> requests;
    try {
        requests.emplace(*device, "whether it lives cannot be asked");
    } catch (const InfrastructureError& error) {
        return std::string{", and "} + error.what();
    }
    try {
        requests->read(get_device_descriptor, 18, 18);
    } catch (const InfrastructureError&) {
        return std::nullopt;
    }
    return lives;
}

}  // namespace patchbay
