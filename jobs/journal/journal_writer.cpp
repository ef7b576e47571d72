// SPDX-License-Identifier: Apache-2.0
#include "jobs/journal/journal_writer.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "core/errors.hpp"
#include "jobs/journal/journal_reader.hpp"

namespace patchbay {
namespace {

// Large enough that the system call costs nothing beside the copy, small enough for many runners.
constexpr std::size_t buffer_size = 256 * 1024;
// How far ahead the file is allocated: one call for thousands of lines.
constexpr std::uint64_t allocation_step = 1024 * 1024;

bool no_room(int error) { return error == ENOSPC || error == EDQUOT || error == EFBIG; }

[[noreturn]] void fail_at(const std::filesystem::path& path, const std::string& what) {
    throw InfrastructureError{path.string() + ": " + what + ": " + std::strerror(errno)};
}

int open_locked(const std::filesystem::path& path, int flags) {
    const int file = ::open(path.c_str(), flags | O_RDWR | O_CLOEXEC, 0640);
    if (file < 0) fail_at(path, "cannot open the journal");
    if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
        ::close(file);
        throw InfrastructureError{path.string() + ": another process is writing this journal"};
    }
    return file;
}

// The name of a new file is durable only when its folder is.
void sync_folder(const std::filesystem::path& path) {
    auto folder = path.parent_path();
    if (folder.empty()) folder = ".";
    const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file < 0) return;
    ::fsync(file);
    ::close(file);
}

}  // namespace

JournalWriter::JournalWriter(std::filesystem::path path, int file, std::uint64_t size)
    : path_{std::move(path)}, file_{file}, size_{size}, allocated_{size} {
    buffer_.reserve(buffer_size + buffer_size / 4);
}

JournalWriter::JournalWriter(JournalWriter&& other) noexcept
    : path_{std::move(other.path_)},
      file_{std::exchange(other.file_, -1)},
      size_{other.size_},
      allocated_{other.allocated_},
      reserves_{other.reserves_},
      buffer_{std::move(other.buffer_)},
      unsynced_results_{other.unsynced_results_},
      full_{other.full_},
      ended_{other.ended_},
      dropped_{other.dropped_} {}

JournalWriter JournalWriter::create(std::filesystem::path path, const JournalHeader& header) {
    JournalWriter writer{path, open_locked(path, O_CREAT | O_EXCL), 0};
    const auto bytes = encode(header);
    if (!writer.allocate(bytes.size() + reserve) || !writer.write_at_end(bytes)) writer.fail_full();
    writer.sync();
    sync_folder(path);
    return writer;
}

JournalWriter JournalWriter::resume(std::filesystem::path path, const JournalHeader& header) {
    JournalWriter writer{path, open_locked(path, 0), 0};
    JournalReader reader{path};
    if (reader.header() != header) {
        throw InfrastructureError{path.string() + ": this is the journal of lease " +
                                  std::to_string(reader.header().lease.value) + ", not of lease " +
                                  std::to_string(header.lease.value)};
    }
    JournalReader::Batch batch;
    do {
        batch = reader.read(batch.next, 4 * max_record_payload);
        for (const auto& record : batch.records) writer.ended_ |= record.kind == RecordKind::outcome;
    } while (batch.tail == JournalReader::Tail::more);
    if (::ftruncate(writer.file_, static_cast<off_t>(batch.next)) != 0) writer.fail("cannot cut the torn tail off");
    writer.size_ = writer.allocated_ = batch.next;
    if (!writer.allocate(writer.size_ + reserve)) writer.full_ = true;
    return writer;
}

JournalWriter::~JournalWriter() {
    if (file_ < 0) return;
    try {
        flush();
    } catch (const std::exception&) {
    }
    // Gives the reserve back.
    if (::ftruncate(file_, static_cast<off_t>(size_)) != 0) errno = 0;
    ::close(file_);
}

