// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/process/file_descriptor.hpp"

namespace patchbay {

/// One control group of our own: what is started in it cannot leave it by forking, by a new session or by changing its
/// environment. A folder below the group that this process is in, of the unified hierarchy, else of the old `freezer`
/// or `pids` one; whichever lets us make one.
class Cgroup {
public:
    /// Its folder is locked (shared) for as long as the object lives: that tells whether a group has an owner.
    /// nullopt where we may not make one (no write permission, no cgroup file system).
    static std::optional<Cgroup> make(const std::string& name);
    /// The groups called `name` that another process has made, anywhere in the mounted hierarchies.
    static std::vector<Cgroup> find(const std::string& name);

    /// Removes the empty groups beside ours whose name begins so and that no process owns any more.
    static void remove_abandoned(const std::string& prefix);

    const std::filesystem::path& folder() const { return folder_; }
    /// The processes in it and in the groups below it.
    std::vector<pid_t> members() const;
    /// KILL to all members. Some may need another moment, and with the old hierarchies another call.
    void kill() const;
    /// Removes the folder and those below. Quietly leaves what is still in use.
    void remove() const;

private:
    explicit Cgroup(std::filesystem::path folder, FileDescriptor owned = {})
        : folder_{std::move(folder)}, owned_{std::move(owned)} {}
    std::filesystem::path folder_;
    FileDescriptor owned_;
};

}  // namespace patchbay
