// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

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
};

using DriverPtr = std::unique_ptr<Driver>;

/// A driver and the name of what it offers.
struct NamedDriver {
    DriverPtr driver;
    std::string name;
};

}  // namespace patchbay
