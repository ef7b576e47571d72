// SPDX-License-Identifier: Apache-2.0
#include "jobs/runner/lease_folder.hpp"

#include "core/config/yaml.hpp"
#include "core/whole_file.hpp"

namespace patchbay {

namespace {

template <class Parse>
config::Value read_with(Parse parse, const std::filesystem::path& file) {
    try {
        return parse(read_whole_file(file), config::YamlLimits{});
    } catch (const config::YamlError& error) {
        throw ConfigurationError{file.string() + ": " + error.what()};
    }
}

std::optional<SessionPlan> read_session(config::MapReader& lease) {
    if (!lease.has("session")) return std::nullopt;
    auto map = lease.map("session");
    SessionPlan plan;
    plan.user = map.required<std::string>("user");
    plan.note = map.value_or<std::string>("note", "");
    plan.time = std::chrono::seconds{map.required<std::int64_t>("time")};
    if (map.has("idle_release")) plan.idle_release = std::chrono::seconds{map.required<std::int64_t>("idle_release")};
    return plan;
}

RunnerSettings read_runner_settings(const std::filesystem::path& folder) {
    const auto file = folder / "runner.yaml";
    auto settings = read_settings(read_with(config::parse_yaml, file), file.string());
    config::Problems problems{file.string()};
    // Shared with other leases: nothing that is made up here could be the right place.
    if (settings.state_dir.empty()) problems.add({}, "state_dir", "missing; it holds the fences of the devices");
    if (settings.cache_dir.empty()) problems.add({}, "cache_dir", "missing; it holds the downloads of all jobs");
    problems.raise_if_any();
    if (settings.download_dir.empty()) settings.download_dir = folder / "tmp";
    return settings;
}

}  // namespace

LeaseFolder read_lease_folder(const std::filesystem::path& folder) {
    LeaseFolder lease;
    lease.path = folder;
    const auto file = folder / "lease.json";
    const auto json = read_with(config::parse_json, file);
    config::Problems problems{file.string()};
    config::MapReader map{json, "lease", problems};
    lease.lease = LeaseId{map.required<std::int64_t>("lease")};
    lease.job = JobId{map.required<std::int64_t>("job")};
    lease.fence = Fence{map.required<std::int64_t>("fence")};
    lease.display_id = map.required<std::string>("display_id");
    lease.device = map.required<std::string>("device");
    lease.first_log_line = map.value_or<std::int64_t>("first_log_line", 0);
    lease.session = read_session(map);
    problems.raise_if_any();
    const auto device_file = folder / "device.yaml";
    lease.description = read_device(read_with(config::parse_yaml, device_file), device_file.string());
    lease.settings = read_runner_settings(folder);
    return lease;
}

std::string scope_token(const LeaseFolder& lease) {
    // FNV-1a, 64 bits: the same in every version, as another version may clean up.
    std::uint64_t hash = 14695981039346656037u;
    for (const unsigned char c : std::filesystem::weakly_canonical(lease.path).string()) {
        hash = (hash ^ c) * 1099511628211u;
    }
    return "lease-" + std::to_string(lease.lease.value) + "-" + std::to_string(hash);
}

}  // namespace patchbay
