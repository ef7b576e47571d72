// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/devices.hpp"

#include "core/text.hpp"
#include "daemon/api/api_error.hpp"
#include "daemon/api/fields.hpp"
#include "daemon/api/filters.hpp"
#include "daemon/api/handlers.hpp"
#include "daemon/api/lab/change_health.hpp"
#include "daemon/api/lab/device_json.hpp"
#include "daemon/api/lab/dictionary.hpp"
#include "daemon/api/lab/find_device.hpp"
#include "daemon/api/lab/optional_text.hpp"
#include "daemon/api/paging.hpp"
#include "daemon/api/respond.hpp"
#include "daemon/api/words.hpp"
#include "daemon/lab/lab_devices.hpp"
#include "daemon/schedule/scheduler.hpp"
#include "daemon/store/rights.hpp"
#include "daemon/store/store.hpp"
#include "daemon/supervise/supervisor.hpp"

namespace patchbay {

void write_device_members(JsonWriter& json, const DeviceRow& device) {
    json.member("device_type", device.device_type)
        .member("device_version", nullptr)
        .member("physical_owner", nullptr)
        .member("physical_group", nullptr);
    json.member("description", null_if_empty(device.description));
    json.key("tags").begin_array();
    for (const auto tag : device.tags) json.value(tag);
    json.end_array();
    json.member("state", to_string(device.state)).member("health", to_string(device.health));
    json.member("last_health_report_job", device.last_health_report_job);
    json.member("worker_host", device.worker_host).member("is_synced", false);
}

namespace {

bool asks_for(const Request& request, std::string_view what) {
    const auto* value = request.query_value(what);
    return value && !value->empty();
}

/// Retired devices are shown only when asked for with ?all=.
bool wants_all(const Request& request) { return asks_for(request, "all"); }

void write_device(JsonWriter& json, const DeviceRow& device, const Viewer& viewer, const Call& call) {
    json.begin_object().member("hostname", device.hostname);
    write_device_members(json, device);
    if (asks_for(call.request, "health_reason")) write_health_reason(json, device, viewer, call.lab.store.reader());
    json.end_object();
}

DeviceRow find_shown_device(const Call& call) {
    auto device = find_device(call);
    if (device.health == DeviceHealth::retired && !wants_all(call.request)) throw not_found();
    return device;
}

}  // namespace

Task<Response> list_devices(Call& call) {
    auto& reader = call.lab.store.reader();
    const auto query = read_query(call.request, QueryList::devices, reader);
    const bool all = wants_all(call.request);
    Devices devices{reader};
    JsonWriter json;
    const auto viewer = call.viewer();
    const auto& hidden = viewer.hidden_devices;
    begin_page(json, call.request, query, devices.count(query, all, hidden));
    for (const auto& device : devices.list(query, all, hidden)) write_device(json, device, viewer, call);
    end_page(json);
    co_return json_answer(200, json.take());
}

Task<Response> show_device(Call& call) {
    JsonWriter json;
    write_device(json, find_shown_device(call), call.viewer(), call);
    co_return json_answer(200, json.take());
}

/// The device's variables in LAVA's form; with ?render= what a job would get, with &context= for a job like that.
Task<Response> show_dictionary(Call& call) {
    const auto device = find_shown_device(call);
    if (device.configuration.empty() || device.configuration == "{}") {
        throw api_error(400, "detail", "Device '" + device.hostname + "' does not have a configuration");
    }
    const auto configured = parse_device_configuration(device.hostname, device.device_type, device.configuration);
    const auto* render = call.request.query_value("render");
    if (!render || render->empty()) {
        co_return file_answer("text/plain", device.hostname + ".jinja2", device_dictionary(configured, call.lab));
    }
    const auto* given = call.request.query_value("context");
    std::string context = given ? *given : "";
    auto rendered = co_await rendered_device(configured, std::move(context), call.lab);
    co_return file_answer("application/yaml", device.hostname + ".yaml", std::move(rendered));
}

Task<bool> change_health(Services& lab, std::string hostname, DeviceHealth health, const std::string& reason,
                         const std::string& user) {
    const std::string what{to_string(health)};
    Deed deed{user, "device.health", hostname, reason.empty() ? what : what + ": " + reason};
    std::string kept = reason.empty() ? "set by " + user : reason + " (" + user + ")";
    const bool known = co_await lab.scheduler.set_health(std::move(hostname), health, std::move(kept), std::move(deed));
    if (known && health == DeviceHealth::retired) co_await lab.supervisor.leave_retired_devices();
    co_return known;
}

/// LAVA asks for the right to change all devices beside that to change this one.
Task<Response> set_device_health(Call& call) {
    auto& db = call.lab.store.reader();
    const auto device = find_device(call);
    if (!Rights{db, call.user}.on_device(Permission::change, device.hostname, device.device_type))
        throw permission_denied();
    const Fields fields{call.request};
    const auto given = fields.text("health");
    const auto word = upper_case(given.value_or("None"));
    const auto health = number_of_word(given.value_or(""), DeviceHealth::retired, Case::ignored);
    if (!health) co_return message_answer("Wrong device health " + (given ? word : "None"), 400);
    const auto wanted = static_cast<DeviceHealth>(*health);
    const auto reason = fields.text("reason").value_or("");
    co_await change_health(call.lab, device.hostname, wanted, reason, call.user->name);
    co_return message_answer("OK", 202);
}

}  // namespace patchbay
