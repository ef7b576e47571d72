// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "core/process/file_descriptor.hpp"
#include "core/task.hpp"

namespace patchbay {

/// A few facts that cost time to find out, one `key<TAB>value` line each, shared by all processes of this user.
/// Losing it costs the time again, so a file that cannot be read or written is treated as empty, and so is one without
/// a folder.
class StateFile {
public:
    StateFile(const std::filesystem::path& folder, const std::string& name);

    std::optional<std::string> get(const std::string& key) const;
    /// Replaces the file in one step; entries beyond the newest 64 are dropped.
    void put(const std::string& key, const std::string& value) const;

    /// Waits until no other process has it. An empty descriptor when there is no place for a lock.
    Task<FileDescriptor> lock() const;

    /// `folder`, else $XDG_CACHE_HOME/patchbay, else ~/.cache/patchbay; created when missing.
    static std::filesystem::path folder_or_default(const std::filesystem::path& folder);

private:
    std::filesystem::path file_;
};

/// Size, inode and modification time of what the path leads to: another file has another one. Empty when missing.
std::string file_identity(const std::filesystem::path& file);

}  // namespace patchbay
