// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/lab/change_device_type.hpp"

#include "core/worker.hpp"
#include "daemon/api/jobs/submission.hpp"
#include "daemon/schedule/scheduler.hpp"
#include "daemon/store/audited.hpp"
#include "daemon/store/health_checks.hpp"

namespace patchbay {

namespace {

/// "description, display"
std::string said(const DeviceTypeProperties& properties) {
    std::string names;
    const auto add = [&names](bool given, std::string_view name) {
        if (given) names += (names.empty() ? "" : ", ") + std::string{name};
    };
    add(properties.description.has_value(), "description");
    add(properties.display.has_value(), "display");
    add(properties.health_frequency.has_value(), "health_frequency");
    add(properties.health_denominator.has_value(), "health_denominator");
    add(properties.disable_health_check.has_value(), "disable_health_check");
    return names;
}

}  // namespace

Task<bool> change_device_type(Services& lab, std::string name, DeviceTypeProperties properties, std::string user) {
    Deed deed{std::move(user), "device-type.change", name, said(properties)};
    auto change = [name, properties = std::move(properties)](Database& db) {
        return DeviceTypes{db}.update(name, properties);
    };
    const bool known = co_await write_audited(lab.store, std::move(deed), std::move(change));
    if (known) lab.scheduler.wake(name);
    co_return known;
}

Task<> change_health_check(Services& lab, std::string device_type, std::string definition, std::string user) {
    Deed deed{std::move(user), "device-type.health-check", device_type, ""};
    auto read = [text = std::move(definition)] { return read_health_check(text); };
    HealthCheck check;
    check.device_type = device_type;
    check.job = co_await on_worker(lab.checkers, std::move(read));
    auto set = [check](Database& db) { HealthChecks{db}.set(check); };
    co_await write_audited(lab.store, std::move(deed), std::move(set));
    lab.scheduler.wake(device_type);
}

Task<bool> add_device_type(Services& lab, std::string name, DeviceTypeProperties properties, std::string user) {
    Deed deed{std::move(user), "device-type.add", name, said(properties)};
    auto add = [name, properties = std::move(properties)](Database& db) {
        return DeviceTypes{db}.add(name, properties);
    };
    co_return co_await write_audited(lab.store, std::move(deed), std::move(add));
}

}  // namespace patchbay
