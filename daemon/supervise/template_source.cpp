// SPDX-License-Identifier: Apache-2.0
#include "daemon/supervise/template_source.hpp"

#include "daemon/store/device_templates.hpp"

namespace patchbay {

Templates all_templates(Database& db, const Settings& settings) {
    return {settings.templates, DeviceTemplates{db}.templates()};
}

TemplateSource template_source(Database& db, const Settings& settings, const DeviceEntry& entry) {
    TemplateSource source;
    if (entry.dictionary.empty()) return source;
    source.templates = all_templates(db, settings);
    if (auto own = DeviceTemplates{db}.dictionary(entry.name)) source.dictionaries.emplace(entry.name, std::move(*own));
    return source;
}

}  // namespace patchbay
