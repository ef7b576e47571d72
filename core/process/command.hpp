// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

namespace patchbay {

/// Where the standard streams of a child go. Output and error output are always one stream.
enum class Stdio {
    null,        ///< /dev/null
    pipe,        ///< two pipes: one to write to the child, one for what it prints
    socketpair,  ///< one stream socket for all three: the child sees a descriptor that is no terminal
    pty,         ///< a pseudo terminal, also the child's controlling one
    inherit,     ///< ours
};

enum class DieWithParent { no, yes };

/// never: no set-user-id program that it starts makes it mightier (PR_SET_NO_NEW_PRIVS).
enum class GainPrivileges { as_usual, never };

/// What to start. Nothing is given to a shell.
struct Command {
    std::vector<std::string> argv;                   ///< the first is a path, or a name to be found in PATH
    std::map<std::string, std::string> environment;  ///< added to ours; an equal name replaces
    std::string folder;                              ///< where it runs; empty: where we run
    Stdio stdio = Stdio::pipe;
    /// yes: killed when the *thread* that started it ends (PR_SET_PDEATHSIG), so only for starts from the main thread.
    DieWithParent die_with_parent = DieWithParent::no;
    GainPrivileges gain_privileges = GainPrivileges::as_usual;
    /// Descriptors that stay open in the child, under the same numbers. All others are closed.
    std::vector<int> keep_open;
    /// Folders of control groups which the child enters before it runs (ProcessScope::admit sets it).
    std::vector<std::string> cgroups;
};

}  // namespace patchbay
