// SPDX-License-Identifier: Apache-2.0
#pragma once
// The journal of a lease: one append-only file in which the runner says everything that it learned. The supervisor
// reads it by offset. All numbers little-endian.
//
//   header   "PBJ1", u32 version, i64 lease, i64 job, i64 fence, u32 crc32c of what stands before
//   record   u32 length of payload, u32 crc32c of kind and payload, u8 kind, payload
//
// A record counts when it is whole and its sum is right; the first that is not ends the journal. While the writer lives
// that is a record on its way, after its death a torn tail, which is ignored.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/ids.hpp"

namespace patchbay {

enum class RecordKind : std::uint8_t {
    log = 1,       ///< {"dt": …, "lvl": …, "msg": …}: one line of the job's log, without leading "- " and newline
    result = 2,    ///< the same with level results: makes a test case
    state = 3,     ///< {"state": "running"}
    outcome = 4,   ///< {"result": "pass"} or {"result": "fail", "error_type": …, "error_msg": …}; the last record
    call = 5,      ///< to the other parts of a multinode group; group_call.hpp
    artifact = 6,  ///< a piece of a file that the job leaves; artifact.hpp
};

struct JournalHeader {
    LeaseId lease;
    JobId job;
    Fence fence;
    bool operator==(const JournalHeader&) const = default;
};

inline constexpr std::uint32_t journal_version = 1;
inline constexpr std::size_t journal_header_size = 36;
inline constexpr std::size_t record_header_size = 9;
/// Bytes of payload. Log records are far below (100 000 characters).
inline constexpr std::size_t max_record_payload = 1024 * 1024;

/// Is this a kind that this version knows?
bool is_record_kind(std::uint8_t kind);

std::string encode(const JournalHeader& header);
/// Throws: InfrastructureError naming `path`, this is no journal or one of another version.
JournalHeader decode_journal_header(std::string_view bytes, const std::string& path);

/// Appends a whole record to `out`.
void append_record(std::string& out, RecordKind kind, std::string_view payload);

struct DecodedRecord {
    enum class Verdict { whole, incomplete, corrupt };
    Verdict verdict = Verdict::incomplete;
    RecordKind kind = RecordKind::log;
    std::string_view payload;  ///< part of `bytes`
    std::size_t size = 0;      ///< of the whole record
};
/// The record at the beginning of `bytes`.
DecodedRecord decode_record(std::string_view bytes);

}  // namespace patchbay
