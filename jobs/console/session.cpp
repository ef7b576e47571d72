// SPDX-License-Identifier: Apache-2.0
#include "jobs/console/session.hpp"

#include "core/errors.hpp"
#include "jobs/console/read_until.hpp"

namespace patchbay {
namespace {

constexpr auto no_prompt = "wait for prompt timed out";

/// Begins with all that LAVA says.
ConnectionClosedError closed(const Console& console) {
    return ConnectionClosedError{"Connection closed: the console '" + console.description() +
                                 "' has ended; its last lines may say why; check the board, or the program behind it"};
}

}  // namespace

ConsoleSession::ConsoleSession(Console& console, ConsoleLog& log, std::size_t maxread)
    : console_{console}, log_{log}, matcher_{maxread} {}

Task<bool> ConsoleSession::read_more(const std::string* feedback_namespace) {
    if (!connected_) co_return false;
    std::string bytes;
    try {
        bytes = co_await console_.read_some();
    } catch (const ConnectionClosedError&) {
        connected_ = false;
        throw;
    }
    received_ += bytes.size();
    scratch_.clear();
    if (bytes.empty()) {
        connected_ = false;
        lines_.flush(scratch_);
    } else {
        lines_.feed(bytes, scratch_);
    }
    for (const auto& line : scratch_) {
        if (feedback_namespace) {
            log_.feedback(*feedback_namespace, line);
        } else {
            log_.target(line);
        }
    }
    log_.pause();
    if (!feedback_namespace) matcher_.feed(bytes);
    co_return !bytes.empty();
}

/// For a match at the end of what was read: does more of it come?
Task<bool> ConsoleSession::read_soon() {
    try {
        co_return co_await with_deadline(Deadline::in(20ms), "rest of a line", read_more(nullptr));
    } catch (const TimedOut&) {
    }
    co_return false;
}

Task<Match> ConsoleSession::search_loop(const PatternSet& patterns) {
    for (;;) {
        if (auto match = matcher_.search(patterns)) co_return std::move(*match);
        const bool more = matcher_.held() ? co_await read_soon() : co_await read_more(nullptr);
        if (more) continue;
        if (auto match = matcher_.search(patterns, AtEnd::take)) co_return std::move(*match);
        if (connected_) continue;
        throw closed(console_);
    }
}

Task<Match> ConsoleSession::wait(const PatternSet& patterns, Deadline deadline) {
    // What is buffered needs no timer: prompts usually are.
    if (auto match = matcher_.search(patterns)) co_return std::move(*match);
    try {
        co_return co_await with_deadline(deadline, "console", search_loop(patterns));
    } catch (const TimedOut&) {
    }
    throw JobError{no_prompt};
}

Task<std::optional<Match>> ConsoleSession::wait_some(const PatternSet& patterns, Deadline deadline) {
    if (auto match = matcher_.search(patterns)) co_return std::move(match);
    try {
        co_return co_await with_deadline(deadline, "console", search_loop(patterns));
    } catch (const TimedOut&) {
    }
    co_return std::nullopt;
}

Task<Match> ConsoleSession::wait_forced(const PatternSet& patterns, Deadline deadline,
                                        std::function<void(std::string)> warn) {
    auto match = co_await wait_some_forced(patterns, deadline, std::move(warn));
    if (!match) throw JobError{no_prompt};
    co_return std::move(*match);
}

Task<std::optional<Match>> ConsoleSession::wait_some_forced(const PatternSet& patterns, Deadline deadline,
                                                            std::function<void(std::string)> warn) {
    const auto total = deadline.left();
    constexpr int attempts = 6;
    auto first = co_await wait_some(patterns, deadline.at_most(total / 2));
    if (first) co_return std::move(first);
    for (int attempt = 0; attempt < attempts && !deadline.passed(); ++attempt) {
        warn("ShellSession command timed out.: Sending # in case of corruption. Connection timeout " +
             format_hms(deadline.left()) + ", retry in " + format_hms(total / 10));
        co_await send_line("#");
        auto match = co_await wait_some(patterns, deadline.at_most(total / 10));
        if (match) co_return std::move(match);
    }
    co_return co_await wait_some(patterns, deadline);
}

Task<> ConsoleSession::send_line(std::string text) {
    text += newline;
    log_.input(text);
    co_await send(std::move(text));
}

Task<> ConsoleSession::command(std::string text, Deadline deadline) {
    co_await send_line(std::move(text));
    const auto patterns = PatternSet::of(prompts);
    co_await wait(patterns, deadline);
}

Task<> ConsoleSession::send(std::string bytes) {
    answered.reset();
    if (character_delay.count() == 0) {
        co_await console_.write(std::move(bytes));
        co_return;
    }
    for (const char c : bytes) {
        co_await console_.write(std::string(1, c));
        co_await sleep_for(character_delay);
    }
}

// What an earlier wait had read is logged already; only what is new becomes feedback.
Task<bool> ConsoleSession::listen(std::string ns, Clock::duration limit) {
    try {
        co_return co_await with_deadline(Deadline::in(limit), "feedback", read_more(&ns));
    } catch (const TimedOut&) {
    } catch (const ConnectionClosedError&) {  // an end as any other: nobody waits for what it says
    }
    co_return false;
}

Task<bool> ConsoleSession::drain(std::string ns, Clock::duration quiet) {
    bool any = false;
    while (co_await listen(ns, quiet)) any = true;
    co_return any;
}

Task<> ConsoleSession::keep_reading() {
    for (bool more = true; more;) more = co_await read_more(nullptr);  // (docs/maintainers/coroutines.md)
    throw closed(console_);
}

Task<> ConsoleSession::forget() {
    const auto end = Deadline::in(1s);
    for (bool more = true; more && !end.passed();) {
        const auto before = received_;
        co_await read_until(*this, end.at_most(50ms));
        more = received_ != before;
    }
    take_buffered();
}

Task<std::optional<std::string>> ConsoleSession::discard_line(Deadline deadline) {
    const std::vector<std::string> expression{"\\r*\\n"};
    const auto line_end = PatternSet::of(expression);
    auto match = co_await wait_some(line_end, deadline);
    if (!match) co_return std::nullopt;
    co_return match->before + match->text;
}

Task<> ConsoleSession::close() {
    connected_ = false;
    scratch_.clear();
    lines_.flush(scratch_);
    for (const auto& line : scratch_) log_.target(line);
    co_await console_.close();
}

}  // namespace patchbay
