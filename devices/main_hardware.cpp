// SPDX-License-Identifier: Apache-2.0
#include "devices/main_hardware.hpp"

#include <algorithm>

#include "devices/capability/console.hpp"
#include "devices/capability/power.hpp"

namespace patchbay {

void check_main_ones(const std::vector<HardwareEntry>& hardware, config::Problems& problems) {
    for (const auto kind : {Console::kind, Power::kind}) {
        const auto is_main = [&](const HardwareEntry& entry) { return entry.kind == kind && entry.name.empty(); };
        const auto first = std::ranges::find(hardware, kind, &HardwareEntry::kind);
        if (first == hardware.end() || std::ranges::any_of(hardware, is_main)) continue;
        const auto path = first->path.substr(0, first->path.size() - first->name.size() - 1);
        problems.add(first->options.mark, path,
                     "none of them has the empty name, by which jobs and people use the main one; call one '\"\"'");
    }
}

}  // namespace patchbay
