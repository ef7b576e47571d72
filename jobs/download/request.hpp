// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a url of a job means here.

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/net/address_policy.hpp"
#include "jobs/download/download.hpp"

namespace patchbay {

/// Can it be the name of one file or folder: not "..", without a slash?
bool is_file_name(std::string_view name);

enum class Scheme { http, file, scp, downloads };

/// Throws: JobError "Unsupported url protocol scheme: <s>".
Scheme scheme_of(const std::string& url);

/// The url with {NAME} replaced by the values of the device's static_info.
std::string substitute(const std::string& url, const config::List& static_info);

/// The file that a file:// url means, with all links followed, if it is below an allowed folder.
/// Throws: JobError naming the setting.
std::filesystem::path local_file(const std::string& url, const std::vector<std::filesystem::path>& allowed);

/// The file of this job's downloads folder. Throws: JobError "Resource unavailable: <p> (available: a, b)".
std::filesystem::path downloaded_file(const std::string& url, const std::filesystem::path& folder);

/// Before another program connects to the host of a url. Throws: JobError, it leads to an address that is not allowed.
Task<> check_host(AddressPolicy addresses, std::string url, std::string host);
/// "'<url>' may not be reached: 127.0.0.1 is a loopback address; ...": the text for an AddressPolicy's refusal.
std::string forbidden_address(const std::string& url, const std::string& refusal);

/// Asked when the job is validated, not when its tree is built: LAVA builds the tree of such a job, too.
/// Throws: JobError naming those that are known.
void check_compression(const DownloadRequest& request);

struct ScpAddress {
    std::string host;  ///< [user@]host
    std::string path;
    std::string name;  ///< the host without its user
};
/// Throws: JobError.
ScpAddress scp_address(const std::string& url);

}  // namespace patchbay
