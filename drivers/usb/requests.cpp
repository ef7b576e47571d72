// SPDX-License-Identifier: Apache-2.0
#include "drivers/usb/requests.hpp"

#include <fcntl.h>
#include <libusb-1.0/libusb.h>

#include <cerrno>
#include <system_error>
#include <thread>
#include <utility>

namespace patchbay {
namespace {

constexpr unsigned patience_ms = UsbRequests::patience.count();

FileDescriptor open_node(const UsbDevice& device, const std::string& what) {
    FileDescriptor node{::open(device.node.c_str(), O_RDWR | O_CLOEXEC)};
    if (node) return node;
    const auto reason = std::generic_category().message(errno);
    throw InfrastructureError{
        what + ": cannot open " + device.node.string() + ": " + reason +
        (errno == EACCES || errno == EPERM
             ? "; give the runner's user the right to it, by Patchbay's udev rules or by its group"
             : "; is it still plugged in?")};
}

/// The two interrupt endpoints of interface 0.
struct Endpoints {
    std::uint8_t in = 0, out = 0;
};

Endpoints interrupt_endpoints(libusb_device_handle* handle) {
    Endpoints found;
    libusb_config_descriptor* config = nullptr;
    if (libusb_get_active_config_descriptor(libusb_get_device(handle), &config) != 0) return found;
    if (config->bNumInterfaces > 0 && config->interface[0].num_altsetting > 0) {
        const auto& interface = config->interface[0].altsetting[0];
        for (const auto& each : std::span{interface.endpoint, interface.bNumEndpoints}) {
            if ((each.bmAttributes & 3) != LIBUSB_TRANSFER_TYPE_INTERRUPT) continue;
            (each.bEndpointAddress & LIBUSB_ENDPOINT_IN ? found.in : found.out) = each.bEndpointAddress;
        }
    }
    libusb_free_config_descriptor(config);
    return found;
}

std::string next_step(int error) {
    switch (error) {
        case LIBUSB_ERROR_NO_DEVICE:
        case LIBUSB_ERROR_IO:
            return "is it still plugged in? Look for disconnects in the kernel's log";
        case LIBUSB_ERROR_PIPE:
            return "it refuses the request: is it really this kind of device?";
        case LIBUSB_ERROR_TIMEOUT:
            return "it hangs: unplug it and plug it in again";
        case LIBUSB_ERROR_BUSY:
            return "another program holds it";
        case LIBUSB_ERROR_ACCESS:
            return "give the runner's user the right to it, by Patchbay's udev rules";
        default:
            return "unplug it and plug it in again";
    }
}

}  // namespace

UsbRequests::UsbRequests(const UsbDevice& device, std::string what)
    : what_{std::move(what)},
      node_{open_node(device, what_)},
      context_{nullptr, libusb_exit},
      handle_{nullptr, libusb_close} {
    // The device was found in sysfs; libusb need not look at all the others.
    libusb_set_option(nullptr, LIBUSB_OPTION_NO_DEVICE_DISCOVERY);
    libusb_context* context = nullptr;
    if (const int error = libusb_init(&context); error != 0) throw_failed(error);
    context_.reset(context);
    libusb_device_handle* handle = nullptr;
    if (const int error = libusb_wrap_sys_device(context, node_.get(), &handle); error != 0) throw_failed(error);
    handle_.reset(handle);
}

UsbRequests::~UsbRequests() = default;

void UsbRequests::write(UsbRequest request, std::span<const std::uint8_t> data) {
    UsbBytes bytes{data.begin(), data.end()};
    const int count =
        libusb_control_transfer(handle_.get(), request.type, request.request, request.value, request.index,
                                bytes.data(), static_cast<std::uint16_t>(bytes.size()), patience_ms);
    if (count < 0) throw_failed(count);
}

UsbBytes UsbRequests::read(UsbRequest request, std::size_t most, std::size_t least) {
    UsbBytes bytes(most);
    const int count =
        libusb_control_transfer(handle_.get(), request.type, request.request, request.value, request.index,
                                bytes.data(), static_cast<std::uint16_t>(bytes.size()), patience_ms);
    if (count < 0) throw_failed(count);
    bytes.resize(static_cast<std::size_t>(count));
    if (bytes.size() < least) {
        throw InfrastructureError{what_ + " answered " + std::to_string(bytes.size()) + " bytes where it must answer " +
                                  std::to_string(least) + ": is it really this kind of device?"};
    }
    return bytes;
}

UsbBytes UsbRequests::interrupt(std::span<const std::uint8_t> data) {
    auto* handle = handle_.get();
    const auto endpoints = interrupt_endpoints(handle);
    if (endpoints.in == 0 || endpoints.out == 0) throw_failed(LIBUSB_ERROR_PIPE);
    libusb_set_auto_detach_kernel_driver(handle, 1);
    int claimed = LIBUSB_ERROR_BUSY;
    for (int attempt = 0; attempt < 20 && claimed == LIBUSB_ERROR_BUSY; ++attempt) {
        if (attempt > 0) std::this_thread::sleep_for(std::chrono::milliseconds{50});
        claimed = libusb_claim_interface(handle, 0);
    }
    if (claimed != 0) throw_failed(claimed);
    UsbBytes bytes{data.begin(), data.end()}, answer(64);
    int count = 0, received = 0;
    const int error = libusb_interrupt_transfer(handle, endpoints.out, bytes.data(), static_cast<int>(bytes.size()),
                                                &count, patience_ms);
    // What it says is only fetched so that it does not fill up; some say nothing.
    if (error == 0) libusb_interrupt_transfer(handle, endpoints.in, answer.data(), 64, &received, 100);
    libusb_release_interface(handle, 0);
    if (error != 0) throw_failed(error);
    answer.resize(static_cast<std::size_t>(received));
    return answer;
}

void UsbRequests::detach_driver() {
    const int error = libusb_detach_kernel_driver(handle_.get(), 0);
    if (error != 0 && error != LIBUSB_ERROR_NOT_FOUND) throw_failed(error);
}

void UsbRequests::attach_driver() {
    const int error = libusb_attach_kernel_driver(handle_.get(), 0);
    if (error == LIBUSB_ERROR_NOT_FOUND)
        throw InfrastructureError{what_ + ": no driver of the kernel takes it; load its module (usb-storage)"};
    if (error != 0 && error != LIBUSB_ERROR_BUSY) throw_failed(error);
}

void UsbRequests::reset() {
    const int error = libusb_reset_device(handle_.get());
    if (error != 0) throw_failed(error == LIBUSB_ERROR_NOT_FOUND ? LIBUSB_ERROR_NO_DEVICE : error);
}

void UsbRequests::throw_failed(int error) const {
    throw InfrastructureError{what_ + ": " + libusb_strerror(error) + "; " + next_step(error)};
}

}  // namespace patchbay
