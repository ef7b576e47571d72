// SPDX-License-Identifier: Apache-2.0
#pragma once
// Unpacking what came from outside. Nothing is written outside the target folder, and nothing without bounds.

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>

namespace patchbay {

struct UnpackLimits {
    std::uint64_t bytes = std::uint64_t{64} << 30;  ///< of everything unpacked: the largest disk images in use
    std::uint64_t entries = 2'000'000;              ///< a root file system has some 100 000
};

/// Set from another thread to stop the work soon.
using StopFlag = std::atomic<bool>;

/// Decompresses one file; `compression` is gz, xz, bz2 or zstd. Returns the size of the output.
/// Throws: JobError (broken data, over the limit), InfrastructureError (disk), Stopped.
std::uint64_t decompress_file(const std::filesystem::path& from, const std::filesystem::path& to,
                              const std::string& compression, const UnpackLimits& limits, const StopFlag& stop);

struct UnpackOptions {
    unsigned strip_components = 0;
    UnpackLimits limits;
};

/// Unpacks a tar file (compressed or not) into `folder`, which exists. An entry that is absolute, climbs with ".." or
/// passes through a symbolic link is refused; device nodes are left out; owners are not set.
/// Throws: JobError naming the entry, InfrastructureError (disk), Stopped.
void extract_archive(const std::filesystem::path& archive, const std::filesystem::path& folder,
                     const UnpackOptions& options, const StopFlag& stop);

/// The work ended because its StopFlag was set.
struct Stopped {};

}  // namespace patchbay
