// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/config/value.hpp"
#include "core/net/address_policy.hpp"

namespace patchbay {

/// `runner.yaml` of a lease folder, or lava-run's --dispatcher file. docs/lease-folder.md lists the keys.
struct RunnerSettings {
    std::filesystem::path download_dir;
    std::filesystem::path cache_dir;
    std::filesystem::path state_dir;
    std::uint64_t cache_limit = std::uint64_t{20} << 30;   ///< bytes
    std::uint64_t unpack_limit = std::uint64_t{64} << 30;  ///< bytes of one download, also when it is unpacked
    std::uint64_t log_limit = std::uint64_t{2} << 30;  ///< bytes of a job's log; what its target prints beyond ends it
    std::string dispatcher_ip;        ///< how targets see this machine; empty: jobs/actions/host_address.hpp
    std::string tftp_ip;              ///< the same for TFTP; dispatcher_ip unless it is given
    std::string nfs_ip;               ///< the same for NFS
    std::filesystem::path tftp_root;  ///< what the lab's TFTP server serves; empty: download_dir
    std::filesystem::path nfs_root;   ///< what its NFS server exports; empty: download_dir
    std::uint64_t tftp_size_limit = std::uint64_t{4} << 30;  ///< bytes of one file
    std::vector<std::filesystem::path> allowed_file_paths;
    AddressPolicy addresses{{"private"}};  ///< what the urls of jobs may lead to
    config::Value env_dut;  ///< LAVA's env-dut file {purge, removes, overrides}; null: targets get no variables
    std::filesystem::path host_root = "/";  ///< where /sys and /dev are; a tree of a test
    bool trusted_jobs = false;
    std::vector<std::string> masked;  ///< no log shows these: what the daemon put into the job in the place of names
    std::string version;              ///< in the first line of a log
};

/// A job's folders below what TFTP and NFS servers give out; `directory` is its own. The same where none is configured.
std::filesystem::path tftp_directory(const RunnerSettings& settings, const std::filesystem::path& directory);
std::filesystem::path nfs_directory(const RunnerSettings& settings, const std::filesystem::path& directory);
/// Removes all three. Blocks, for minutes when there is a root file system. Returns what could not be removed, as
/// texts.
std::vector<std::string> remove_job_folders(const RunnerSettings& settings, const std::filesystem::path& directory);

/// Throws: ConfigurationError with every problem.
RunnerSettings read_settings(const config::Value& yaml, const std::string& file);

}  // namespace patchbay
