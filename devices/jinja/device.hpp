// SPDX-License-Identifier: Apache-2.0
#pragma once
// Devices of the lab that have a LAVA device dictionary, and all others.

#include <map>
#include <string>
#include <vector>

#include "core/task.hpp"
#include "devices/jinja/renderer.hpp"
#include "devices/lab.hpp"

namespace patchbay {

/// Where the texts of dictionaries and templates are.
struct TemplateSource {
    Templates templates;
    std::map<std::string, std::string> dictionaries;  ///< uploaded, by device; they go before the files
};

/// The text of its dictionary. Throws: ConfigurationError, the file cannot be read.
std::string dictionary_of(const DeviceEntry& entry, const TemplateSource& source);

/// As render_device(), also for entries with a `dictionary`. A job's context is checked (context_effects.hpp).
/// Throws: JobError, ConfigurationError.
Task<config::Value> render_any_device(DeviceEntry entry, config::Map context, std::string job_folder,
                                      TemplateSource source);

struct DeviceFiles {
    std::map<std::string, config::Value> by_device;
    std::string why_no_dictionaries;  ///< why nothing with a dictionary is there; empty: dictionaries were rendered
};

/// Of the entries that can be rendered without a job; one process for all dictionaries, which get this context,
/// unchecked.
Task<DeviceFiles> render_devices(std::vector<DeviceEntry> entries, TemplateSource source, config::Map context = {});

/// may_be_uploaded: a template that is in no folder is no problem yet.
enum class MissingTemplates { are_problems, may_be_uploaded };

/// What is wrong with the entries that have a dictionary, in lines, by device: those that cannot be rendered, and those
/// whose device file cannot be read. All are rendered at once. For a thread that may wait.
/// Throws: NoRenderer.
std::map<std::string, std::string> problems_of_dictionaries(const std::vector<DeviceEntry>& entries,
                                                            const TemplateSource& source,
                                                            MissingTemplates missing = MissingTemplates::are_problems);

}  // namespace patchbay
