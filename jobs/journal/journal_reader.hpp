// SPDX-License-Identifier: Apache-2.0
#pragma once
// Reads a journal by offset, also while it is being written.

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "jobs/journal/journal.hpp"

namespace patchbay {

class JournalReader {
public:
    /// Opens the file and reads its header.
    /// Throws: InfrastructureError, there is no such file, or it is no journal.
    explicit JournalReader(std::filesystem::path path);
    ~JournalReader();
    JournalReader(JournalReader&& other) noexcept;
    JournalReader& operator=(JournalReader&& other) noexcept;

    const JournalHeader& header() const { return header_; }
    /// Offset of the first record.
    static constexpr std::uint64_t first_offset = journal_header_size;

    struct Record {
        RecordKind kind;
        std::string_view payload;  ///< valid until the next read()
        std::uint64_t end;         ///< offset behind it
    };
    enum class Tail {
        end,         ///< nothing follows the last record
        more,        ///< the limit was reached: read again from `next`
        incomplete,  ///< part of a record follows: on its way, or torn
        corrupt,     ///< what follows is no record
    };
    struct Batch {
        std::vector<Record> records;
        std::uint64_t next = 0;  ///< offset to read from next time: behind the last whole record
        Tail tail = Tail::end;
        bool torn() const { return tail == Tail::incomplete || tail == Tail::corrupt; }
    };

    /// The whole records from `offset` (0 means the first), about `limit` bytes of them and at least one.
    /// Throws: InfrastructureError, the file cannot be read.
    Batch read(std::uint64_t offset, std::size_t limit = 256 * 1024) &;

private:
    std::string fetch(std::uint64_t offset, std::size_t size);

    std::filesystem::path path_;
    int file_ = -1;
    JournalHeader header_;
    std::string buffer_;
};

}  // namespace patchbay
