// SPDX-License-Identifier: Apache-2.0
#include "jobs/journal/journal_reader.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "core/errors.hpp"

namespace patchbay {

JournalReader::JournalReader(std::filesystem::path path) : path_{std::move(path)} {
    file_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
    if (file_ < 0) throw InfrastructureError{path_.string() + ": cannot open the journal: " + std::strerror(errno)};
    try {
        header_ = decode_journal_header(fetch(0, journal_header_size), path_.string());
    } catch (...) {
        ::close(file_);
        throw;
    }
}

JournalReader::~JournalReader() {
    if (file_ >= 0) ::close(file_);
}

JournalReader::JournalReader(JournalReader&& other) noexcept
    : path_{std::move(other.path_)},
      file_{std::exchange(other.file_, -1)},
      header_{other.header_},
      buffer_{std::move(other.buffer_)} {}

JournalReader& JournalReader::operator=(JournalReader&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(file_, other.file_);
    std::swap(header_, other.header_);
    std::swap(buffer_, other.buffer_);
    return *this;
}

std::string JournalReader::fetch(std::uint64_t offset, std::size_t size) {
    std::string bytes = std::move(buffer_);
    bytes.resize(size);
    std::size_t have = 0;
    while (have < size) {
        const auto got = ::pread(file_, bytes.data() + have, size - have, static_cast<off_t>(offset + have));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw InfrastructureError{path_.string() + ": cannot read the journal: " + std::strerror(errno)};
        if (got == 0) break;
        have += static_cast<std::size_t>(got);
    }
    bytes.resize(have);
    return bytes;
}

JournalReader::Batch JournalReader::read(std::uint64_t offset, std::size_t limit) & {
    offset = std::max(offset, first_offset);
    limit = std::max<std::size_t>(limit, 1);
    buffer_ = fetch(offset, limit);
    bool all = buffer_.size() < limit;
    // A first record larger than the limit is read alone.
    if (!all && decode_record(buffer_).verdict == DecodedRecord::Verdict::incomplete) {
        const auto larger = std::max(limit, record_header_size + max_record_payload);
        buffer_ = fetch(offset, larger);
        all = buffer_.size() < larger;
    }

    Batch batch;
    batch.next = offset;
    std::string_view rest = buffer_;
    while (!rest.empty()) {
        const auto record = decode_record(rest);
        if (record.verdict == DecodedRecord::Verdict::whole) {
            batch.next += record.size;
            batch.records.push_back({record.kind, record.payload, batch.next});
            rest.remove_prefix(record.size);
            continue;
        }
        batch.tail = record.verdict == DecodedRecord::Verdict::corrupt ? Tail::corrupt
                     : all                                             ? Tail::incomplete
                                                                       : Tail::more;
        return batch;
    }
    batch.tail = all ? Tail::end : Tail::more;
    return batch;
}

}  // namespace patchbay
