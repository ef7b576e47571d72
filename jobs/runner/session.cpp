// SPDX-License-Identifier: Apache-2.0
#include "jobs/runner/session.hpp"

#include <algorithm>
#include <utility>

#include "core/deadline.hpp"
#include "core/errors.hpp"
#include "core/wake.hpp"
#include "devices/capability/console.hpp"
#include "drivers/builtin.hpp"
#include "jobs/runner/job_files.hpp"

namespace patchbay {
namespace {

/// A console that has ended is opened again after so long, and at once when something was switched. One that ends again
/// and again is waited for longer and longer.
constexpr Clock::duration reopen_first = 2s, reopen_last = 30s;
/// What lives so long was no failed attempt.
constexpr Clock::duration lives = 10s;
/// Console bytes in one line for the daemon.
constexpr std::size_t piece = 16 * 1024;
std::string minutes_text(Clock::duration left) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left + 500ms).count();
    if (seconds >= 90) return std::to_string((seconds + 30) / 60) + " minutes";
    return std::to_string(seconds) + " seconds";
}

std::optional<Clock::duration> as_clock(std::optional<std::chrono::seconds> time) {
    if (!time) return std::nullopt;
    return saturated(*time);
}

}  // namespace

BoardSession::BoardSession(asio::any_io_executor executor, const LeaseFolder& lease, JobLog& log,
                           Cancellation& cancellation, std::function<void()> news)
    : executor_{executor},
      lease_{lease},
      log_{log},
      cancellation_{cancellation},
      news_{std::move(news)},
      clock_{Clock::now(), saturated(lease.session->time), as_clock(lease.session->idle_release)},
      witness_{tap_, [this](const std::string& keys) { type_next(keys); }},
      over_{executor},
      typing_{executor},
      commanding_{executor},
      reopen_{executor} {}

void BoardSession::type_next(const std::string& keys) {
    keys_ += keys;
    wake(typing_);
}

void BoardSession::hear(std::string_view line) {
    auto heard = read_session_line(line);
    const auto now = Clock::now();
    if (heard.end) {
        const bool moved = clock_.end_at(now, now + (heard.end->ends - wall_now()));
        if (!heard.end->why.empty()) why_ = heard.end->why;
        if (moved && heard.end->why.empty()) clock_.used(now);  // who makes it longer has use for it
        wake(over_);
    }
    if (heard.keys) {
        clock_.used(now);
        if (keys_.size() + heard.keys->bytes.size() > most_keys)
            tell("more is typed than the console takes; some of it is dropped");
        else
            keys_ += heard.keys->bytes;
        wake(typing_);
        wake(over_);
    }
    if (heard.command) {
        clock_.used(now);
        enqueue(std::move(*heard.command));
        wake(over_);
    }
}

/// One after the other. What cannot be done soon is refused now, and never done later when nobody expects it.
void BoardSession::enqueue(BoardCommand command) {
    BoardAnswer refusal;
    refusal.number = command.number;
    if (running_ == "write")
        refusal.error = "the medium of " + lease_.device + " is being written; wait for its end, or release the lease";
    else if (commands_.size() >= most_commands)
        refusal.error = std::to_string(most_commands) + " commands wait already behind '" + running_ + "'; try again";
    if (!refusal.error.empty()) return answer(std::move(refusal));
    commands_.push_back({std::move(command), Clock::now()});
    wake(commanding_);
}

void BoardSession::answer(BoardAnswer answer) {
    outgoing_.push_back(encode(answer));
    news_();
}

std::string BoardSession::lines() {
    std::string text;
    while (!outgoing_.empty()) {
        text += outgoing_.front() + "\n";
        outgoing_.pop_front();
    }
    sent_ = std::max(sent_, tap_.begin());
    ConsolePiece next{sent_, tap_.read(sent_, piece)};
    if (next.bytes.empty()) return text;
    sent_ += static_cast<std::int64_t>(next.bytes.size());
    return text + encode(next) + "\n";
}

