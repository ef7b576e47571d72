// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "core/process/command.hpp"
#include "core/process/file_descriptor.hpp"

namespace patchbay {

/// A started child, before anybody waits for it.
struct Spawned {
    pid_t pid = -1;
    FileDescriptor pidfd;
    FileDescriptor input;   ///< write to the child; none for null and inherit
    FileDescriptor output;  ///< what it prints; none for null and inherit
};

/// Starts `command` as the leader of a new session and process group.
/// Throws: InfrastructureError "cannot start <program>: <reason>", also when the program could not be executed.
Spawned spawn(const Command& command);

/// The path of `name` as PATH (or `path`) has it; a name with a slash is only checked.
std::optional<std::string> find_program(std::string_view name, std::optional<std::string> path = {});

}  // namespace patchbay
