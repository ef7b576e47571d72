// SPDX-License-Identifier: Apache-2.0
// A journal of any bytes is read without harm, and what was read is what would be written.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/errors.hpp"
#include "jobs/journal/journal.hpp"

using namespace patchbay;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view bytes{reinterpret_cast<const char*>(data), size};
    try {
        const auto header = decode_journal_header(bytes, "fuzz");
        if (encode(header) != bytes.substr(0, journal_header_size)) std::abort();
        bytes.remove_prefix(journal_header_size);
    } catch (const InfrastructureError&) {
        // Records are fuzzed without a header, too: a right sum is hard to guess.
    }
    for (;;) {
        const auto record = decode_record(bytes);
        if (record.verdict != DecodedRecord::Verdict::whole) break;
        std::string again;
        append_record(again, record.kind, record.payload);
        if (again != bytes.substr(0, record.size)) std::abort();
        bytes.remove_prefix(record.size);
    }
    return 0;
}
