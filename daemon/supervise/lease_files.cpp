// SPDX-License-Identifier: Apache-2.0
#include "daemon/supervise/lease_files.hpp"

#include <fstream>
#include <iterator>

#include "core/config/yaml.hpp"
#include "core/errors.hpp"
#include "core/whole_file.hpp"
#include "daemon/supervise/artifact_tokens.hpp"
#include "devices/description.hpp"

namespace patchbay {
namespace {

config::Map session_of(const SessionRow& session, const std::string& user) {
    config::Map map;
    map.set("user", user);
    map.set("note", session.note);
    map.set("time", std::int64_t{session.time.count()});
    if (session.idle_release) map.set("idle_release", std::int64_t{session.idle_release->count()});
    return map;
}

std::string lease_json(const LeaseRow& lease, std::int64_t first_log_line, const std::string& store,
                       const std::optional<SessionRow>& session, const std::string& user) {
    config::Map map;
    map.set("lease", lease.id.value);
    map.set("job", lease.job.value);
    map.set("display_id", std::to_string(lease.job.value));
    map.set("device", lease.device);
    map.set("fence", lease.fence.value);
    map.set("first_log_line", first_log_line);
    map.set("store", store);
    if (session) map.set("session", session_of(*session, user));
    return config::dump_json(config::Value{std::move(map)}) + "\n";
}

std::string runner_yaml(const std::filesystem::path& folder, const Settings& settings,
                        const std::vector<std::string>& masked) {
    config::List allowed;
    for (const auto& path : settings.allowed_file_paths) allowed.emplace_back(path.string());
    config::List networks;
    for (const auto& network : settings.allowed_url_networks) networks.emplace_back(network);
    config::Map map;
    map.set("download_dir", (folder / "tmp").string());
    map.set("cache_dir", settings.cache_dir.string());
    map.set("state_dir", settings.state_dir.string());
    map.set("cache_limit", settings.cache_limit);
    map.set("unpack_limit", settings.unpack_limit);
    map.set("log_limit", settings.log_limit);
    const auto set_known = [&map](const std::string& key, const std::string& value) {
        if (!value.empty()) map.set(key, value);
    };
    set_known("dispatcher_ip", settings.dispatcher_ip);
    set_known("dispatcher_tftp_ip", settings.dispatcher_tftp_ip);
    set_known("dispatcher_nfs_ip", settings.dispatcher_nfs_ip);
    map.set("tftp_root", settings.tftp_root.string());
    map.set("nfs_root", settings.nfs_root.string());
    map.set("tftp_size_limit", settings.tftp_size_limit);
    map.set("allowed_file_paths", std::move(allowed));
    map.set("allowed_url_networks", std::move(networks));
    map.set("trusted_jobs", settings.trusted_jobs);
    map.set("version", settings.version);
    if (!masked.empty()) {
        config::List texts;
        for (const auto& text : masked) texts.emplace_back(text);
        map.set("masked", std::move(texts));
    }
    if (!settings.env_dut.is_null()) map.set("env_dut", settings.env_dut);
    return config::dump_yaml(config::Value{std::move(map)});
}

/// YAML's own mark: what was cut off in front of it may still be a map.
constexpr std::string_view end_of_document = "...\n";

/// null: there is none.
config::Value read_map(const std::filesystem::path& file, std::string_view end) {
    std::ifstream stream{file, std::ios::binary};
    const std::string text{std::istreambuf_iterator<char>{stream}, {}};
    try {
        auto value = text.ends_with(end) ? config::parse_yaml(text) : config::Value{};
        if (value.is_map()) return value;
    } catch (const config::YamlError&) {
    }
    return {};
}

}  // namespace

bool lease_files_are_whole(const std::filesystem::path& folder) {
    return read_map(folder / "lease.json", "}\n").is_map() &&
           read_map(folder / "device.yaml", end_of_document).is_map() &&
           read_map(folder / "runner.yaml", end_of_document).is_map();
}

std::chrono::seconds power_off_time(const std::filesystem::path& folder) {
    const auto device = read_map(folder / "device.yaml", "");
    if (!device.is_map()) return {};
    try {
        const auto times = read_device(device, (folder / "device.yaml").string()).action_timeouts;
        const auto found = times.find("power-off");
        return found == times.end() ? std::chrono::seconds{0} : found->second;
    } catch (const ConfigurationError&) {  // its runner says so
        return {};
    }
}

void write_lease_files(const std::filesystem::path& folder, const LeaseRow& lease, const JobRow& job,
                       const std::string& device, std::int64_t first_log_line, const Settings& settings,
                       const std::string& store, const std::map<std::string, std::string>& tokens,
                       const std::optional<SessionRow>& session) {
    const auto filled = fill_tokens(job.definition, tokens);
    // Nothing could read it when the device is to be made safe, so nothing is begun with it.
    read_device(config::parse_yaml(device), "device " + lease.device);
    std::error_code error;
    std::filesystem::create_directories(folder / "tmp", error);
    if (error)
        throw InfrastructureError{"cannot make " + folder.string() + ": " + error.message() +
                                  "; check the space and the rights of the state directory"};
    // Definitions may carry secrets.
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
    write_whole_file(folder / "lease.json", lease_json(lease, first_log_line, store, session, job.submitter));
    write_whole_file(folder / "job.yaml", filled.text);
    write_whole_file(folder / "device.yaml", device + std::string{end_of_document});
    write_whole_file(folder / "runner.yaml", runner_yaml(folder, settings, filled.used) + std::string{end_of_document});
}

}  // namespace patchbay
