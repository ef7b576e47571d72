// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/task.hpp"

namespace patchbay {

class Capabilities;

/// Speaks to one kind of hardware. Offers its capabilities to the device that owns it. Making one touches nothing: the
/// first use opens what it needs, so that a device with a lost adapter can still be made safe in everything else.
class Driver {
public:
    virtual ~Driver() = default;

    /// Adds what this driver can do to the device's capabilities, under `name` ("reset"; empty for the main one).
    virtual void offer(Capabilities& device, const std::string& name) = 0;

    /// Brings what it drives to the state that the lab wants between leases: off, no process left.
    /// Called on every path, also when the previous owner was killed; must not need any earlier call.
    /// Throws: InfrastructureError when the safe state cannot be had, naming the device, the adapter and the port.
    virtual Task<> make_safe() = 0;

    /// The nodes below /dev that it opens, as far as what it drives is plugged in at this moment: for whoever gives a
    /// runner the right to them. What is not there, or is ambiguous, has none. Opens at most GPIO chips, for their
    /// labels.
    virtual std::vector<std::filesystem::path> nodes() const { return {}; }
};

using DriverPtr = std::unique_ptr<Driver>;

/// A driver and the name of what it offers.
struct NamedDriver {
    DriverPtr driver;
    std::string name;
};

}  // namespace patchbay
