// SPDX-License-Identifier: Apache-2.0
#pragma once
// LAVA's env-dut file: variables that a lab gives to every target (lava_dispatcher/actions/deploy/environment.py).

#include <string>
#include <vector>

#include "core/config/value.hpp"
#include "jobs/overlay/overlay.hpp"

namespace patchbay {

/// What is wrong with an env-dut map; empty when all is well, also without one.
std::vector<std::string> check_device_environment(const config::Value& env_dut);

/// The runner's own variables (none with `purge: true`), without `removes`, with `overrides`. In the order of their
/// names. Empty without an env-dut map.
Variables device_environment(const config::Value& env_dut);

/// The shell line that adds one of them to the target's `rc_file`.
std::string export_command(const std::string& name, const std::string& value, const std::string& rc_file);

}  // namespace patchbay
