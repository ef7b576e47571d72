// SPDX-License-Identifier: Apache-2.0
#pragma once
// Devices of a UsbTree that answer. The real libusb opens the tree's nodes; the requests that it hands to the kernel
// (usbfs' ioctls) arrive here instead, when the opened file belongs to a simulated device.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace patchbay::testing {

using UsbBytes = std::vector<std::uint8_t>;

class SimUsbDevice {
public:
    enum class Fault {
        none,
        stall,  ///< refuses
        hang,   ///< never answers
        dead,   ///< without current, and the kernel has not noticed
        gone    ///< unplugged
    };

    SimUsbDevice() = default;
    virtual ~SimUsbDevice() { unplug(); }
    SimUsbDevice(const SimUsbDevice&) = delete;
    SimUsbDevice& operator=(const SimUsbDevice&) = delete;

    /// Answers whoever opens this node.
    void plug(const std::filesystem::path& node);
    void unplug();

    /// `data` is what was sent, or, with bit 7 of `type`, to be filled. nullopt: refused (a stall).
    virtual std::optional<UsbBytes> control(std::uint8_t type, std::uint8_t request, std::uint16_t value,
                                            std::uint16_t index, const UsbBytes& data) = 0;
    /// What was written to the interrupt endpoint.
    virtual void interrupt(const UsbBytes& data) { static_cast<void>(data); }

    /// The kernel's driver is to take interface 0, or to let it go. As the ioctl: 1, it took it; 0; or -errno.
    virtual int bind_driver(bool takes) { return static_cast<void>(takes), 0; }
    virtual void reset() {}

    Fault fault = Fault::none;  ///< of every request from now on

private:
    std::string node_;
};

/// 16c0:05df, as dcttech sells it: the id and eight relays.
class SimHidRelay final : public SimUsbDevice {
public:
    explicit SimHidRelay(std::string board_id) : id{std::move(board_id)} {}
    std::optional<UsbBytes> control(std::uint8_t type, std::uint8_t request, std::uint16_t value, std::uint16_t index,
                                    const UsbBytes& data) override;

    std::string id;
    std::uint8_t relays = 0;  ///< bit 0 is channel 1
    bool lies = false;        ///< says that all are open
    std::uint8_t stuck = 0;   ///< which of them move no more
};

/// 5131:2007: frames over interrupt endpoints.
class SimFrameRelay final : public SimUsbDevice {
public:
    std::optional<UsbBytes> control(std::uint8_t, std::uint8_t, std::uint16_t, std::uint16_t,
                                    const UsbBytes&) override {
        return std::nullopt;
    }
    void interrupt(const UsbBytes& data) override { frames.push_back(data); }

    std::vector<UsbBytes> frames;
};

/// A hub that is asked by requests.
class SimHub final : public SimUsbDevice {
public:
    explicit SimHub(std::uint8_t port_count, bool superspeed = false)
        : power(port_count, true), superspeed_{superspeed} {}
    std::optional<UsbBytes> control(std::uint8_t type, std::uint8_t request, std::uint16_t value, std::uint16_t index,
                                    const UsbBytes& data) override;

    std::vector<bool> power;     ///< of port 1, 2, …
    std::uint8_t switching = 1;  ///< 0: all ports at once, 1: each port, 2: none
    bool sticks = false;         ///< takes orders and does nothing
    std::function<void(unsigned port, bool on)> on_switch;
    int repowers = 0;  ///< so often a port that was switched off is on again 150 ms later, as by old kernels
    bool is_to_repower() const { return !on_again_.empty(); }

private:
    void repower(unsigned port);

    bool superspeed_;
    std::map<unsigned, std::chrono::steady_clock::time_point> on_again_;
};

}  // namespace patchbay::testing
