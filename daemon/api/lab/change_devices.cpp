// SPDX-License-Identifier: Apache-2.0
// What may be changed about devices while the daemon runs: health, tags and dictionaries. All else is in the
// configuration file.
#include <algorithm>

#include "core/text.hpp"
#include "daemon/api/api_error.hpp"
#include "daemon/api/fields.hpp"
#include "daemon/api/handlers.hpp"
#include "daemon/api/lab/change_health.hpp"
#include "daemon/api/lab/device_json.hpp"
#include "daemon/api/lab/dictionary.hpp"
#include "daemon/api/lab/find_device.hpp"
#include "daemon/api/respond.hpp"
#include "daemon/api/words.hpp"
#include "daemon/lab/lab_devices.hpp"
#include "daemon/schedule/scheduler.hpp"
#include "daemon/store/audited.hpp"
#include "daemon/store/devices.hpp"
#include "daemon/store/owned_by_file.hpp"
#include "daemon/store/rights.hpp"

namespace patchbay {
namespace {

/// A field that says what is so is no change; clients send back what they have read.
void refuse_other_fields(const Fields& fields, const DeviceRow& device) {
    const auto same = [&](std::string_view name, const std::string& current) {
        const auto* value = fields.find(name);
        if (!value || (value->is_null() && current.empty()) || fields.text(name) == current) return;
        throw OwnedByFile{std::string{name} + " of device " + device.hostname, "devices"};
    };
    same("device_type", device.device_type);
    same("description", device.description);
    same("worker_host", device.worker_host);
    for (const std::string_view name : {"device_version", "physical_owner", "physical_group"}) {
        const auto* value = fields.find(name);
        if (value && !value->is_null() && *value != config::Value{""})
            throw field_error(name, "This server does not keep it; leave it out.");
    }
}

std::optional<DeviceHealth> wanted_health(const Fields& fields) {
    const auto word = fields.text("health");
    if (!word) return std::nullopt;
    const auto health = number_of_word(*word, DeviceHealth::retired, Case::matters);
    if (!health) throw not_a_choice("health", *word);
    return static_cast<DeviceHealth>(*health);
}

/// nullopt: they stay.
std::optional<std::vector<TagRow>> wanted_tags(const Fields& fields, Devices devices) {
    const auto* value = fields.find("tags");
    if (!value) return std::nullopt;
    const auto* list = value->as_list();
    if (!list) throw field_error("tags", "Expected a list of items.");
    std::vector<TagRow> tags;
    for (const auto& item : *list) {
        const auto id = whole_number(config::python_str(item));
        const auto tag = id ? devices.tag(TagId{*id}) : std::nullopt;
        if (!tag) throw unknown_key("tags", config::python_str(item));
        tags.push_back(*tag);
    }
    return tags;
}

Task<> set_tags(Services& lab, DeviceRow device, std::vector<TagRow> wanted, std::string user) {
    std::string names;
    for (const auto& tag : wanted) names += (names.empty() ? "" : ", ") + tag.name;
    Deed deed{std::move(user), "device.tags", device.hostname, names.empty() ? "none" : names};
    auto change = [device, wanted](Database& db) {
        Devices devices{db};
        for (const auto& tag : wanted) devices.add_tag(device.hostname, tag.id);
        for (const auto id : device.tags) {
            if (std::ranges::find(wanted, id, &TagRow::id) == wanted.end())
                devices.remove_tag(device.hostname, devices.tag(id).value());
        }
    };
    co_await write_audited(lab.store, std::move(deed), std::move(change));
    lab.scheduler.wake(device.device_type);
}

}  // namespace

Task<Response> update_device(Call& call) {
    const Fields fields{call.request};
    const auto device = find_device(call);
    refuse_other_fields(fields, device);
    const auto health = wanted_health(fields);
    auto tags = wanted_tags(fields, Devices{call.lab.store.reader()});
    if (tags) co_await set_tags(call.lab, device, std::move(*tags), call.user->name);
    if (health && *health != device.health)
        co_await change_health(call.lab, device.hostname, *health, "", call.user->name);
    JsonWriter json;
    json.begin_object();
    write_device_members(json, find_device(call));
    json.end_object();
    co_return json_answer(200, json.take());
}

Task<Response> create_device(Call& call) {
    const Fields fields{call.request};
    throw OwnedByFile{"device '" + fields.required_text("hostname") + "'", "devices"};
    co_return Response{};
}

Task<Response> delete_device(Call& call) {
    throw OwnedByFile{"device '" + find_device(call).hostname + "'", "devices"};
    co_return Response{};
}

Task<Response> set_dictionary(Call& call) {
    const auto device = find_device(call);
    auto& db = call.lab.store.reader();
    if (!Rights{db, call.user}.on_device(Permission::change, device.hostname, device.device_type))
        throw permission_denied();
    const Fields fields{call.request};
    fields.required_text("dictionary");
    auto text = fields.text("dictionary").value();  // with its last line end
    auto entry = parse_device_configuration(device.hostname, device.device_type, device.configuration);
    co_await change_dictionary(call.lab, std::move(entry), std::move(text), *call.user);
    co_return message_answer("device config successfully updated");
}

}  // namespace patchbay