/// Into the log, and to whoever looks at the console.
void BoardSession::announce(const std::string& text) {
    outgoing_.push_back(encode(SessionNotice{text}));
    flush();
    news_();
}

/// A log that cannot be written, because the disk is full, is the lab's misfortune; the board is still worked at, and
/// made safe.
void BoardSession::flush() {
    try {
        log_.flush();
    } catch (const Error& error) {
        outgoing_.push_back(encode(SessionNotice{error.what()}));
    }
}

/// What goes wrong again and again is said once.
void BoardSession::tell(const std::string& text) {
    if (text == std::exchange(last_told_, text)) return;
    log_.warning(text);
    announce(text);
}

void BoardSession::warn_of_end() {
    const auto text = "the lease of " + lease_.device + " ends in " + minutes_text(clock_.ends() - Clock::now()) +
                      "; patchbay extend " + lease_.device + " makes it longer";
    log_.write(LogLevel::event, text);
    announce(text);
}

void BoardSession::warn_of_idleness() {
    const auto text = "nothing was done with " + lease_.device + " for long; it is released in " +
                      minutes_text(clock_.idle_at() - Clock::now());
    log_.write(LogLevel::event, text);
    announce(text);
}

Task<> BoardSession::until_over() {
    using Due = SessionClock::Due;
    while (!cancellation_.requested()) {
        if (!running_.empty()) clock_.used(Clock::now());
        const auto due = clock_.look(Clock::now());
        if (due == Due::end && why_.empty()) why_ = "its time is over";
        if (due == Due::idle) why_ = "nothing was done with it for so long";
        if (due == Due::end || due == Due::idle) break;
        if (due == Due::warn_of_end) warn_of_end();
        if (due == Due::warn_of_idleness) warn_of_idleness();
        if (due == Due::nothing) co_await sleep_until_woken(over_, clock_.next());
    }
    const auto text =
        "the lease of " + lease_.device + " ends: " + (cancellation_.requested() ? cancellation_.reason() : why_);
    log_.info(text);
    outgoing_.push_back(encode(SessionEnding{cancellation_.requested() ? cancellation_.reason() : why_}));
    announce(text);
}

void BoardSession::log_target(std::string_view line) {
    try {
        log_.target(line);
    } catch (const JobError& full) {
        log_.farewell();  // a person's console goes on; only its log does not
        tell(std::string{full.what()} + "; from here on the console is shown, and not logged");
    }
}

void BoardSession::take(std::string_view bytes) {
    tap_.append(bytes);
    scratch_.clear();
    splitter_.feed(bytes, scratch_);
    for (const auto& line : scratch_) log_target(line);
    flush();
    news_();
}

Task<> BoardSession::read_console(Console& console) {
    co_await console.open();
    witness_.opened();
    for (;;) {
        const auto bytes = co_await console.read_some();
        if (bytes.empty()) break;
        last_told_.clear();
        take(bytes);
    }
    co_await console.close();
    throw ConnectionClosedError{"device " + lease_.device + ": its console '" + console.description() +
                                "' has ended; it is opened again when it can be"};
}

Task<> BoardSession::keep_console(Device& device) {
    auto* console = device.find<Console>();
    if (!console) {
        tell("device " + lease_.device + " has no console; give it one under 'hardware', or commands.connect");
        co_return;
    }
    for (auto pause = reopen_first;;) {
        const auto opened = Clock::now();
        std::exception_ptr failure;
        try {
            co_await read_console(*console);
        } catch (...) {
            failure = std::current_exception();
        }
        if (is_cancellation(failure)) std::rethrow_exception(failure);
        witness_.ended();
        tell(describe(failure));
        const auto now = Clock::now();
        if (now >= opened + lives) pause = reopen_first;
        co_await sleep_until_woken(reopen_, now + pause);
        pause = Clock::now() < now + pause ? reopen_first : std::min(2 * pause, reopen_last);
    }
}

