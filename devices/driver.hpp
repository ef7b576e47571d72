// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/task.hpp"

namespace patchbay {

class Capabilities;

/// Speaks to one kind of hardware. Offers its capabilities to the device that owns it.
class Driver {
public:
    virtual ~Driver() = default;

    /// Adds what this driver can do to the device's capabilities.
    virtual void offer(Capabilities& device) = 0;

    /// Brings what it drives to the state that the lab wants between leases: off, no process left.
    /// Called on every path, also when the previous owner was killed; must not need any earlier call.
    virtual Task<> make_safe() = 0;
};

using DriverPtr = std::unique_ptr<Driver>;

}  // namespace patchbay
