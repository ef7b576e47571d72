// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "core/clock.hpp"
#include "core/task.hpp"
#include "devices/capability/capability.hpp"

namespace patchbay {

/// The modem lines of a serial port, as far as its adapter has them; true is asserted.
struct ModemLines {
    bool cts = false, dsr = false, dcd = false, ri = false;
    bool operator==(const ModemLines&) const = default;
};

/// What a console on a real serial line can do beside its bytes. Offered by the same driver, under the same name, as
/// the Console; a console of another kind has none.
class SerialControl : public Capability {
public:
    static constexpr std::string_view kind = "serial control";

    /// Holds the line in break. Linux' magic SysRq and many boot loaders listen to 250 ms.
    /// All of these throw: InfrastructureError naming the port, also when it was unplugged.
    virtual Task<> send_break(Clock::duration held = std::chrono::milliseconds{250}) = 0;

    /// Bits a second, from now on. The port keeps its other settings.
    virtual Task<> set_speed(int speed) = 0;

    virtual Task<> set_dtr(bool asserted) = 0;
    virtual Task<> set_rts(bool asserted) = 0;
    virtual Task<ModemLines> modem_lines() = 0;
};

}  // namespace patchbay
