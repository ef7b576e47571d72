// SPDX-License-Identifier: Apache-2.0
#include "jobs/runner/sinks.hpp"

#include <cerrno>
#include <cstring>

#include "core/errors.hpp"

namespace patchbay {

void JournalSink::log(std::string_view record) { journal_.append(RecordKind::log, record); }

void JournalSink::result(std::string_view record) {
    journal_.append(RecordKind::result, record);
    flush();
}

void JournalSink::flush() {
    journal_.flush();
    grown_(journal_.size());
}

LavaRunSink::LavaRunSink(const std::filesystem::path& directory) {
    const auto path = directory / "logs.yaml";
    file_ = std::fopen(path.c_str(), "we");
    if (!file_) throw InfrastructureError{"cannot write " + path.string() + ": " + std::strerror(errno)};
}

LavaRunSink::~LavaRunSink() { std::fclose(file_); }

void LavaRunSink::log(std::string_view record) {
    std::fwrite("- ", 1, 2, file_);
    std::fwrite(record.data(), 1, record.size(), file_);
    std::fputc('\n', file_);
    std::fwrite(record.data(), 1, record.size(), stderr);
    std::fputc('\n', stderr);
}

void LavaRunSink::flush() {
    std::fflush(file_);
    std::fflush(stderr);
}

}  // namespace patchbay
