// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/lab/dictionary.hpp"

#include "core/config/yaml.hpp"
#include "core/errors.hpp"
#include "daemon/api/api_error.hpp"
#include "daemon/store/store.hpp"
#include "daemon/supervise/template_source.hpp"

namespace patchbay {
namespace {

// A context is a handful of variables.
constexpr config::YamlLimits context_limits{64 * 1024, 16, 1000};

ApiError bad_context(const std::string& context, const std::string& reason) {
    return api_error(400, "detail", "Job Context '" + context + "' is not valid: " + reason);
}

config::Map read_context(const std::string& text) {
    if (text.empty()) return {};
    try {
        auto value = config::parse_yaml(text, context_limits);
        if (auto* map = value.as_map()) return std::move(*map);
    } catch (const config::YamlError& error) {
        throw bad_context(text, error.what());
    }
    throw bad_context(text, "it is no mapping");
}

}  // namespace

std::string device_dictionary(const DeviceEntry& device, Services& lab) {
    if (!device.dictionary.empty())
        return dictionary_of(device, template_source(lab.store.reader(), lab.settings, device));
    if (!device.file.empty()) return config::dump_yaml(render_device(device, {}));
    std::string out = "{% extends '" + device.driver + ".jinja2' %}\n";
    for (const auto& [key, value] : device.variables) {
        out += "{% set " + config::python_str(key) + " = " + config::python_repr(value) + " %}\n";
    }
    return out;
}

Task<std::string> rendered_device(DeviceEntry device, std::string context, Services& lab) {
    auto source = template_source(lab.store.reader(), lab.settings, device);
    auto map = read_context(context);
    try {
        const auto rendered =
            co_await render_any_device(std::move(device), std::move(map), "/nonexistent", std::move(source));
        co_return config::dump_yaml(rendered);
    } catch (const JobError& error) {
        throw bad_context(context, error.what());
    } catch (const ConfigurationError& error) {
        throw api_error(400, "detail", error.what());
    }
}

}  // namespace patchbay
