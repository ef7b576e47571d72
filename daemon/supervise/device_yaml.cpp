// SPDX-License-Identifier: Apache-2.0
#include "core/config/yaml.hpp"
#include "daemon/lab/lab_devices.hpp"
#include "daemon/supervise/lease_files.hpp"

namespace patchbay {

std::string device_yaml(const DeviceRow& device, const JobRow& job, const std::filesystem::path& folder) {
    const auto entry = parse_device_configuration(device.hostname, device.device_type, device.configuration);
    config::Map context;
    try {
        const auto definition = config::parse_yaml(job.definition);
        if (const auto* given = definition.find("context"); given && given->is_map()) context = *given->as_map();
    } catch (const config::YamlError& error) {
        throw JobError{std::string{"the job's definition is not YAML: "} + error.what()};
    }
    return config::dump_yaml(render_device(entry, context, folder.string()));
}

}  // namespace patchbay