void JournalWriter::append(RecordKind kind, std::string_view payload) {
    if (ended_) throw LavaBug{path_.string() + ": a record after the outcome"};
    if (payload.size() > max_record_payload) {
        throw LavaBug{path_.string() + ": a record of " + std::to_string(payload.size()) + " bytes; at most " +
                      std::to_string(max_record_payload) + " are possible"};
    }
    if (full_ && kind == RecordKind::log) {
        ++dropped_;
        return;
    }
    if (kind == RecordKind::outcome) {
        // What is buffered may use the disk up to the outcome's own bytes, not further.
        write_buffer(outcome_reserve);
        append_record(buffer_, kind, payload);
        if (!write_buffer(0)) fail_full();
        make_durable();
        ended_ = true;
        return;
    }
    append_record(buffer_, kind, payload);
    if (kind == RecordKind::result) unsynced_results_ = true;
    if (kind == RecordKind::state) {
        sync();
    } else if (buffer_.size() >= buffer_size) {
        write_ordinary();
    }
}

void JournalWriter::flush() {
    write_ordinary();
    if (unsynced_results_) make_durable();
}

void JournalWriter::sync() {
    write_ordinary();
    make_durable();
}

void JournalWriter::make_durable() {
    unsynced_results_ = false;
    if (::fdatasync(file_) != 0) fail("cannot make the journal durable");
}

void JournalWriter::write_ordinary() {
    if (full_ && allocate(size_ + buffer_.size() + reserve)) full_ = false;  // there is room again
    if (!write_buffer(full_ ? outcome_reserve : reserve) && !std::exchange(full_, true)) fail_full();
}

// Writes the buffer so that `keep` bytes behind it stay allocated. Where the disk has no more room, writes the records
// that fit into what we have, counts the others, and returns false.
bool JournalWriter::write_buffer(std::uint64_t keep) {
    std::string_view fits = buffer_;
    std::uint64_t lost = 0;
    if (!allocate(size_ + buffer_.size() + keep)) {
        std::size_t end = 0;
        for (std::string_view rest = buffer_; !rest.empty();) {
            const auto size = decode_record(rest).size;
            if (lost == 0 && size_ + end + size + keep <= allocated_) {
                end += size;
            } else {
                ++lost;
            }
            rest.remove_prefix(size);
        }
        fits = fits.substr(0, end);
    }
    const bool written = write_at_end(fits);
    buffer_.clear();
    dropped_ += lost;
    return written && lost == 0;
}

// Has the disk room for us up to `end`? Asks for more than that, so that it need not be asked often.
bool JournalWriter::allocate(std::uint64_t end) {
    if (end <= allocated_ || !reserves_) return true;
    for (const auto wanted : {end + allocation_step, end}) {
        int result = 0;
        do {
            result = ::fallocate(file_, FALLOC_FL_KEEP_SIZE, static_cast<off_t>(allocated_),
                                 static_cast<off_t>(wanted - allocated_));
        } while (result != 0 && errno == EINTR);
        if (result == 0) {
            allocated_ = wanted;
            return true;
        }
        if (!no_room(errno)) {
            // A file system that cannot: then a full disk is noticed when we write.
            reserves_ = false;
            return true;
        }
    }
    return false;
}

// False: no room, and nothing was written.
bool JournalWriter::write_at_end(std::string_view bytes) {
    std::uint64_t at = size_;
    while (!bytes.empty()) {
        const auto written = ::pwrite(file_, bytes.data(), bytes.size(), static_cast<off_t>(at));
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) {
            const int error = errno;
            // Half a record must not stand in front of the outcome.
            if (::ftruncate(file_, static_cast<off_t>(size_)) == 0) allocated_ = size_;
            errno = error;
            if (!no_room(error)) fail("cannot write the journal");
            return false;
        }
        at += static_cast<std::uint64_t>(written);
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    size_ = at;
    return true;
}

void JournalWriter::fail(const char* what) const { fail_at(path_, what); }

void JournalWriter::fail_full() const {
    throw InfrastructureError{path_.string() + ": the disk of the lease folder is full; free some space and resubmit"};
}

}  // namespace patchbay
