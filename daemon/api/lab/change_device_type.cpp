// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/lab/change_device_type.hpp"

#include "core/worker.hpp"
#include "daemon/api/jobs/submission.hpp"
#include "daemon/schedule/scheduler.hpp"
#include "daemon/store/health_checks.hpp"
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

Task<> change_health_check(Services& lab, std::string device_type, std::string definition) {
    auto read = [text = std::move(definition)] { return read_health_check(text); };
    HealthCheck check;
    check.device_type = device_type;
    check.job = co_await on_worker(lab.checkers, std::move(read));
    auto set = [check](Database& db) { HealthChecks{db}.set(check); };
    co_await lab.store.write(std::move(set));
    lab.scheduler.wake(device_type);
}

Task<bool> add_device_type(Services& lab, std::string name, DeviceTypeProperties properties) {
    auto add = [name, properties = std::move(properties)](Database& db) {
        return DeviceTypes{db}.add(name, properties);
    };
    co_return co_await lab.store.write(std::move(add));
}

}  // namespace patchbay
