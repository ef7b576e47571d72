// SPDX-License-Identifier: Apache-2.0
#pragma once
// Texts for a shell on the target.

#include <string>
#include <string_view>
#include <vector>

#include "core/config/value.hpp"
#include "jobs/overlay/overlay.hpp"

namespace patchbay {

/// "export K=V" of every variable below `value`: maps and lists are flattened with '_'. Booleans are 1 and 0.
std::vector<std::string> export_lines(const std::string& prefix, const config::Value& value);

/// install.sh and run.sh, without their first line.
std::string install_script(const OverlayDefinition& definition);
std::string run_script(const OverlaySettings& settings, const OverlayDefinition& definition);

/// "K='V'" lines, as LAVA writes parameters.
std::vector<std::string> parameter_lines(const config::Map& parameters);

}  // namespace patchbay
