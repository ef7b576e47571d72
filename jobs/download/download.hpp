// SPDX-License-Identifier: Apache-2.0
#pragma once
// Fetches one file of a job (lava_dispatcher/actions/deploy/download.py). Texts are LAVA's.

#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/config/value.hpp"
#include "core/deadline.hpp"
#include "core/net/address_policy.hpp"
#include "core/task.hpp"
#include "jobs/download/archive.hpp"
#include "jobs/download/cache.hpp"
#include "jobs/download/digest.hpp"
#include "jobs/journal/log_level.hpp"

namespace patchbay {

struct DownloadRequest {
    std::string key;  ///< the file's name in the job: "kernel"; also the label of the result
    std::string url;
    std::string compression;  ///< "", gz, xz, bz2, zstd, zip (kept as it is)
    std::string archive;      ///< "" or tar
    Digests expected;         ///< of the bytes as transferred; empty ones are not checked
    std::vector<std::pair<std::string, std::string>> headers;
    bool use_cache = true;
    bool uniquify = true;  ///< a folder named like the key for the file
    Placement placement = Placement::private_copy;

    DownloadRequest() = default;
    DownloadRequest(std::string key_, std::string url_) : key{std::move(key_)}, url{std::move(url_)} {}
};

/// The download map of a job: `{url, compression, archive, md5sum, sha256sum, sha512sum, headers, use_cache}`; a plain
/// string is the url. Throws: JobError, a key is missing or has a wrong type.
DownloadRequest read_download(const std::string& key, const config::Value& value);

/// How often a failed transfer is tried again: `tries` attempts, waiting first, 2·first, 4·first ... up to two minutes.
struct RetryPolicy {
    int tries = 15;
    std::chrono::milliseconds first{100};
};

/// What all downloads of a job share. Everything referred to must outlive the download.
struct DownloadContext {
    ArtifactCache& cache;
    asio::thread_pool& workers;
    std::filesystem::path directory;                        ///< the action's own folder; made when needed
    std::vector<std::filesystem::path> allowed_file_paths;  ///< file:// is allowed below these
    AddressPolicy addresses;                                ///< what a url may lead to; of scp the host that it names
    /// "downloads://x" is this folder's x.
    std::filesystem::path downloads_directory;
    config::List static_info;  ///< {NAME} in a url is replaced by a key of these maps
    /// Called on the caller's executor.
    std::function<void(LogLevel, const std::string&)> log = [](LogLevel, const std::string&) {};
    RetryPolicy retry;
    RetryPolicy probe_retry{9, std::chrono::milliseconds{100}};
    std::chrono::seconds stall{60};  ///< without a byte
    UnpackLimits limits;

    DownloadContext(ArtifactCache& cache_, asio::thread_pool& workers_, std::filesystem::path directory_)
        : cache{cache_}, workers{workers_}, directory{std::move(directory_)} {}
};

struct DownloadResult {
    std::string label;
    std::filesystem::path path;  ///< the file; with `archive` the folder of what was in it
    std::uint64_t size = 0;      ///< bytes as transferred
    Digests digests;             ///< of the bytes as transferred
    bool decompressed = false;
    bool cached = false;  ///< no byte came from the source

    /// {label, md5sum, sha256sum, sha512sum, size}: the extra of the result case.
    config::Map info() const;
};

/// "http-download", "file-download", "scp-download", "pre-downloaded": the name of the action for this url.
/// Throws: JobError "Unsupported url protocol scheme: <s>".
std::string download_action_name(const std::string& url);

/// The name the file gets in its folder. Throws: JobError when the url does not end in a name.
std::string download_file_name(const DownloadRequest& request);

/// Checks that the file is there, without fetching it. Returns what is wrong, in LAVA's words.
/// Throws: JobError for a request that can never work (scheme, file outside the allowed folders, forbidden address).
Task<std::optional<std::string>> probe(DownloadRequest request, DownloadContext context, Deadline deadline);

/// Done when:    the file is in its place, checked, decompressed and unpacked as asked.
/// Cancellation: safe; the transfer stops within a second and leaves nothing behind.
/// Throws:       JobError (missing, forbidden address, sums, not decompressible, bombs), InfrastructureError (network,
/// disk), TimedOut.
Task<DownloadResult> download(DownloadRequest request, DownloadContext context, Deadline deadline);

}  // namespace patchbay
