// SPDX-License-Identifier: Apache-2.0
#pragma once
// Unpacking what came from outside. Nothing is written outside the target folder, and nothing without bounds.

#include <cstdint>
#include <filesystem>
#include <string>

#include "jobs/download/stop_flag.hpp"

namespace patchbay {

struct UnpackLimits {
    std::uint64_t bytes = std::uint64_t{64} << 30;  ///< of everything unpacked: the largest disk images in use
    std::uint64_t entries = 2'000'000;              ///< a root file system has some 100 000

    /// "the limit of this lab is 5 bytes; ...": the end of an error's text, with what can be done.
    std::string bytes_text() const;
    std::string entries_text() const;
};

struct UnpackOptions {
    std::string shown;              ///< what errors call the file: its url
    unsigned strip_components = 0;  ///< of the paths in an archive
    UnpackLimits limits;
};

/// Decompresses one file, once; `compression` is gz, xz, bz2 or zstd. Returns the size of the output.
/// Throws: JobError (broken data, over the limit), InfrastructureError (disk), Stopped.
std::uint64_t decompress_file(const std::filesystem::path& from, const std::filesystem::path& to,
                              const std::string& compression, const UnpackOptions& options, const StopFlag& stop);

/// Unpacks a tar file (compressed or not) into `folder`, which exists. An entry that is absolute, climbs with ".." or
/// passes through a symbolic link is refused; device nodes are left out; owners are not set.
/// Throws: JobError naming the entry, InfrastructureError (disk), Stopped.
void extract_archive(const std::filesystem::path& archive, const std::filesystem::path& folder,
                     const UnpackOptions& options, const StopFlag& stop);

}  // namespace patchbay
