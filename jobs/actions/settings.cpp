// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/settings.hpp"

#include "core/config/map_reader.hpp"
#include "core/process/remove_tree.hpp"

namespace patchbay {

namespace {

/// Never the root itself, which is everybody's: what is returned here is removed with all that is in it.
std::filesystem::path below(const std::filesystem::path& root, const std::filesystem::path& directory) {
    return root.empty() || directory.filename().empty() ? directory : root / directory.filename();
}

}  // namespace

std::filesystem::path tftp_directory(const RunnerSettings& settings, const std::filesystem::path& directory) {
    return below(settings.tftp_root, directory);
}

std::filesystem::path nfs_directory(const RunnerSettings& settings, const std::filesystem::path& directory) {
    return below(settings.nfs_root, directory);
}

std::vector<std::string> remove_job_folders(const RunnerSettings& settings, const std::filesystem::path& directory) {
    std::vector<std::string> problems;
    for (const auto& folder : {tftp_directory(settings, directory), nfs_directory(settings, directory), directory}) {
        if (auto problem = remove_tree(folder); !problem.empty()) problems.push_back(std::move(problem));
    }
    return problems;
}

RunnerSettings read_settings(const config::Value& yaml, const std::string& file) {
    config::Problems problems{file};
    config::MapReader map{yaml, "runner", problems};
    RunnerSettings settings;
    settings.download_dir = map.value_or("download_dir", map.value_or("dispatcher_download_dir", std::string{}));
    settings.cache_dir = map.value_or("cache_dir", std::string{});
    settings.state_dir = map.value_or("state_dir", std::string{});
    settings.cache_limit =
        static_cast<std::uint64_t>(map.value_or("cache_limit", static_cast<std::int64_t>(settings.cache_limit)));
    settings.unpack_limit =
        static_cast<std::uint64_t>(map.value_or("unpack_limit", static_cast<std::int64_t>(settings.unpack_limit)));
    settings.log_limit =
        static_cast<std::uint64_t>(map.value_or("log_limit", static_cast<std::int64_t>(settings.log_limit)));
    settings.dispatcher_ip = map.value_or("dispatcher_ip", std::string{});
    settings.tftp_ip = map.value_or("dispatcher_tftp_ip", settings.dispatcher_ip);
    settings.nfs_ip = map.value_or("dispatcher_nfs_ip", settings.dispatcher_ip);
    settings.tftp_root = map.value_or("tftp_root", std::string{});
    settings.nfs_root = map.value_or("nfs_root", std::string{});
    settings.tftp_size_limit = static_cast<std::uint64_t>(
        map.value_or("tftp_size_limit", static_cast<std::int64_t>(settings.tftp_size_limit)));
    for (auto& path : map.value_or("allowed_file_paths", std::vector<std::string>{})) {
        settings.allowed_file_paths.emplace_back(std::move(path));
    }
    if (const auto networks = map.maybe<std::vector<std::string>>("allowed_url_networks")) {
        try {
            settings.addresses = AddressPolicy{*networks};
        } catch (const ConfigurationError& error) {
            map.problem("allowed_url_networks", error.what());
        }
    }
    if (const auto* variables = map.raw("env_dut")) settings.env_dut = *variables;
    settings.trusted_jobs = map.value_or("trusted_jobs", false);
    settings.masked = map.value_or("masked", std::vector<std::string>{});
    settings.version = map.value_or("version", std::string{"2023.01"});
    // Not finished: a lava-dispatcher file has many keys that mean nothing here.
    problems.raise_if_any();
    return settings;
}

}  // namespace patchbay
