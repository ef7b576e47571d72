// SPDX-License-Identifier: Apache-2.0
#pragma once
// A runner as a process that may outlive us: started in a session of its own, watched through a pidfd, found again by
// pid and start time.

#include <sys/types.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/task.hpp"

namespace patchbay {

/// How a runner ended, as far as we know.
struct RunnerEnd {
    enum class Kind { exited, killed, survived, unknown } kind = Kind::unknown;
    int number = 0;  ///< exit code, signal (0: nobody could tell which), or the pid of one that KILL did not end
    bool clean() const { return kind == Kind::exited && number == 0; }
};
/// "killed by signal 9", "exited with code 1", "ended while no daemon watched it".
std::string describe(const RunnerEnd& end);

class RunnerProcess {
public:
    /// Starts `argv` in `folder`, its output appended to folder/runner.log. It does not die with us.
    /// Throws, naming the program and the reason: ConfigurationError, it is no program; InfrastructureError.
    static RunnerProcess start(asio::any_io_executor executor, const std::vector<std::string>& argv,
                               const std::filesystem::path& folder);
    /// Our user's process with this pid that began at `start`; nullopt when that one is gone.
    static std::optional<RunnerProcess> find(asio::any_io_executor executor, pid_t pid, std::int64_t start);
    /// Our user's process that runs with these arguments behind its program; for a daemon that died before it wrote
    /// down the pid.
    static std::optional<RunnerProcess> find(asio::any_io_executor executor, const std::vector<std::string>& arguments);

    /// Of a runner that is not our child: where it says its exit code at the end ("exit 0"). Closed without a word, it
    /// was killed.
    void listen_to(asio::local::stream_protocol::socket connection) { connection_.emplace(std::move(connection)); }

    pid_t pid() const { return pid_; }
    /// From /proc/<pid>/stat, in ticks since the boot.
    std::int64_t start_time() const { return start_; }
    /// Since it was started; the wall clock may jump meanwhile.
    Clock::duration age() const;

    /// Done when: it has ended. Cancellation: safe, it goes on.
    Task<RunnerEnd> wait();
    /// To the process; nothing when it is gone.
    void signal(int number);
    /// KILL to its session's first process group.
    void kill_group();

private:
    RunnerProcess(asio::any_io_executor executor, pid_t pid, std::int64_t start, int pidfd);
    pid_t pid_;
    std::int64_t start_;
    asio::posix::stream_descriptor pidfd_;
    std::optional<asio::local::stream_protocol::socket> connection_;
};

/// 0 when there is no such process.
std::int64_t process_start_time(pid_t pid);

}  // namespace patchbay
