// SPDX-License-Identifier: Apache-2.0
#pragma once
// Where the bytes of a download come from. All of it is blocking work for a worker's thread.

#include <functional>

#include "jobs/download/download.hpp"
#include "jobs/download/transfer.hpp"

namespace patchbay {

using WorkerLog = std::function<void(LogLevel, const std::string&)>;

/// The bytes of a source, before they are checked, decompressed and put into the job's folder.
struct Fetched {
    CacheEntry entry;
    std::filesystem::path file;  ///< of this host; empty: a blob of the cache
    bool cached = false;
};

/// Either the bytes, or why another try is worth while.
struct HttpAttempt {
    std::optional<Fetched> fetched;
    std::string problem;
};

/// One try. While another process fetches the same, waits for it and uses its bytes.
/// Throws: InfrastructureError (no use in trying again), Stopped.
HttpAttempt fetch_http(const DownloadRequest& request, const DownloadContext& context, const WorkerLog& log,
                       const StopFlag& stop);

/// A file of this host. Its sums are kept until it changes. Throws: JobError, InfrastructureError, Stopped.
Fetched fetch_file(const DownloadRequest& request, const DownloadContext& context, const std::filesystem::path& file,
                   const StopFlag& stop);

/// Checks, decompresses, places and unpacks. False: the cache lost the blob meanwhile.
bool deliver(const DownloadRequest& request, const DownloadContext& context, const Fetched& fetched,
             DownloadResult& result, const WorkerLog& log, const StopFlag& stop);

/// The file's path in the job's folder; its folder exists.
std::filesystem::path target_path(const DownloadRequest& request, const DownloadContext& context);

/// "gz", "xz", ... when the file is to be decompressed on the way; else "".
std::string decompression(const DownloadRequest& request);

}  // namespace patchbay
