// SPDX-License-Identifier: Apache-2.0
#include "jobs/journal/journal.hpp"

#include <cstring>

#include "core/errors.hpp"
#include "jobs/journal/crc32c.hpp"

namespace patchbay {
namespace {

constexpr std::string_view magic = "PBJ1";

template <class T>
void put(std::string& out, T number) {
    char bytes[sizeof number];
    std::memcpy(bytes, &number, sizeof number);
    out.append(bytes, sizeof number);
}

template <class T>
T get(std::string_view bytes, std::size_t at) {
    T number{};
    std::memcpy(&number, bytes.data() + at, sizeof number);
    return number;
}

}  // namespace

bool is_record_kind(std::uint8_t kind) { return kind >= 1 && kind <= 6; }

std::string encode(const JournalHeader& header) {
    std::string out{magic};
    put(out, journal_version);
    put(out, header.lease.value);
    put(out, header.job.value);
    put(out, header.fence.value);
    put(out, crc32c(out));
    return out;
}

JournalHeader decode_journal_header(std::string_view bytes, const std::string& path) {
    if (bytes.size() < journal_header_size || bytes.substr(0, magic.size()) != magic) {
        throw InfrastructureError{path + ": no journal; was the runner killed while it created the file?"};
    }
    if (get<std::uint32_t>(bytes, journal_header_size - 4) != crc32c(bytes.substr(0, journal_header_size - 4))) {
        throw InfrastructureError{path + ": the header of the journal is damaged"};
    }
    if (const auto version = get<std::uint32_t>(bytes, 4); version != journal_version) {
        throw InfrastructureError{path + ": journal of version " + std::to_string(version) + ", this program reads " +
                                  std::to_string(journal_version) + "; let the version that wrote it finish the lease"};
    }
    return {LeaseId{get<std::int64_t>(bytes, 8)}, JobId{get<std::int64_t>(bytes, 16)},
            Fence{get<std::int64_t>(bytes, 24)}};
}

void append_record(std::string& out, RecordKind kind, std::string_view payload) {
    const char kind_byte = static_cast<char>(kind);
    put(out, static_cast<std::uint32_t>(payload.size()));
    put(out, crc32c(payload, crc32c({&kind_byte, 1})));
    out += kind_byte;
    out += payload;
}

DecodedRecord decode_record(std::string_view bytes) {
    using Verdict = DecodedRecord::Verdict;
    DecodedRecord record;
    if (bytes.size() < record_header_size) return record;
    const auto length = get<std::uint32_t>(bytes, 0);
    const auto kind = static_cast<std::uint8_t>(bytes[8]);
    if (length > max_record_payload || !is_record_kind(kind)) {
        record.verdict = Verdict::corrupt;
        return record;
    }
    if (bytes.size() < record_header_size + length) return record;
    record.size = record_header_size + length;
    record.kind = static_cast<RecordKind>(kind);
    record.payload = bytes.substr(record_header_size, length);
    const bool right = get<std::uint32_t>(bytes, 4) == crc32c(bytes.substr(8, length + 1));
    record.verdict = right ? Verdict::whole : Verdict::corrupt;
    return record;
}

}  // namespace patchbay
