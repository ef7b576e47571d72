// SPDX-License-Identifier: Apache-2.0
#pragma once
// Which part of a log goes to a LAVA server next, and what the server's answer means. No network, no clock.
// Source: lava_common/log.py and lava_scheduler_app/views.py (internal_v1_jobs_logs).

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace patchbay {

/// Reads the log from its file, so a server that is away for a day costs no memory.
class UploadPlan {
public:
    /// Records in one call at most (LAVA's limit), and bytes of them: servers refuse bodies of some megabytes.
    static constexpr std::size_t max_records = 1000;
    static constexpr std::size_t max_bytes = 1024 * 1024;
    static constexpr std::chrono::milliseconds default_pause{5000};  // LAVA's

    /// `log`: logs.yaml, one "- {...}" line for each record. `job`: its number, for the server's word that it is gone.
    /// `first_pause`: after a failure; up to twelve times that after several in a row.
    UploadPlan(std::filesystem::path log, std::string job, std::chrono::milliseconds first_pause = default_pause);

    /// The log now has so many bytes of whole lines.
    void grew(std::uint64_t bytes) { size_ = bytes; }
    /// Everything that is there was accepted, or nobody wants it any more.
    bool done() const { return gone_ || offset_ == size_; }
    /// The server does not know the job.
    bool gone() const { return gone_; }

    /// The body of the next call: `lines=...&index=...`. Throws: InfrastructureError, the log cannot be read.
    std::string next();
    /// How long to wait before the next call, given the answer to the last; 0 after progress. `status` 0: no answer.
    std::chrono::milliseconds answered(long status, std::string_view body);

private:
    std::chrono::milliseconds accept(std::string_view body);
    std::chrono::milliseconds refused_as_too_large();
    std::chrono::milliseconds failed();

    std::filesystem::path log_;
    std::string job_;
    std::chrono::milliseconds first_pause_;
    std::uint64_t size_ = 0;
    std::uint64_t offset_ = 0;  // of the first record that was not accepted
    std::uint64_t index_ = 0;   // its number
    std::size_t limit_ = max_records;
    std::string lines_;      // what the last call carried; a line each
    std::size_t sent_ = 0;   // their number
    bool replaced_ = false;  // the first record was refused even alone: a note goes in its place
    bool gone_ = false;
    unsigned failures_ = 0;  // in a row
};

}  // namespace patchbay
