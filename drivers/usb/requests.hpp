// SPDX-License-Identifier: Apache-2.0
#pragma once
// Requests to one USB device by libusb. All of it blocks, at most `patience` a request: call it on a thread of
// hardware_workers() only. A device is opened for one exchange and given back, so that one that was unplugged and is
// back is simply found again.

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/errors.hpp"
#include "core/process/file_descriptor.hpp"
#include "core/usb/sysfs.hpp"

struct libusb_context;
struct libusb_device_handle;

namespace patchbay {

/// The eight bytes that begin a control transfer (USB 2.0, section 9.3).
struct UsbRequest {
    std::uint8_t type = 0;  ///< bmRequestType: 0x80 reads; 0x20 class; 0 the device, 1 an interface, 3 a hub's port
    std::uint8_t request = 0;
    std::uint16_t value = 0;
    std::uint16_t index = 0;
};

using UsbBytes = std::vector<std::uint8_t>;

class UsbRequests {
public:
    static constexpr std::chrono::milliseconds patience{1000};

    /// Opens the device. `what` begins each message: "device imx8-01: power: relay board at 1-1.4 (16c0:05df)".
    /// Throws: InfrastructureError, it is gone or may not be opened.
    UsbRequests(const UsbDevice& device, std::string what);
    ~UsbRequests();
    UsbRequests(const UsbRequests&) = delete;
    UsbRequests& operator=(const UsbRequests&) = delete;

    /// All of these throw: InfrastructureError, the device went, refused (a stall), or did not answer in time.
    void write(UsbRequest request, std::span<const std::uint8_t> data = {});
    /// At least `least` bytes, or it is an error.
    UsbBytes read(UsbRequest request, std::size_t most, std::size_t least);

    /// Takes interface 0 from the kernel's driver, writes to its interrupt endpoint, reads what comes back (which may
    /// be nothing), and gives the interface back. Waits up to a second for another program that has it.
    UsbBytes interrupt(std::span<const std::uint8_t> data);

    /// Interface 0 is taken from the kernel's driver, or given to it; nothing happens where it is so already. It stays
    /// so until the device is plugged in again.
    void detach_driver();
    void attach_driver();
    /// The device keeps its place and node.
    void reset();

private:
    [[noreturn]] void throw_failed(int error) const;

    std::string what_;
    FileDescriptor node_;
    std::unique_ptr<libusb_context, void (*)(libusb_context*)> context_;
    std::unique_ptr<libusb_device_handle, void (*)(libusb_device_handle*)> handle_;
};

}  // namespace patchbay
