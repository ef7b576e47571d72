// SPDX-License-Identifier: Apache-2.0
#include "devices/jinja/device.hpp"

#include "core/errors.hpp"
#include "core/whole_file.hpp"
#include "devices/description.hpp"
#include "devices/jinja/context_effects.hpp"

namespace patchbay {
namespace {

// One takes a fifth of a second; the machine may have other things to do.
constexpr auto patience = std::chrono::seconds{30};

std::string name_of(const DeviceEntry& entry, const TemplateSource& source) {
    return source.dictionaries.contains(entry.name) ? entry.name + ".jinja2" : entry.dictionary;
}

Dictionary dictionary_for(const DeviceEntry& entry, config::Map context, const TemplateSource& source) {
    Dictionary dictionary;
    dictionary.name = name_of(entry, source);
    dictionary.text = dictionary_of(entry, source);
    dictionary.context = std::move(context);
    dictionary.device = entry.name;
    dictionary.device_type = entry.device_type;
    return dictionary;
}

config::Value device_file(const DeviceEntry& entry, const Rendering& rendering, const TemplateSource& source) {
    auto value = rendered_value(rendering, name_of(entry, source));
    add_own_words(entry, value);
    return value;
}

}  // namespace

std::string dictionary_of(const DeviceEntry& entry, const TemplateSource& source) {
    if (const auto own = source.dictionaries.find(entry.name); own != source.dictionaries.end()) return own->second;
    try {
        return read_whole_file(entry.dictionary);
    } catch (const InfrastructureError& error) {
        throw ConfigurationError{"device " + entry.name + ": " + error.what()};
    }
}

Task<config::Value> render_any_device(DeviceEntry entry, config::Map context, std::string job_folder,
                                      TemplateSource source) {
    if (entry.dictionary.empty()) co_return render_device(entry, context, job_folder);
    check_context(context, entry.name);
    std::vector<Dictionary> dictionaries;
    dictionaries.push_back(dictionary_for(entry, {}, source));
    if (!context.empty()) dictionaries.push_back(dictionary_for(entry, std::move(context), source));
    const auto made = co_await render_dictionaries(source.templates, std::move(dictionaries), Deadline::in(patience));
    auto plain = device_file(entry, made.front(), source);
    if (made.size() == 1) co_return plain;
    if (!made.back().problem.empty())
        throw JobError{"the job's context does not fit device " + entry.name + ": " + made.back().problem};
    config::Value with_context;
    try {
        with_context = device_file(entry, made.back(), source);
    } catch (const ConfigurationError& error) {
        throw JobError{"the job's context does not fit device " + entry.name + ": " + error.what()};
    }
    co_return accept_context(plain, std::move(with_context), entry.name, job_folder);
}

Task<DeviceFiles> render_devices(std::vector<DeviceEntry> entries, TemplateSource source, config::Map context) {
    DeviceFiles files;
    std::vector<const DeviceEntry*> rendered;
    std::vector<Dictionary> dictionaries;
    for (const auto& entry : entries) {
        try {
            if (entry.dictionary.empty()) {
                files.by_device[entry.name] = render_device(entry, {});
            } else {
                dictionaries.push_back(dictionary_for(entry, context, source));
                rendered.push_back(&entry);
            }
        } catch (const Error&) {  // whoever is given the device is told
        }
    }
    std::vector<Rendering> made;
    try {
        made = co_await render_dictionaries(source.templates, std::move(dictionaries), Deadline::in(patience));
    } catch (const ConfigurationError& error) {
        files.why_no_dictionaries = error.what();
    }
    for (std::size_t i = 0; i < made.size(); ++i) {
        try {
            files.by_device[rendered[i]->name] = device_file(*rendered[i], made[i], source);
        } catch (const Error&) {
        }
    }
    co_return files;
}

std::map<std::string, std::string> problems_of_dictionaries(const std::vector<DeviceEntry>& entries,
                                                            const TemplateSource& source, MissingTemplates missing) {
    std::map<std::string, std::string> problems;
    std::vector<const DeviceEntry*> rendered;
    std::vector<Dictionary> dictionaries;
    for (const auto& entry : entries) {
        if (entry.dictionary.empty()) continue;
        try {
            dictionaries.push_back(dictionary_for(entry, {}, source));
            rendered.push_back(&entry);
        } catch (const ConfigurationError& error) {
            problems[entry.name] = error.what();
        }
    }
    const auto made = render_dictionaries_now(source.templates, std::move(dictionaries));
    for (std::size_t i = 0; i < made.size(); ++i) {
        const auto& entry = *rendered[i];
        if (!made[i].missing.empty() && missing == MissingTemplates::may_be_uploaded) continue;
        try {
            read_device(device_file(entry, made[i], source), name_of(entry, source) + " (rendered)");
        } catch (const ConfigurationError& error) {
            problems[entry.name] = error.what();
        }
    }
    return problems;
}

}  // namespace patchbay
