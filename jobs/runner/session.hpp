// SPDX-License-Identifier: Apache-2.0
#pragma once
// A lease without a job: a person works at the board. The console is open and logged from the beginning to the end;
// what the person types and wants comes over the control socket. Whatever ends it, the device is made safe.

#include <boost/asio/any_io_executor.hpp>
#include <deque>
#include <string>
#include <string_view>

#include "core/clock.hpp"
#include "core/process/scope.hpp"
#include "core/scrollback.hpp"
#include "core/task_group.hpp"
#include "jobs/actions/cancellation.hpp"
#include "jobs/actions/job_log.hpp"
#include "jobs/actions/run_job.hpp"
#include "jobs/console/line_splitter.hpp"
#include "jobs/journal/session_line.hpp"
#include "jobs/runner/lease_folder.hpp"
#include "jobs/runner/session_board.hpp"
#include "jobs/runner/session_clock.hpp"
#include "jobs/runner/session_witness.hpp"

namespace patchbay {

class BoardSession {
public:
    /// What a daemon that connects late still gets of the console, bytes.
    static constexpr std::size_t scrollback = 64 * 1024;
    /// What waits to be typed, bytes: of more than that the rest is dropped, as a serial port would.
    static constexpr std::size_t most_keys = 1024 * 1024;
    /// Commands that wait behind one that runs.
    static constexpr std::size_t most_commands = 16;
    /// A command that waited so long is not done any more: who sent it has been told that nobody answers.
    static constexpr Clock::duration command_patience = std::chrono::seconds{140};

    /// `lease` has a session. `news` is called when lines() has something. All must outlive it.
    BoardSession(asio::any_io_executor executor, const LeaseFolder& lease, JobLog& log, Cancellation& cancellation,
                 std::function<void()> news);

    /// A line of the control socket.
    void hear(std::string_view line);
    /// A daemon has connected: it gets the scrollback.
    void connected() { sent_ = tap_.begin(); }
    /// What the daemon should hear next.
    std::string lines();

    /// Done when: the time is over, it was released or canceled, and the device is safe or the outcome says that it is
    ///            not. Never throws for what goes wrong with the device: that is logged, or the outcome.
    Task<JobOutcome> run();

private:
    Task<> live(Device& device);
    Task<> until_over();
    Task<> keep_console(Device& device);
    Task<> read_console(Console& console);
    Task<> type(Device& device);
    Task<> obey_all(SessionBoard& board);
    Task<> make_safe(Device& device, std::shared_ptr<ProcessScope> scope);
    Task<> switch_off(Device& device, std::shared_ptr<ProcessScope> scope);
    Task<> open_supply(Device& device, TaskGroup& group);

    void take(std::string_view bytes);
    void log_target(std::string_view line);
    void tell(const std::string& text);
    void announce(const std::string& text);
    void flush();
    void answer(BoardAnswer answer);
    void enqueue(BoardCommand command);
    Task<> obey(SessionBoard& board, BoardCommand command);
    void warn_of_end();
    void warn_of_idleness();
    void wake(Timer& timer) { timer.cancel(); }
    void type_next(const std::string& keys);

    asio::any_io_executor executor_;
    const LeaseFolder& lease_;
    JobLog& log_;
    Cancellation& cancellation_;
    std::function<void()> news_;
    SessionClock clock_;
    Scrollback tap_{scrollback};
    SessionWitness witness_;
    std::int64_t sent_ = 0;
    std::deque<std::string> outgoing_;
    LineSplitter splitter_;
    std::vector<std::string> scratch_;
    std::string keys_;
    struct Waiting {
        BoardCommand command;
        Clock::time_point since;
    };
    std::deque<Waiting> commands_;
    std::string running_;  ///< what a command that is being obeyed does; empty: none is
    std::string why_, last_told_;
    Timer over_, typing_, commanding_, reopen_;
    bool safe_ = true;
};

}  // namespace patchbay
