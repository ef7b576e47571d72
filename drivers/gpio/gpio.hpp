// SPDX-License-Identifier: Apache-2.0
#pragma once
// The driver `gpio`. docs/drivers/gpio.md has the keys.

#include "drivers/builtin.hpp"
#include "drivers/switch.hpp"

namespace patchbay {

/// One line of a GPIO chip of this machine, held from the first use until the lease ends.
SwitchPtr make_gpio_switch(const DriverRequest& request);

}  // namespace patchbay
