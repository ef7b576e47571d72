// SPDX-License-Identifier: Apache-2.0
// Would a device with this dictionary work? Over qemu.jinja2, where the lab has no such template, it is one of our own
// machines: then what is read is what dictionary/ gives, LAVA's extends and set, no more of Jinja.
#include "core/config/yaml.hpp"
#include "core/errors.hpp"
#include "daemon/api/api_error.hpp"
#include "daemon/api/handlers.hpp"
#include "daemon/api/lab/dictionary.hpp"
#include "daemon/api/respond.hpp"
#include "daemon/store/store.hpp"
#include "daemon/supervise/template_source.hpp"
#include "devices/description.hpp"
#include "devices/qemu_variables.hpp"

namespace patchbay {
namespace {

constexpr auto own_template = "qemu.jinja2";
constexpr std::string_view blanks = " \t\r\n";
// A dictionary has some dozens of lines.
constexpr std::size_t longest = 64 * 1024;
constexpr auto patience = std::chrono::seconds{30};
constexpr config::YamlLimits literal_limits{longest, 16, 1000};

std::string_view strip(std::string_view text) {
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// The first word; the rest stays in `text`.
std::string_view take_word(std::string_view& text) {
    const auto word = text.substr(0, text.find_first_of(blanks));
    text = strip(text.substr(word.size()));
    return word;
}

/// Python's literals are YAML's flow style, but for None.
config::Value literal(std::string_view text) {
    if (text == "None") return {};
    return config::parse_yaml(std::string{text}, literal_limits);
}

/// It extends another template than that of our own machines.
struct ForeignTemplate : ConfigurationError {
    using ConfigurationError::ConfigurationError;
};

/// `statement`: what stands between "{%" and "%}". Throws: ConfigurationError, YamlError.
void add_statement(DeviceEntry& entry, std::string_view statement) {
    const auto keyword = take_word(statement);
    if (keyword == "extends") {
        const auto file = literal(statement);
        auto name = config::string_or_empty(&file);
        if (name != own_template) throw ForeignTemplate{name};
        entry.driver = "qemu";
        return;
    }
    const auto name = take_word(statement);
    if (keyword != "set" || take_word(statement) != "=" || statement.empty())
        throw ConfigurationError{"only {% extends 'FILE' %} and {% set NAME = VALUE %} are known here"};
    entry.variables.set(std::string{name}, literal(statement));
}

DeviceEntry read_dictionary(std::string_view text) {
    DeviceEntry entry;
    entry.name = entry.device_type = "device";
    entry.driver.clear();
    for (text = strip(text); !text.empty(); text = strip(text)) {
        const bool comment = text.starts_with("{#");
        const auto end = text.find(comment ? "#}" : "%}");
        if ((!comment && !text.starts_with("{%")) || end == std::string_view::npos)
            throw ConfigurationError{"expected {% ... %} at: " + std::string{text.substr(0, 40)}};
        if (!comment) add_statement(entry, strip(text.substr(2, end - 2)));
        text.remove_prefix(end + 2);
    }
    if (entry.driver.empty()) throw ConfigurationError{"there is no {% extends 'qemu.jinja2' %}"};
    return entry;
}

/// Empty for a good one; nullopt: no machine of ours.
std::optional<std::string> problem_of_machine(std::string_view text) {
    try {
        const auto entry = read_dictionary(text);
        for (const auto& problem : qemu_variable_problems(entry.variables)) return problem;
        render_device(entry, {});
        return "";
    } catch (const ForeignTemplate&) {
        return std::nullopt;
    } catch (const Error& error) {
        return describe(error);
    } catch (const config::YamlError& error) {
        return error.what();
    }
}

/// Empty for a good one.
Task<std::string> problem_over_templates(std::string text, Services& lab) {
    auto templates = all_templates(lab.store.reader(), lab.settings);
    std::vector<Dictionary> dictionaries;
    dictionaries.push_back({"dictionary", std::move(text), {}, "device", "device"});
    try {
        const auto made =
            co_await render_dictionaries(std::move(templates), std::move(dictionaries), Deadline::in(patience));
        // The words of Jinja for a file that is not there.
        if (!made.front().missing.empty()) co_return made.front().missing;
        read_device(rendered_value(made.front(), "dictionary"), "dictionary (rendered)");
        co_return "";
    } catch (const ConfigurationError& error) {
        co_return error.what();
    }
}

Task<std::string> problem_of(std::string text, Services& lab) {
    const bool has_own = template_of_type("qemu", lab).empty();
    const auto problem = has_own ? problem_of_machine(text) : std::nullopt;
    if (problem) co_return *problem;
    co_return co_await problem_over_templates(std::move(text), lab);
}

}  // namespace

/// The body is the dictionary; of JSON, a string that is the dictionary.
Task<Response> validate_dictionary(Call& call) {
    const auto& body = call.request.body;
    if (body.size() > longest) throw api_error(400, "detail", "A device dictionary has at most 64 KiB.");
    const auto* type = call.request.header("content-type");
    std::string text = body;
    if (type && type->starts_with("application/json")) {
        try {
            const auto json = config::parse_json(body);
            if (!json.is_string()) throw api_error(400, "detail", "The dictionary is one text.");
            text = *json.as_string();
        } catch (const config::YamlError& error) {
            throw api_error(400, "detail", std::string{"JSON parse error - "} + error.what());
        }
    }
    const auto problem = co_await problem_of(std::move(text), call.lab);
    co_return message_answer(problem.empty() ? "Device dictionary valid." : "Device dictionary invalid: " + problem);
}

}  // namespace patchbay
