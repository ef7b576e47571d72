// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>
#include <memory>
#include <string>
#include <vector>

#include "core/process/process.hpp"
#include "drivers/context.hpp"

namespace patchbay {

/// One run of QEMU, from its start to its end. Its serial line is its standard input and output (a socket); beside it
/// a second socket carries QEMU's machine protocol (QMP), which a job's arguments cannot name.
class QemuMachine {
public:
    /// Throws: InfrastructureError when the program cannot be started.
    QemuMachine(std::vector<std::string> command, const DriverContext& context);

    /// Done when: the machine runs (QMP answers) or QEMU ended.
    /// Throws:    InfrastructureError with QEMU's own words when it ended. They are also what read_some() gives next.
    Task<> started();

    /// The console's bytes; empty at the end. Cancellation: safe, no byte is lost.
    Task<std::string> read_some();
    Task<> write(std::string bytes) { return process_.write(std::move(bytes)); }

    bool runs() { return !process_.exit_code(); }
    /// QMP quit, 2 s; then KILL. Done when: QEMU was reaped. Throws: TimedOut when even KILL did not end it in 5 s.
    Task<> stop();

private:
    void send(std::string_view text);

    asio::posix::stream_descriptor qmp_;
    Process process_;
    std::string early_;
};

}  // namespace patchbay
