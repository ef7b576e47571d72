// SPDX-License-Identifier: Apache-2.0
// LAVA's device files over the API: what is uploaded is kept in the store, and goes before the lab's files.
#include "core/errors.hpp"
#include "core/whole_file.hpp"
#include "daemon/api/api_error.hpp"
#include "daemon/api/lab/dictionary.hpp"
#include "daemon/store/audited.hpp"
#include "daemon/store/device_templates.hpp"
#include "daemon/store/owned_by_file.hpp"
#include "daemon/supervise/template_source.hpp"
#include "devices/description.hpp"

namespace patchbay {
namespace {

constexpr auto patience = std::chrono::seconds{30};

void check_right(const UserRow& user) {
    if (user.superuser) return;
    throw api_error(
        403, "detail",
        "only superusers may upload device dictionaries and templates: they say which commands the lab's host "
        "runs");
}

void check_size(const std::string& what, const std::string& text) {
    if (text.size() > longest_template)
        throw JobError{what + " has more than " + std::to_string(longest_template) + " bytes"};
}

Task<Rendering> render_one(std::string name, std::string text, DeviceEntry device, Templates templates) {
    std::vector<Dictionary> dictionaries;
    dictionaries.push_back({std::move(name), std::move(text), {}, device.name, device.device_type});
    auto made = co_await render_dictionaries(std::move(templates), std::move(dictionaries), Deadline::in(patience));
    co_return std::move(made.front());
}

/// Clients may bring the dictionary before its template.
Task<> check_dictionary(Services& lab, DeviceEntry device, std::string text) {
    const auto name = device.name + ".jinja2";
    auto templates = all_templates(lab.store.reader(), lab.settings);
    const auto made = co_await render_one(name, std::move(text), device, std::move(templates));
    if (!made.missing.empty()) co_return;
    try {
        auto value = rendered_value(made, name);
        add_own_words(device, value);
        read_device(value, name + " (rendered)");
    } catch (const ConfigurationError& error) {
        throw JobError{error.what()};
    }
}

}  // namespace

Task<> change_dictionary(Services& lab, DeviceEntry device, std::string text, UserRow user) {
    if (device.dictionary.empty()) throw OwnedByFile{"the dictionary of device '" + device.name + "'", "devices"};
    check_right(user);
    check_size("the dictionary", text);
    co_await check_dictionary(lab, device, text);
    const bool is_that_of_file = dictionary_of(device, TemplateSource{}) == text;
    Deed deed{user.name, "device.dictionary", device.name, is_that_of_file ? "that of its file" : ""};
    auto set = [name = device.name, text = std::move(text), is_that_of_file](Database& db) {
        DeviceTemplates uploaded{db};
        is_that_of_file ? uploaded.drop_dictionary(name) : uploaded.set_dictionary(name, text);
    };
    co_await write_audited(lab.store, std::move(deed), std::move(set));
}

std::string template_of_type(const std::string& device_type, Services& lab) {
    const auto name = device_type + ".jinja2";
    if (auto own = DeviceTemplates{lab.store.reader()}.find(name)) return *own;
    if (device_type.starts_with('.') || device_type.find('/') != std::string::npos) return {};
    for (const auto& folder : lab.settings.templates) {
        std::error_code error;
        if (std::filesystem::is_regular_file(folder / name, error)) return read_whole_file(folder / name);
    }
    return {};
}

Task<> change_template(Services& lab, std::string device_type, std::string text, UserRow user) {
    if (device_type.starts_with('.') || device_type.find('/') != std::string::npos)
        throw JobError{"Invalid device-type '" + device_type + "'"};
    check_right(user);
    check_size("the template", text);
    const auto name = device_type + ".jinja2";
    // Without a dictionary it need not be renderable; it must be a template.
    DeviceEntry no_device;
    Templates no_templates;
    const auto made = co_await render_one(name, text, std::move(no_device), std::move(no_templates));
    if (made.mistake == Mistake::syntax) throw JobError{made.problem};
    Deed deed{user.name, "device-type.template", device_type, ""};
    auto set = [name, text = std::move(text)](Database& db) { DeviceTemplates{db}.set(name, text); };
    co_await write_audited(lab.store, std::move(deed), std::move(set));
}

}  // namespace patchbay
