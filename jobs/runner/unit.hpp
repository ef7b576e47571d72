// SPDX-License-Identifier: Apache-2.0
#pragma once
// A runner that systemd started because the daemon called at the socket of a device: patchbay-runner@NAME.socket. The
// daemon has no right to devices and starts nothing itself; all it can say is which lease folder, and what to do with
// it.
//
//   daemon → runner   {"run": "lease", "folder": "/var/lib/patchbay/leases/7"}    or "make-safe"; one line
//   runner → daemon   pid 4711                                                    or: refused: REASON, and it ends
//   daemon → runner   go                                                          or it hangs up, and nothing begins
//   runner → daemon   exit 0                                                      at the end; a killed one says nothing

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/process/file_descriptor.hpp"

namespace patchbay {

/// What the unit of one device takes.
struct UnitRules {
    std::string device;
    std::filesystem::path leases;  ///< the folder that lease folders are in
};

/// Pure but for the folder, which must be there: "--lease" or "--make-safe", and the folder.
/// Throws: ConfigurationError saying what is wrong with the request; nothing was touched.
std::vector<std::string> read_unit_request(std::string_view line, const UnitRules& rules);

/// Takes one call at the socket that systemd passed, and becomes the runner that it asks for, in the same process: with
/// its arguments, so that a daemon that comes later finds it by them, and its output in the folder's runner.log.
/// Returns only when nothing was begun: nobody called, the call was refused, or the caller hung up.
/// Throws: ConfigurationError, systemd passed no socket.
void become_runner_of_unit(const UnitRules& rules);

/// The other end of "pid": tells the daemon the exit code when this program ends by itself.
class UnitAnswer {
public:
    /// `descriptor`: as become_runner_of_unit() passed it; negative: nobody asked.
    explicit UnitAnswer(int descriptor);
    /// Nothing when the daemon is gone; the next one finds the outcome in the journal.
    void tell(int exit_code) const;

private:
    FileDescriptor connection_;
};

}  // namespace patchbay
