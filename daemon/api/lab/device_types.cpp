// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/api_error.hpp"
#include "daemon/api/filters.hpp"
#include "daemon/api/handlers.hpp"
#include "daemon/api/lab/optional_text.hpp"
#include "daemon/api/paging.hpp"
#include "daemon/api/respond.hpp"
#include "daemon/store/devices.hpp"
#include "daemon/store/store.hpp"

namespace patchbay {
namespace {

void write_device_type(JsonWriter& json, const DeviceTypeRow& type) {
    json.begin_object().member("name", type.name).member("architecture", null_if_empty(type.architecture));
    json.member("processor", nullptr).member("cpu_model", nullptr);
    json.key("aliases").begin_array().end_array();
    json.member("bits", nullptr);
    json.key("cores").begin_array().end_array();
    json.member("core_count", nullptr).member("description", null_if_empty(type.description));
    json.member("health_frequency", type.health_frequency).member("disable_health_check", false);
    json.member("health_denominator", "hours").member("display", type.display).end_object();
}

}  // namespace

Task<Response> list_device_types(Call& call) {
    auto& reader = call.lab.store.reader();
    const auto query = read_query(call.request, QueryList::device_types, reader);
    Devices devices{reader};
    JsonWriter json;
    begin_page(json, call.request, query, devices.count_types(query));
    for (const auto& type : devices.list_types(query)) write_device_type(json, type);
    end_page(json);
    co_return json_answer(200, json.take());
}

Task<Response> show_device_type(Call& call) {
    const auto type = Devices{call.lab.store.reader()}.find_type(call.path_values[0]);
    if (!type) throw not_found();
    JsonWriter json;
    write_device_type(json, *type);
    co_return json_answer(200, json.take());
}

}  // namespace patchbay
