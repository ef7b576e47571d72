// SPDX-License-Identifier: Apache-2.0
#pragma once
// The drive with a FAT file system that a board shows on USB, and takes its programs by. It is used by mtools and not
// mounted, which a runner may not do.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/deadline.hpp"
#include "core/process/command.hpp"
#include "core/task.hpp"
#include "jobs/actions/action.hpp"

namespace patchbay {

class FatDrive {
public:
    /// `path`: of the node on this host, such as /dev/disk/by-id/usb-MBED_VFS_0240-0:0.
    explicit FatDrive(std::string path) : path_{std::move(path)} {}
    /// The drive whose file system has this name. Nothing is written while two drives of this host have it.
    static FatDrive labelled(std::string_view label);

    /// What must be so before a job starts.
    void validate(std::vector<std::string>& errors) const;

    /// Which drive is there now; nothing: none. Another value: the board has shown it anew.
    std::optional<std::string> mark(const JobContext& job) const;
    /// Done when: there is one, and another than `before`. Ends by cancellation alone.
    Task<> appear(JobContext& job, std::optional<std::string> before = std::nullopt) const;

    /// Copies a file into its top folder, under the file's own name; one that is there is overwritten. `to`: another
    /// name, with the folders before it, which have to be there.
    /// Done when: the host has written it. Throws: InfrastructureError with the last words of mcopy.
    Task<> copy(JobContext& job, std::filesystem::path file, Deadline deadline, std::string to = {}) const;

    /// Removes all that is on it, and copies what is in a folder of this host, with the folders in it.
    /// Done when: the host has written it. Throws: InfrastructureError with the last words of the program that failed.
    Task<> replace_all(JobContext& job, std::filesystem::path folder, Deadline deadline) const;

    /// Why the board did not take what was copied, from the file FAIL.TXT of DAPLink; nothing: it did.
    /// Throws: InfrastructureError, the drive cannot be read.
    Task<std::optional<std::string>> refusal(JobContext& job, Deadline deadline) const;

private:
    std::filesystem::path node(const JobContext& job) const;
    Command tool(const JobContext& job, std::vector<std::string> argv) const;
    void need_the_only_one(const JobContext& job) const;

    std::string path_;
    std::string label_;  ///< as udev writes it; empty: it has its place in path_
};

/// wait-device-path and the like: until the drive is there.
ActionPtr make_wait_drive(std::string action, FatDrive drive);
/// mount-musca-usbmsd and the like: names that jobs give time-outs to. They do nothing.
ActionPtr make_unmounted(std::string action);

}  // namespace patchbay
