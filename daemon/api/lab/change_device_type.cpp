// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/lab/change_device_type.hpp"

#include "daemon/schedule/scheduler.hpp"
#include "daemon/store/store.hpp"

namespace patchbay {

Task<bool> change_device_type(Services& lab, std::string name, DeviceTypeProperties properties) {
    auto change = [name, properties = std::move(properties)](Database& db) {
        return DeviceTypes{db}.update(name, properties);
    };
    const bool known = co_await lab.store.write(std::move(change));
    if (known) lab.scheduler.wake(name);
    co_return known;
}

Task<bool> add_device_type(Services& lab, std::string name, DeviceTypeProperties properties) {
    auto add = [name, properties = std::move(properties)](Database& db) {
        return DeviceTypes{db}.add(name, properties);
    };
    co_return co_await lab.store.write(std::move(add));
}

}  // namespace patchbay
