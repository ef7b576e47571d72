// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <optional>
#include <string>

#include "core/clock.hpp"
#include "core/process/command.hpp"
#include "core/task.hpp"

namespace patchbay {

/// One child process, leader of its own process group.
/// Destroyed while it runs: its group is killed and the child reaped, so that no zombie and no orphan stays.
class Process {
public:
    /// Starts it, inside of the scope of an AdmitAll where one lives. From then on SIGPIPE is ignored in this program:
    /// writing to an ended child is an error, not our end. Throws: InfrastructureError naming the program and the
    /// reason.
    Process(asio::any_io_executor executor, Command command);
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    pid_t pid() const { return pid_; }

    /// Done when: the child has ended; its exit code, or 128 + the signal that killed it. May be awaited again.
    /// Cancellation: safe, the child goes on.
    Task<int> wait();

    /// What it printed (output and error output in one stream), at least one byte; empty at the end of the stream.
    /// Cancellation: safe, no byte is lost.
    Task<std::string> read_some();

    /// What can be read right now, without waiting.
    std::string read_available();

    /// Done when: the kernel took all bytes.
    /// Throws: ConnectionClosedError when the child no longer reads.
    Task<> write(std::string bytes);

    /// Its input ends; a socketpair or a terminal stays readable.
    void close_input();

    /// To the whole group. Does nothing when the child was already reaped.
    void signal_group(int signal);

    /// TERM to the group, `grace`, KILL to the group (also to those that outlived their leader), reaped.
    /// Throws: InfrastructureError naming process and program when it has not ended `patience` after the KILL: a
    /// process in state D waits for its hardware or file system, perhaps for ever.
    Task<> stop(Clock::duration grace, Clock::duration patience = std::chrono::seconds{10});

    /// nullopt while it runs.
    std::optional<int> exit_code();

private:
    Task<> ended();
    void reap();

    std::string program_;
    pid_t pid_;
    asio::posix::stream_descriptor pidfd_;
    asio::posix::stream_descriptor input_;
    asio::posix::stream_descriptor output_;
    std::optional<int> exit_code_;
    std::string buffer_;
};

}  // namespace patchbay
