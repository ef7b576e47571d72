// SPDX-License-Identifier: Apache-2.0
#pragma once
// The supply of one port of a USB hub. Blocks: for a worker only. Two ways, the kernel's own first:
//   <hub>:1.0/<hub>-portN/disable  (kernel 6.0 and later) switches the port and tells the kernel's drivers
//   hub class requests by libusb   (USB 2.0, section 11.24.2; USB 3.2, section 10.16.2) where that file is missing
// Only hubs that say of themselves that each port has a switch are taken: the others accept both, and nothing happens.
// A physical port of a USB 3 hub is a port of two hubs, which share one supply: both are switched.

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/errors.hpp"
#include "drivers/usb/identity.hpp"

namespace patchbay {

/// What the kernel has of one port, "…/1-1:1.0/1-1-port2"; there is no such folder when the hub has no such port.
std::filesystem::path hub_port_folder(const UsbDevice& hub, int port);
/// Where a device on it shows up: "1-1.2", "1-2" below a root hub.
std::string hub_port_device(const std::string& hub, int port);
/// By those folders.
int count_hub_ports(const UsbDevice& hub);
/// How many ports have a switch of their own: all or none, which is 0. Asks the hub for its descriptor.
/// Throws: InfrastructureError beginning with `what`: it may not be opened, or does not answer.
int switched_hub_ports(const UsbDevice& hub, const std::string& what);

class HubPort {
public:
    /// Finds the hub. `what` begins each message. Throws: InfrastructureError.
    HubPort(const UsbIdentity& wanted, int port, const std::string& what, std::filesystem::path root);

    /// Switches the port and its peer, waits until the hub says so and, when switched off, until it stays so and the
    /// device on it is gone from the bus. Holds the hubs against other programs of ours meanwhile.
    /// Throws: InfrastructureError.
    void set(bool on) const;

    /// Has any of the two ports power?
    bool read() const;

    /// Of the hubs, for requests, and of what is on the port, which is asked whether it lives.
    std::vector<std::filesystem::path> nodes() const;

    /// How long a device may take to vanish; one behind a hub took 1 s at most.
    static constexpr std::chrono::seconds patience{2};
    /// How long a port that was switched off by requests must stay off to be off.
    static constexpr std::chrono::seconds stays_off{1};
    /// How often it is switched off again before that.
    static constexpr int most_repeats = 3;

private:
    struct Half {
        UsbDevice hub;
        int port = 0;

        std::filesystem::path folder() const { return hub_port_folder(hub, port); }
        std::string device_path() const { return hub_port_device(hub.path, port); }
    };

    static std::optional<Half> peer_of(const Half& half, const std::vector<UsbDevice>& hubs);
    void set_half(const Half& half, bool on) const;
    bool read_half(const Half& half) const;
    void check_switches(bool on, Failures& doubts) const;
    void keep_off(const Half& half) const;
    void wait_until_gone(const Half& half) const;
    /// nullopt: the device on the port is gone, or dead. Else what to say of it, behind "is still there".
    std::optional<std::string> sign_of_life(const Half& half) const;
    std::string name(const Half& half) const;

    std::string what_;
    std::filesystem::path root_;
    std::vector<Half> halves_;
};

}  // namespace patchbay
