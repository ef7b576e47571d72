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

/// What is kept of the entries of an archive, beside names and bytes.
enum class Keep {
    contents,  ///< permissions; device nodes are left out, and all belongs to who unpacks and can be removed by it
    root_file_system  ///< owners, all mode bits, devices, extended attributes: whatever this process may set
};

struct UnpackOptions {
    std::string shown;              ///< what errors call the file: its url
    std::string compression;        ///< that the archive still has; its sums are checked. Empty: none, or any
    unsigned strip_components = 0;  ///< of the paths in an archive
    Keep keep = Keep::contents;
    UnpackLimits limits;
};

/// What a root file system has lost, since this process may not make it.
struct UnpackReport {
    std::uint64_t entries = 0;
    std::uint64_t owners = 0;      ///< entries that are not root's, or have setuid, and are ours now, without
    std::uint64_t devices = 0;     ///< left out
    std::uint64_t attributes = 0;  ///< entries with an attribute that could not be set
    std::string first_attribute;   ///< why not
    bool complete() const { return owners == 0 && devices == 0 && attributes == 0; }
};

/// May this process give files to others, and is it not stopped by their permissions afterwards?
bool may_set_owners();

/// Decompresses one file, once; `compression` is gz, xz, bz2 or zstd. Returns the size of the output.
/// Throws: JobError (broken data, over the limit), InfrastructureError (disk), Stopped.
std::uint64_t decompress_file(const std::filesystem::path& from, const std::filesystem::path& to,
                              const std::string& compression, const UnpackOptions& options, const StopFlag& stop);

/// Unpacks a tar (compressed or not) or zip file into `folder`, which exists. An entry that is absolute, climbs with
/// ".." or passes through a symbolic link is refused. What else is kept: Keep.
/// Throws: JobError naming the entry, InfrastructureError (disk), Stopped.
UnpackReport extract_archive(const std::filesystem::path& archive, const std::filesystem::path& folder,
                             const UnpackOptions& options, const StopFlag& stop);

}  // namespace patchbay
