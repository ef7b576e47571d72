// SPDX-License-Identifier: Apache-2.0
#pragma once
// One console as a job uses it: what it says becomes log lines and is matched once, what is sent is logged.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/deadline.hpp"
#include "core/task.hpp"
#include "devices/capability/console.hpp"
#include "jobs/console/line_splitter.hpp"
#include "jobs/console/matcher.hpp"

namespace patchbay {

/// Where the lines of a console go.
class ConsoleLog {
public:
    virtual ~ConsoleLog() = default;
    virtual void target(std::string_view line) = 0;
    virtual void feedback(std::string_view ns, std::string_view line) = 0;
    virtual void input(std::string_view text) = 0;
    /// Everything that has arrived so far has been handed over.
    virtual void pause() = 0;
};

class ConsoleSession {
public:
    ConsoleSession(Console& console, ConsoleLog& log, std::size_t maxread = Matcher::default_maxread);

    /// What the shell shows when it waits for a command.
    std::vector<std::string> prompts;
    /// Pause after each character that is sent; 0: the text goes out in one write.
    std::chrono::milliseconds character_delay{0};
    /// When the shell was last asked for its prompt and showed it; nothing was sent since then.
    std::optional<Clock::time_point> answered;
    /// What ends a line that is sent.
    std::string newline = "\n";

    /// Awaits the leftmost match of any pattern; what was already buffered counts.
    /// Throws: JobError "wait for prompt timed out" at `deadline`; ConnectionClosedError "Connection closed" at the
    ///         end of the stream (what was buffered is matched first); TestError, a pattern is too expensive.
    Task<Match> wait(const PatternSet& patterns, Deadline deadline);
    /// Like wait(), but nothing in time is no error.
    Task<std::optional<Match>> wait_some(const PatternSet& patterns, Deadline deadline);

    /// Waits half of the time; then up to six times sends "#" and waits a tenth: kernel output can cut a prompt in
    /// two. `warn` gets a text each time. LAVA: "forced prompt" (lava_dispatcher/connection.py).
    Task<Match> wait_forced(const PatternSet& patterns, Deadline deadline, std::function<void(std::string)> warn);
    /// Like wait_forced(), but nothing in time is no error.
    Task<std::optional<Match>> wait_some_forced(const PatternSet& patterns, Deadline deadline,
                                                std::function<void(std::string)> warn);

    /// Sends the text and a newline, logged as one input record.
    Task<> send_line(std::string text);
    /// The same, then awaits one of `prompts`. Throws: as wait().
    Task<> command(std::string text, Deadline deadline);
    /// Sends the bytes as they are.
    Task<> send(std::string bytes);

    /// Logs what comes next, within `limit`, as feedback of `ns`: one read. Returns whether something came.
    Task<bool> listen(std::string ns, Clock::duration limit);
    /// The same until nothing comes for so long, or the stream ends.
    Task<bool> drain(std::string ns, Clock::duration quiet);

    /// Logs what comes, and keeps it for the next wait, until cancelled: nothing is lost then.
    /// Throws: ConnectionClosedError at the end of the stream.
    Task<> keep_reading();

    /// Drops what was read and not matched.
    std::string take_buffered() { return matcher_.take_all(); }
    /// Drops also what still waits in a driver or a socket, until the board is quiet, for a second at most: its old
    /// words must not pass for what it says next. The log has them. The end of the stream is for whoever waits next.
    Task<> forget();
    /// Reads and drops one line of what follows; LAVA's `echo: discard`. Nothing: it did not come in time.
    Task<std::optional<std::string>> discard_line(Deadline deadline);

    /// What was read and not matched; valid until the next call.
    std::string_view unmatched() const { return matcher_.unconsumed(); }
    /// How many bytes the board has said.
    std::uint64_t received() const { return received_; }

    bool connected() const { return connected_; }
    Task<> close();

private:
    Task<Match> search_loop(const PatternSet& patterns);
    Task<bool> read_more(const std::string* feedback_namespace);
    Task<bool> read_soon();

    Console& console_;
    ConsoleLog& log_;
    LineSplitter lines_;
    Matcher matcher_;
    std::vector<std::string> scratch_;
    std::uint64_t received_ = 0;
    bool connected_ = true;
};

}  // namespace patchbay
