// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/lab/settings.hpp"
#include "daemon/store/database.hpp"
#include "devices/jinja/device.hpp"

namespace patchbay {

/// What was uploaded, and the folders of the configuration; nothing for an entry that has no dictionary.
TemplateSource template_source(Database& db, const Settings& settings, const DeviceEntry& entry);
/// The templates alone.
Templates all_templates(Database& db, const Settings& settings);

}  // namespace patchbay
