// SPDX-License-Identifier: Apache-2.0
#pragma once
// Job logs: compressed chunks of whole lines, each found by its first line number. A line is stored as the REST answer
// has it, "- {...}\n", so that a slice is a copy.

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "daemon/store/database.hpp"
#include "daemon/store/log_cache.hpp"

namespace patchbay {

class Logs {
public:
    /// A chunk is closed and compressed when it reaches this size; the last one grows in place.
    static constexpr std::size_t chunk_bytes = 64 * 1024;

    /// `cache`: of the thread that reads; nullptr to read without one.
    explicit Logs(Database& db, LogCache* cache = nullptr) : db_{db}, cache_{cache} {}

    /// Appends `records`, one JSON object each, without "- " and line end. Returns the number of the first of them.
    std::int64_t append(JobId job, std::span<const std::string> records);

    /// Lines so far.
    std::int64_t line_count(JobId job);
    /// As read() gives them.
    std::int64_t byte_count(JobId job);
    /// The last place at or before byte `offset` (of the lines as read() gives them) that is found without looking
    /// through the log: less than a chunk and a line before it, except behind the end. {0, 0} without a log.
    struct Place {
        std::int64_t line = 0, byte = 0;
    };
    Place place_of_byte(JobId job, std::int64_t offset);
    /// Lines from `start` (counts from 0) up to, not including, `end` (default: all). Empty when there are none.
    /// Touches only the chunks that hold them. Ends after the chunk that makes it `enough` bytes.
    std::string read(JobId job, std::int64_t start = 0, std::optional<std::int64_t> end = {},
                     std::size_t enough = std::string::npos);

private:
    Database& db_;
    LogCache* cache_;
};

}  // namespace patchbay
