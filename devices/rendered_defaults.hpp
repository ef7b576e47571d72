// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/config/value.hpp"

namespace patchbay {

/// `constants` as every LAVA device type has them; a variable of the same meaning replaces an entry. Source: LAVA's
/// base.jinja2. `variables` uses LAVA's names (lava_test_results_dir, kernel_start_message, failure_retry, …).
config::Map default_constants(const config::Map& variables);

/// `timeouts`: `actions` and `connections`; `action_timeout_<name>` and `connection_timeout_<name>` replace the number,
/// the unit is fixed (LAVA's base.jinja2).
config::Map default_timeouts(const config::Map& variables);
/// The names of all its variables.
std::vector<std::string> timeout_variables();

/// `character_delays` from deploy_/boot_/test_character_delay; empty when none is set.
config::Map character_delays(const config::Map& variables);

}  // namespace patchbay
