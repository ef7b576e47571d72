// SPDX-License-Identifier: Apache-2.0
// The two files that LAVA keeps for a device type: its health check and its template.
#include "daemon/store/health_checks.hpp"
#include "daemon/api/api_error.hpp"
#include "daemon/api/fields.hpp"
#include "daemon/api/handlers.hpp"
#include "daemon/api/lab/change_device_type.hpp"
#include "daemon/api/lab/dictionary.hpp"
#include "daemon/api/respond.hpp"
#include "daemon/store/rights.hpp"
#include "daemon/store/store.hpp"

namespace patchbay {
namespace {

std::string known_type(const Call& call) {
    const auto& name = call.path_values[0];
    if (!DeviceTypes{call.lab.store.reader()}.find(name) || !call.viewer().sees_type(name)) throw not_found();
    return name;
}

/// LAVA's own words for these two, which ask for the right to change all devices.
void check_right(const Call& call) {
    if (Rights{call.lab.store.reader(), call.user}.everywhere(Restrictable::device, Permission::change)) return;
    throw api_error(403, "detail", "Insufficient permissions. Please contact system administrator.");
}

std::string required_file(const Call& call, std::string_view field, std::string_view missing) {
    const auto text = Fields{call.request}.text(field);
    if (!text || text->empty()) throw api_error(400, field, missing);
    return *text;
}

}  // namespace

Task<Response> show_health_check(Call& call) {
    const auto type = known_type(call);
    const auto check = HealthChecks{call.lab.store.reader()}.of_type(type);
    if (!check) throw api_error(400, "detail", "Device-type '" + type + "' health check was not found.");
    co_return file_answer("application/yaml", type + "_health_check.yaml", check->job.original_definition);
}

Task<Response> set_health_check(Call& call) {
    const auto type = known_type(call);
    check_right(call);
    auto text = required_file(call, "config", "Health check configuration is required.");
    co_await change_health_check(call.lab, type, std::move(text), call.user->name);
    co_return no_content();
}

Task<Response> show_template(Call& call) {
    const auto type = known_type(call);
    auto text = template_of_type(type, call.lab);
    if (text.empty()) throw api_error(400, "detail", "Device-type '" + type + "' template was not found.");
    co_return file_answer("application/yaml", type + ".jinja2", std::move(text));
}

Task<Response> set_template(Call& call) {
    const auto type = known_type(call);
    check_right(call);
    auto text = required_file(call, "template", "Device type template is required.");
    co_await change_template(call.lab, type, std::move(text), *call.user);
    co_return no_content();
}

}  // namespace patchbay
