// SPDX-License-Identifier: Apache-2.0
#pragma once
// Writes a journal. Its one duty beside speed: whatever happens to the disk, the outcome can still be written.

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "jobs/journal/journal.hpp"

namespace patchbay {

class JournalWriter {
public:
    /// Bytes that are kept allocated behind the end of the file for the records that must not be lost.
    static constexpr std::uint64_t reserve = 64 * 1024;
    /// Of these, bytes that only the outcome may use.
    static constexpr std::uint64_t outcome_reserve = 32 * 1024;

    /// A new journal. Throws: InfrastructureError, the file exists, cannot be written, or the disk is full.
    static JournalWriter create(std::filesystem::path path, const JournalHeader& header);
    /// Goes on behind the last whole record; a torn tail is cut off.
    /// Throws: InfrastructureError, it is no journal, belongs to another lease, or another process writes it.
    static JournalWriter resume(std::filesystem::path path, const JournalHeader& header);

    /// Writes what is buffered; errors have nowhere to go.
    ~JournalWriter();
    JournalWriter(JournalWriter&& other) noexcept;
    JournalWriter& operator=(JournalWriter&&) = delete;

    /// Adds a record. Logs and results are buffered; state and outcome are durable when this returns.
    /// Throws: InfrastructureError, the disk is full (once; after that log records are dropped and counted, as the
    ///         caller is about to end the job and must not stumble over each line of its farewell), or broken.
    ///         LavaBug, the payload is over max_record_payload, or the journal has its outcome already.
    void append(RecordKind kind, std::string_view payload);
    /// Hands the buffer to the operating system, and makes it durable when it holds results.
    void flush();
    /// Like flush(), and always durable (fdatasync).
    void sync();

    /// Bytes that readers can see.
    std::uint64_t size() const { return size_; }
    /// Records that were lost because the disk was full.
    std::uint64_t dropped() const { return dropped_; }

private:
    JournalWriter(std::filesystem::path path, int file, std::uint64_t size);

    void write_ordinary();
    void make_durable();
    bool write_buffer(std::uint64_t keep);
    bool allocate(std::uint64_t end);
    bool write_at_end(std::string_view bytes);
    [[noreturn]] void fail(const char* what) const;
    [[noreturn]] void fail_full() const;

    std::filesystem::path path_;
    int file_ = -1;
    std::uint64_t size_ = 0;       // of whole records
    std::uint64_t allocated_ = 0;  // the disk has room for us up to here
    bool reserves_ = true;         // the file system can allocate ahead
    std::string buffer_;
    bool unsynced_results_ = false;
    bool full_ = false;  // and the caller was told
    bool ended_ = false;
    std::uint64_t dropped_ = 0;
};

}  // namespace patchbay
