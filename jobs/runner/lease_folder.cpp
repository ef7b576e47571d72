// SPDX-License-Identifier: Apache-2.0
#include "jobs/runner/lease_folder.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "core/config/yaml.hpp"

namespace patchbay {

std::string read_file(const std::filesystem::path& path, std::size_t limit) {
    std::ifstream file{path, std::ios::binary};
    if (!file) throw InfrastructureError{"cannot read " + path.string() + ": " + std::strerror(errno)};
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    if (!error && size > limit) {
        throw InfrastructureError{path.string() + " has " + std::to_string(size) + " bytes, the limit is " +
                                  std::to_string(limit)};
    }
    std::ostringstream text;
    text << file.rdbuf();
    return std::move(text).str();
}

LeaseFolder read_lease_folder(const std::filesystem::path& folder) {
    LeaseFolder lease;
    lease.path = folder;
    const auto file = folder / "lease.json";
    const auto json = config::parse_json(read_file(file));
    config::Problems problems{file.string()};
    config::MapReader map{json, "lease", problems};
    lease.lease = LeaseId{map.required<std::int64_t>("lease")};
    lease.job = JobId{map.required<std::int64_t>("job")};
    lease.fence = Fence{map.required<std::int64_t>("fence")};
    lease.display_id = map.required<std::string>("display_id");
    lease.device = map.required<std::string>("device");
    problems.raise_if_any();
    const auto device_file = folder / "device.yaml";
    lease.description = read_device(config::parse_yaml(read_file(device_file)), device_file.string());
    const auto settings_file = folder / "runner.yaml";
    lease.settings = read_settings(config::parse_yaml(read_file(settings_file)), settings_file.string());
    if (lease.settings.download_dir.empty()) lease.settings.download_dir = folder / "tmp";
    lease.definition = read_file(folder / "job.yaml");
    return lease;
}

}  // namespace patchbay
