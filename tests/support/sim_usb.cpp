// SPDX-License-Identifier: Apache-2.0
#include "tests/support/sim_usb.hpp"

#include <linux/usbdevice_fs.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdarg>
#include <deque>
#include <map>
#include <mutex>

namespace patchbay::testing {
namespace {

/// What libusb was promised and has not fetched, for each open file.
struct Urbs {
    std::deque<usbdevfs_urb*> hanging, done;
};

struct Bus {
    std::mutex mutex;
    std::map<std::string, SimUsbDevice*> devices;  // by node
    std::map<int, Urbs> urbs;
};

Bus& bus() {
    static Bus all;
    return all;
}

std::string file_of(int fd) {
    std::array<char, 4096> text{};
    const auto size = ::readlink(("/proc/self/fd/" + std::to_string(fd)).c_str(), text.data(), text.size());
    return size > 0 ? std::string{text.data(), static_cast<std::size_t>(size)} : "";
}

int refuse(int error) {
    errno = error;
    return -1;
}

void answer_control(SimUsbDevice& device, usbdevfs_urb& urb) {
    auto* bytes = static_cast<std::uint8_t*>(urb.buffer);
    const auto word = [&](int at) { return static_cast<std::uint16_t>(bytes[at] | bytes[at + 1] << 8); };
    const bool reads = (bytes[0] & 0x80) != 0;
    const UsbBytes sent = reads ? UsbBytes{} : UsbBytes{bytes + 8, bytes + 8 + word(6)};
    const auto answer = device.control(bytes[0], bytes[1], word(2), word(4), sent);
    if (!answer) {
        urb.status = -EPIPE;
        return;
    }
    const auto count = reads ? std::min<std::size_t>(answer->size(), word(6)) : sent.size();
    if (reads) std::copy_n(answer->begin(), count, bytes + 8);
    urb.actual_length = static_cast<int>(count);
}

void answer(SimUsbDevice& device, usbdevfs_urb& urb) {
    urb.status = 0;
    urb.actual_length = 0;
    if (device.fault == SimUsbDevice::Fault::stall) {
        urb.status = -EPIPE;
    } else if (device.fault == SimUsbDevice::Fault::dead) {
        urb.status = -EPROTO;
    } else if (urb.type == USBDEVFS_URB_TYPE_CONTROL) {
        answer_control(device, urb);
    } else if ((urb.endpoint & 0x80) == 0) {
        const auto* bytes = static_cast<std::uint8_t*>(urb.buffer);
        device.interrupt({bytes, bytes + urb.buffer_length});
        urb.actual_length = urb.buffer_length;
    }
}

int submit(Bus& all, int fd, SimUsbDevice& device, usbdevfs_urb* urb) {
    auto& urbs = all.urbs[fd];
    if (device.fault == SimUsbDevice::Fault::hang) {
        urbs.hanging.push_back(urb);
    } else {
        answer(device, *urb);
        urbs.done.push_back(urb);
    }
    return 0;
}

int discard(Urbs& urbs, usbdevfs_urb* urb) {
    if (std::erase(urbs.hanging, urb) == 0) return refuse(EINVAL);
    urb->status = -ENOENT;
    urbs.done.push_back(urb);
    return 0;
}

int reap(Urbs& urbs, void* argument) {
    if (urbs.done.empty()) return refuse(EAGAIN);
    *static_cast<usbdevfs_urb**>(argument) = urbs.done.front();
    urbs.done.pop_front();
    return 0;
}

/// nullopt: no file of ours.
std::optional<int> usbfs(int fd, unsigned long request, void* argument) {
    if (_IOC_TYPE(request) != 'U') return std::nullopt;
    auto& all = bus();
    const std::lock_guard lock{all.mutex};
    const auto device = all.devices.find(file_of(fd));
    if (device == all.devices.end()) return std::nullopt;
    if (device->second->fault == SimUsbDevice::Fault::gone) return refuse(ENODEV);
    switch (request) {
        case USBDEVFS_SUBMITURB:
            return submit(all, fd, *device->second, static_cast<usbdevfs_urb*>(argument));
        case USBDEVFS_DISCARDURB:
            return discard(all.urbs[fd], static_cast<usbdevfs_urb*>(argument));
        case USBDEVFS_REAPURBNDELAY:
            return reap(all.urbs[fd], argument);
        case USBDEVFS_GET_CAPABILITIES:
            *static_cast<std::uint32_t*>(argument) = 0;
            return 0;
        case USBDEVFS_CONTROL: {  // GET_CONFIGURATION, by libusb itself
            auto& transfer = *static_cast<usbdevfs_ctrltransfer*>(argument);
            if (transfer.wLength > 0) *static_cast<std::uint8_t*>(transfer.data) = 1;
            return 1;
        }
        case USBDEVFS_CONNECTINFO:
            *static_cast<usbdevfs_connectinfo*>(argument) = {1, 0};
            return 0;
        case USBDEVFS_IOCTL: {  // to the kernel's driver: let go, take again
            const int code = static_cast<usbdevfs_ioctl*>(argument)->ioctl_code;
            const int result = device->second->bind_driver(code == static_cast<int>(USBDEVFS_CONNECT));
            return result < 0 ? refuse(-result) : result;
        }
        case USBDEVFS_RESET:
            device->second->reset();
            return 0;
        case USBDEVFS_DISCONNECT_CLAIM:
        case USBDEVFS_CLAIMINTERFACE:
        case USBDEVFS_RELEASEINTERFACE:
            return 0;
        default:
            return refuse(ENOTTY);
    }
}

}  // namespace

void SimUsbDevice::plug(const std::filesystem::path& node) {
    const std::lock_guard lock{bus().mutex};
    node_ = std::filesystem::canonical(node).string();
    bus().devices[node_] = this;
}

void SimUsbDevice::unplug() {
    const std::lock_guard lock{bus().mutex};
    const auto mine = bus().devices.find(node_);
    if (mine != bus().devices.end() && mine->second == this) bus().devices.erase(mine);
}

std::optional<UsbBytes> SimHidRelay::control(std::uint8_t type, std::uint8_t request, std::uint16_t value,
                                             std::uint16_t, const UsbBytes& data) {
    if (type == 0xa0 && request == 0x01 && value == 0x0300) {
        UsbBytes report{id.begin(), id.end()};
        report.resize(8);
        report[7] = lies ? std::uint8_t{0} : relays;
        return report;
    }
    if (type != 0x20 || request != 0x09 || value != 0x0300 || data.size() < 2) return std::nullopt;
    const auto bit = static_cast<std::uint8_t>(1U << (data[1] - 1)) & ~stuck;
    if (data[0] == 0xff) relays |= static_cast<std::uint8_t>(bit);
    if (data[0] == 0xfd) relays &= static_cast<std::uint8_t>(~bit);
    return UsbBytes{};
}

void SimHub::repower(unsigned port) {
    const auto due = on_again_.find(port);
    if (due == on_again_.end() || std::chrono::steady_clock::now() < due->second) return;
    on_again_.erase(due);
    power[port - 1U] = true;
}

std::optional<UsbBytes> SimHub::control(std::uint8_t type, std::uint8_t request, std::uint16_t value,
                                        std::uint16_t index, const UsbBytes&) {
    if (type == 0xa0 && request == 0x06) {
        if (value != (superspeed_ ? 0x2a00 : 0x2900)) return std::nullopt;
        return UsbBytes{9, 0x29, static_cast<std::uint8_t>(power.size()), switching, 0, 1, 0, 0, 0xff};
    }
    if (index < 1 || index > power.size()) return std::nullopt;
    repower(index);
    if (type == 0xa3 && request == 0x00) {
        const auto high = static_cast<std::uint8_t>(superspeed_ ? 2 : 1);
        return UsbBytes{0, power[index - 1U] ? high : std::uint8_t{0}, 0, 0};
    }
    if (type != 0x23 || value != 8 || (request != 1 && request != 3)) return std::nullopt;
    if (!sticks) {
        power[index - 1U] = request == 3;
        if (request == 1 && repowers > 0) {
            --repowers;
            on_again_[index] = std::chrono::steady_clock::now() + std::chrono::milliseconds{150};
        }
        if (on_switch) on_switch(index, request == 3);
    }
    return UsbBytes{};
}

}  // namespace patchbay::testing

/// In the place of the C library's, for this program and the libraries that it loads.
extern "C" int ioctl(int fd, unsigned long request, ...) noexcept {
    va_list arguments;
    va_start(arguments, request);
    auto* argument = va_arg(arguments, void*);
    va_end(arguments);
    if (const auto answered = patchbay::testing::usbfs(fd, request, argument)) return *answered;
    return static_cast<int>(::syscall(SYS_ioctl, fd, request, argument));
}
