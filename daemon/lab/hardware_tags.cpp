// SPDX-License-Identifier: Apache-2.0
#include "daemon/lab/hardware_tags.hpp"

#include "core/errors.hpp"

namespace patchbay {
namespace {

config::Value hardware_of(const DeviceEntry& entry) {
    if (entry.file.empty() || !entry.hardware.is_null()) return entry.hardware;
    try {
        const auto rendered = render_device(entry, {});
        const auto* hardware = rendered.find("hardware");
        return hardware ? *hardware : config::Value{};
    } catch (const Error&) {
        return {};
    }
}

}  // namespace

std::string hardware_tag(const std::string& kind) { return "hardware:" + kind; }

std::vector<std::string> hardware_tags(const DeviceEntry& entry) {
    const auto hardware = hardware_of(entry);
    std::vector<std::string> tags;
    if (const auto* kinds = hardware.as_map()) {
        for (const auto& [kind, drivers] : *kinds) tags.push_back(hardware_tag(config::python_str(kind)));
    }
    return tags;
}

}  // namespace patchbay
