// SPDX-License-Identifier: Apache-2.0
#pragma once
// From records of the journal to rows. Reading makes plain values; storing them is one transaction with the offset, so
// that each record becomes a row exactly once.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/store/database.hpp"
#include "daemon/store/results.hpp"
#include "daemon/store/rows.hpp"
#include "jobs/journal/journal_reader.hpp"

namespace patchbay {

/// The lease was closed or given to another; whoever gets this must not touch its rows or its device any more.
struct LeaseLost : InfrastructureError {
    using InfrastructureError::InfrastructureError;
};

/// What the runner said last.
struct Outcome {
    bool passed = false;
    std::string error_type;  ///< LAVA's word, "" when passed
    std::string error_msg;
    bool safe = true;  ///< the runner could switch its device off
};

struct IngestBatch {
    std::vector<std::string> lines;  ///< log records
    std::vector<NewCase> cases;
    std::vector<std::string> comments;   ///< for the job's failure_comment
    std::vector<std::string> calls;      ///< to the other parts of its multinode group, as JSON
    std::vector<std::string> artifacts;  ///< pieces of files, as payloads of records
    std::vector<std::string> messages;   ///< lava-test-event; each is a line, too
    bool running = false;                ///< the runner began
    std::optional<Outcome> outcome;      ///< not behind `next`: the record is read again until the lease is closed
    std::int64_t next = 0;               ///< offset behind the last record in here
    bool more = false;                   ///< the journal has more right now
    bool empty() const { return lines.empty() && cases.empty() && calls.empty() && artifacts.empty() && !running; }
};

/// Throws: InfrastructureError, the journal cannot be read.
IngestBatch read_batch(JournalReader& journal, std::int64_t offset, JobId job, std::size_t limit = 1024 * 1024);

/// Adds one log record of ours, or one result (which is a log record and a case).
void add_line(IngestBatch& batch, std::string record);
void add_result(IngestBatch& batch, std::string record, JobId job);

/// Stores the batch in the caller's transaction. Throws: LeaseLost; StoreError.
void store_batch(Database& db, const LeaseRow& lease, const IngestBatch& batch, WallTime now);

}  // namespace patchbay
