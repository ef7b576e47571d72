// SPDX-License-Identifier: Apache-2.0
#include "devices/device.hpp"

#include <set>

#include "core/try_step.hpp"

namespace patchbay {

Device::Device(std::string name, std::vector<NamedDriver> drivers)
    : name_{std::move(name)}, drivers_{std::move(drivers)} {
    for (const auto& [driver, offered] : drivers_) driver->offer(capabilities_, offered);
}

Task<> Device::make_safe() {
    Failures failures;
    for (const auto& [driver, offered] : drivers_) {
        co_await try_step(failures, driver->make_safe());
    }
    failures.raise_if_any();
}

std::vector<std::filesystem::path> Device::nodes() const {
    std::set<std::filesystem::path> all;
    for (const auto& [driver, offered] : drivers_) {
        for (auto& node : driver->nodes()) all.insert(std::move(node));
    }
    return {all.begin(), all.end()};
}

void Device::throw_lacking(std::string_view kind, std::string_view name) const {
    std::string text = "device " + name_ + " has no capability '" + std::string{kind} + "'";
    if (!name.empty()) text += " named '" + std::string{name} + "'";
    throw ConfigurationError{text + "; add it to the device's 'hardware'"};
}

}  // namespace patchbay
