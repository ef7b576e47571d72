// SPDX-License-Identifier: Apache-2.0
// Why a device's health is what it is, and was. LAVA shows that on its pages only.
#include "daemon/api/handlers.hpp"
#include "daemon/api/lab/device_json.hpp"
#include "daemon/api/lab/find_device.hpp"
#include "daemon/api/respond.hpp"
#include "daemon/store/devices.hpp"
#include "daemon/store/store.hpp"

namespace patchbay {

void write_health_reason(JsonWriter& json, const DeviceRow& device, const Viewer& viewer, Database& db) {
    Devices devices{db};
    const auto history = devices.health_history(device.hostname, 1);
    if (history.empty()) {
        json.member("health_since", nullptr).member("health_reason", nullptr).member("health_job", nullptr);
        return;
    }
    const auto& last = history.front();
    json.member("health_since", last.when).member("health_reason", devices.shown(last.reason, viewer));
    json.member("health_job", last.reason.job);
}

/// The newest first.
Task<Response> show_health(Call& call) {
    const auto device = find_device(call);
    Devices devices{call.lab.store.reader()};
    const auto viewer = call.viewer();
    const auto history = devices.health_history(device.hostname);
    JsonWriter json;
    json.begin_object().member("count", static_cast<std::int64_t>(history.size())).key("results").begin_array();
    for (const auto& change : history) {
        json.begin_object().member("time", change.when);
        json.member("was", to_string(change.from)).member("health", to_string(change.to));
        json.member("reason", devices.shown(change.reason, viewer)).member("job", change.reason.job).end_object();
    }
    json.end_array().end_object();
    co_return json_answer(200, json.take());
}

}  // namespace patchbay
