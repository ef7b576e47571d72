// SPDX-License-Identifier: Apache-2.0
#include "devices/device.hpp"

namespace patchbay {

Device::Device(std::string name, std::vector<NamedDriver> drivers)
    : name_{std::move(name)}, drivers_{std::move(drivers)} {
    for (const auto& [driver, offered] : drivers_) driver->offer(capabilities_, offered);
}

Task<> Device::make_safe() {
    Failures failures;
    for (const auto& [driver, offered] : drivers_) {
        try {
            co_await driver->make_safe();
        } catch (...) {
            failures.add(std::current_exception());
        }
    }
    failures.raise_if_any();
}

void Device::throw_lacking(std::string_view kind, std::string_view name) const {
    std::string text = "device " + name_ + " has no capability '" + std::string{kind} + "'";
    if (!name.empty()) text += " named '" + std::string{name} + "'";
    throw ConfigurationError{text + "; add it to the device's 'hardware'"};
}

}  // namespace patchbay
