// SPDX-License-Identifier: Apache-2.0
#include "jobs/runner/sinks.hpp"

#include <cerrno>
#include <cstring>
#include <utility>

#include "core/errors.hpp"
#include "core/whole_file.hpp"

namespace patchbay {

void JournalSink::log(std::string_view record) { journal_.append(RecordKind::log, record); }

void JournalSink::result(std::string_view record) {
    journal_.append(RecordKind::result, record);
    flush();
}

void JournalSink::artifact(const Artifact& artifact) {
    std::uint64_t at = 0;
    do {
        journal_.append(RecordKind::artifact, encode_artifact_piece(artifact, at));
        at += artifact_piece_bytes;
        flush();
    } while (at < artifact.bytes.size());
}

void JournalSink::flush() {
    journal_.flush();
    grown_(journal_.size());
}

LavaRunSink::LavaRunSink(const std::filesystem::path& directory, Echo echo) : directory_{directory}, echo_{echo} {
    const auto path = directory / file_name;
    file_ = std::fopen(path.c_str(), "we");
    if (!file_) throw InfrastructureError{"cannot write " + path.string() + ": " + std::strerror(errno)};
}

LavaRunSink::~LavaRunSink() { std::fclose(file_); }

void LavaRunSink::log(std::string_view record) {
    std::fwrite("- ", 1, 2, file_);
    std::fwrite(record.data(), 1, record.size(), file_);
    std::fputc('\n', file_);
    bytes_ += record.size() + 3;
    if (echo_ == Echo::none) return;
    std::fwrite(record.data(), 1, record.size(), stderr);
    std::fputc('\n', stderr);
}

void LavaRunSink::result(std::string_view record) {
    log(record);
    flush();
}

void LavaRunSink::artifact(const Artifact& artifact) {
    const auto folder = directory_ / "artifacts";
    std::error_code ignored;  // writing says why it cannot
    std::filesystem::create_directories(folder, ignored);
    write_whole_file(folder / artifact.name, std::string{artifact.bytes});
}

void LavaRunSink::flush() {
    const bool written = std::fflush(file_) == 0 && !std::ferror(file_);
    std::fflush(stderr);
    if (!written) {
        // Once: what follows is the farewell of the job, and it goes to standard error all the same.
        std::clearerr(file_);
        if (!std::exchange(failed_, true)) {
            throw InfrastructureError{std::string{"cannot write "} + file_name + ": " + std::strerror(errno)};
        }
        return;
    }
    if (grown && !failed_) grown(bytes_);
}

}  // namespace patchbay
