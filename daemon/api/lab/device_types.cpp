// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include "daemon/api/api_error.hpp"
#include "daemon/api/fields.hpp"
#include "daemon/api/filters.hpp"
#include "daemon/api/handlers.hpp"
#include "daemon/api/lab/change_device_type.hpp"
#include "daemon/api/lab/name_limits.hpp"
#include "daemon/api/lab/optional_text.hpp"
#include "daemon/api/paging.hpp"
#include "daemon/api/respond.hpp"
#include "daemon/api/words.hpp"
#include "daemon/store/audited.hpp"

namespace patchbay {
namespace {

void write_device_type(JsonWriter& json, const DeviceTypeRow& type) {
    json.begin_object().member("name", type.name).member("architecture", null_if_empty(type.architecture));
    json.member("processor", nullptr).member("cpu_model", nullptr);
    json.key("aliases").begin_array();
    for (const auto& alias : type.aliases) json.value(alias);
    json.end_array();
    json.member("bits", nullptr);
    json.key("cores").begin_array().end_array();
    json.member("core_count", nullptr).member("description", null_if_empty(type.description));
    json.member("health_frequency", type.health_frequency);
    json.member("disable_health_check", type.disable_health_check);
    json.member("health_denominator", to_string(type.health_denominator)).member("display", type.display).end_object();
}

DeviceTypeRow find_device_type(const Call& call, const std::string& name) {
    auto type = DeviceTypes{call.lab.store.reader()}.find(name);
    if (!type || !call.viewer().sees_type(name)) throw not_found();
    return std::move(*type);
}

Response device_type_answer(int status, const Call& call, const std::string& name) {
    JsonWriter json;
    write_device_type(json, find_device_type(call, name));
    return json_answer(status, json.take());
}

/// LAVA keeps more about a type; what would be lost is refused.
void refuse_what_is_not_kept(const Fields& fields) {
    for (const std::string_view name : {"architecture", "processor", "cpu_model", "bits", "cores", "core_count"}) {
        const auto* value = fields.find(name);
        if (!value || value->is_null() || *value == config::Value{""} || *value == config::Value{config::List{}})
            continue;
        throw field_error(name, "This server does not keep it; leave it out.");
    }
}

DeviceTypeProperties read_properties(const Fields& fields) {
    refuse_what_is_not_kept(fields);
    DeviceTypeProperties properties;
    properties.description = fields.text("description");
    properties.display = fields.maybe_flag("display");
    properties.disable_health_check = fields.maybe_flag("disable_health_check");
    if (const auto frequency = fields.number("health_frequency")) {
        if (*frequency < 1 || *frequency > std::numeric_limits<int>::max())
            throw field_error("health_frequency", "Ensure this value is from 1 to 2147483647.");
        properties.health_frequency = static_cast<int>(*frequency);
    }
    if (const auto word = fields.text("health_denominator")) {
        const auto denominator = number_of_word(*word, HealthDenominator::jobs, Case::matters);
        if (!denominator) throw not_a_choice("health_denominator", *word);
        properties.health_denominator = static_cast<HealthDenominator>(*denominator);
    }
    return properties;
}

}  // namespace

Task<Response> list_device_types(Call& call) {
    auto& reader = call.lab.store.reader();
    const auto query = read_query(call.request, QueryList::device_types, reader);
    DeviceTypes types{reader};
    JsonWriter json;
    const auto hidden = call.viewer().hidden_types;
    begin_page(json, call.request, query, types.count(query, hidden));
    for (const auto& type : types.list(query, hidden)) write_device_type(json, type);
    end_page(json);
    co_return json_answer(200, json.take());
}

Task<Response> show_device_type(Call& call) { co_return device_type_answer(200, call, call.path_values[0]); }

Task<Response> create_device_type(Call& call) {
    const Fields fields{call.request};
    const auto name = fields.short_text("name", longest_name);
    auto properties = read_properties(fields);
    if (!co_await add_device_type(call.lab, name, std::move(properties), call.user->name))
        throw field_error("name", "device type with this name already exists.");
    co_return device_type_answer(201, call, name);
}

Task<Response> update_device_type(Call& call) {
    const Fields fields{call.request};
    const auto name = call.path_values[0];
    auto properties = read_properties(fields);
    if (!co_await change_device_type(call.lab, name, std::move(properties), call.user->name)) throw not_found();
    co_return device_type_answer(200, call, name);
}

Task<Response> delete_device_type(Call& call) {
    auto remove = [name = call.path_values[0]](Database& db) { return DeviceTypes{db}.remove(name); };
    const Deed deed{call.user->name, "device-type.delete", call.path_values[0], ""};
    if (!co_await write_audited(call.lab.store, deed, std::move(remove))) throw not_found();
    co_return no_content();
}

}  // namespace patchbay
