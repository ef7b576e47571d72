// SPDX-License-Identifier: Apache-2.0
#pragma once
// The log of one job, in LAVA's levels. Records go to a sink: the journal of a lease, or files as lava-run writes them.

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/config/value.hpp"
#include "jobs/console/session.hpp"
#include "jobs/journal/artifact.hpp"
#include "jobs/journal/log_level.hpp"
#include "jobs/journal/secret_mask.hpp"

namespace patchbay {

class RecordSink {
public:
    virtual ~RecordSink() = default;
    /// One finished record, `{"dt": ..., "lvl": ..., "msg": ...}`.
    virtual void log(std::string_view record) = 0;
    /// The same, and it makes a test case: durable before this returns.
    virtual void result(std::string_view record) = 0;
    /// A file that the job leaves; one of the same name takes the place of an earlier one.
    virtual void artifact(const Artifact& artifact) = 0;
    /// What was given so far should become visible to readers.
    virtual void flush() = 0;
};

class JobLog final : public ConsoleLog {
public:
    /// `first_line`: lines that an earlier attempt has left.
    explicit JobLog(RecordSink& sink, std::int64_t first_line = 0) : sink_{sink}, lines_{first_line} {}

    void debug(std::string_view text) { write(LogLevel::debug, text); }
    void info(std::string_view text) { write(LogLevel::info, text); }
    void warning(std::string_view text) { write(LogLevel::warning, text); }
    void error(std::string_view text) { write(LogLevel::error, text); }
    void exception(std::string_view text) { write(LogLevel::exception, text); }
    void write(LogLevel level, std::string_view text);
    /// Keys are written in alphabetical order, as LAVA 2023.01 does.
    void results(config::Map message);

    /// Keeps a file with the job. One that is too much beside the others is not kept, and the log warns of that.
    void artifact(const Artifact& artifact);

    /// What the target prints may be without end. Throws: JobError, the log has reached its limit.
    void target(std::string_view line) override;
    void input(std::string_view text) override { write(LogLevel::input, text); }
    void feedback(std::string_view ns, std::string_view line) override;
    void pause() override { sink_.flush(); }
    void flush() { sink_.flush(); }

    /// Bytes of records from which on the target's lines end the job. Ours still follow, as a job says how it ended.
    void limit(std::uint64_t bytes) { limit_ = bytes; }
    /// The job cleans up: beyond the limit the target's lines are dropped and end nothing any more.
    void farewell() { farewell_ = true; }

    /// Texts that must never appear in a record; each is replaced by [MASKED]. Not in the names and the verdict of a
    /// result.
    void mask(std::vector<std::string> secrets) { mask_ = SecretMask{std::move(secrets)}; }
    /// `text` without them; valid until the next call.
    std::string_view masked(std::string_view text) { return mask_.masked(text); }

    /// The number of the next line.
    std::int64_t lines() const { return lines_; }
    /// When the newest one was written.
    Clock::time_point newest() const { return newest_; }

private:
    /// Is there room for a line of the target?
    bool takes_target_lines() const;
    void count_record();

    RecordSink& sink_;
    SecretMask mask_;
    std::string record_;
    std::int64_t lines_;
    Clock::time_point newest_ = Clock::now();
    std::uint64_t bytes_ = 0;
    std::map<std::string, std::uint64_t> artifact_sizes_;  ///< of those that are kept, by name
    std::uint64_t artifact_bytes_ = 0;                     ///< of them together
    std::uint64_t artifact_bytes_written_ = 0;             ///< also of those whose place was taken
    std::uint64_t limit_ = std::numeric_limits<std::uint64_t>::max();
    bool farewell_ = false;
};

/// The same map with its keys, and those of every map inside, in alphabetical order.
config::Value sorted(const config::Value& value);

}  // namespace patchbay