Task<> BoardSession::type(Device& device) {
    auto* console = device.find<Console>();
    for (;;) {
        while (keys_.empty()) co_await sleep_until_woken(typing_, Clock::time_point::max());
        auto bytes = std::exchange(keys_, {});
        if (!console) continue;
        const auto delay = lease_.description.character_delays.boot;
        std::exception_ptr failure;
        try {
            if (delay.count() == 0) co_await console->write(std::move(bytes));
            for (std::size_t i = 0; delay.count() > 0 && i < bytes.size(); ++i) {
                std::string key(1, bytes[i]);
                co_await console->write(std::move(key));
                co_await sleep_for(delay);
            }
        } catch (...) {
            failure = std::current_exception();
        }
        if (failure && is_cancellation(failure)) std::rethrow_exception(failure);
        if (failure) tell(describe(failure));
    }
}

Task<> BoardSession::obey(SessionBoard& board, BoardCommand command) {
    auto what = command.user + ": " + command.what;
    for (const auto* word : {&command.name, &command.value})
        if (!word->empty()) what += " " + *word;
    log_.info(what);
    flush();
    auto done = co_await board.obey(std::move(command));
    if (done.error.empty())
        log_.info(what + ": " + done.text);
    else
        log_.error(what + ": " + done.error);
    flush();
    answer(std::move(done));
}

Task<> BoardSession::obey_all(SessionBoard& board) {
    for (;;) {
        while (commands_.empty()) co_await sleep_until_woken(commanding_, Clock::time_point::max());
        auto next = std::move(commands_.front());
        commands_.pop_front();
        if (Clock::now() >= next.since + command_patience) {
            BoardAnswer late;
            late.number = next.command.number;
            late.error = "it waited too long behind other commands, and was not done";
            answer(std::move(late));
            continue;
        }
        running_ = next.command.what;
        co_await obey(board, std::move(next.command));
        running_.clear();
        clock_.used(Clock::now());
        wake(over_);
        wake(reopen_);
    }
}

Task<> BoardSession::live(Device& device) {
    auto say = [this](std::string text) {
        log_.info(text);
        announce(text);
    };
    SessionBoard board{lease_.description, device, witness_, lease_.display_id, lease_.settings.download_dir, say};
    TaskGroup group{executor_};
    group.spawn("console", keep_console(device));
    group.spawn("keys", type(device));
    group.spawn("commands", obey_all(board));
    std::exception_ptr failure;
    try {
        co_await until_over();
    } catch (...) {
        failure = std::current_exception();
    }
    group.cancel();
    co_await group.join();
    scratch_.clear();
    splitter_.flush(scratch_);
    for (const auto& line : scratch_) log_target(line);
    if (failure) std::rethrow_exception(failure);
}

Task<JobOutcome> BoardSession::run() {
    const auto& plan = *lease_.session;
    log_.limit(lease_.settings.log_limit);
    log_.info("lease of device " + lease_.device + " for " + plan.user + (plan.note.empty() ? "" : ": " + plan.note));
    flush();
    const auto scope = std::make_shared<ProcessScope>(scope_token(lease_));
    const AdmitAll all{*scope};
    const auto directory = lease_.settings.download_dir;
    auto say = [this](const std::string& text) { tell(text); };
    const DriverContext drivers{executor_, scope, directory, lease_.settings.state_dir, say};
    // The slot is the session's until it is over; what comes meanwhile wakes it.
    cancellation_.slot().assign([this](asio::cancellation_type) { wake(over_); });
    std::exception_ptr failure;
    try {
        auto device = make_device(lease_.description, drivers);
        co_await and_finally(live(device), make_safe(device, scope));
    } catch (...) {
        failure = std::current_exception();
    }
    cancellation_.slot().clear();
    JobOutcome outcome;
    if (failure) {
        outcome = report_setup_failure(log_, failure);
    } else {
        if (cancellation_.requested()) outcome = JobOutcome{ErrorType::canceled, cancellation_.reason()};
        log_.results(outcome.record());
        flush();
    }
    outcome.device_is_safe = safe_;
    co_return outcome;
}

}  // namespace patchbay
