// SPDX-License-Identifier: Apache-2.0
#pragma once
// Where a runner's records go: into the journal of a lease, or to the places that lava-run writes to.

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <string_view>

#include "jobs/actions/job_log.hpp"
#include "jobs/journal/journal_writer.hpp"

namespace patchbay {

class JournalSink final : public RecordSink {
public:
    /// `grown` is called after each flush with the size of the journal.
    JournalSink(JournalWriter& journal, std::function<void(std::int64_t)> grown)
        : journal_{journal}, grown_{std::move(grown)} {}

    void log(std::string_view record) override;
    void result(std::string_view record) override;
    void artifact(const Artifact& artifact) override;
    void flush() override;

private:
    JournalWriter& journal_;
    std::function<void(std::int64_t)> grown_;
};

/// DIR/logs.yaml with one "- {...}" line for each record, and the same without "- " on standard error. Artifacts become
/// files in DIR/artifacts.
class LavaRunSink final : public RecordSink {
public:
    enum class Echo { standard_error, none };
    /// Throws: InfrastructureError when the file cannot be made.
    explicit LavaRunSink(const std::filesystem::path& directory, Echo echo = Echo::standard_error);
    ~LavaRunSink() override;

    void log(std::string_view record) override;
    void result(std::string_view record) override;
    void artifact(const Artifact& artifact) override;
    void flush() override;

    static constexpr const char* file_name = "logs.yaml";
    /// Called after each flush with the size of the file; may be empty.
    std::function<void(std::uint64_t bytes)> grown;

private:
    std::filesystem::path directory_;
    std::FILE* file_;
    Echo echo_;
    std::uint64_t bytes_ = 0;
    bool failed_ = false;
};

}  // namespace patchbay
