// SPDX-License-Identifier: Apache-2.0
// Stands in for patchbay-runner: a job whose action takes no time. It keeps to docs/lease-folder.md: running, a line of
// the target, one result of a test, lava/job, the outcome.
#include <cstring>
#include <fstream>
#include <iterator>

#include "core/clock.hpp"
#include "core/config/yaml.hpp"
#include "jobs/journal/journal_writer.hpp"
#include "jobs/journal/log_record.hpp"
#include "jobs/results/record.hpp"

namespace patchbay {
namespace {

void run(const std::filesystem::path& folder) {
    std::ifstream file{folder / "lease.json"};
    const auto lease = config::parse_json(std::string{std::istreambuf_iterator<char>{file}, {}});
    const auto number = [&](const char* key) { return *lease.find(key)->as_int(); };
    auto journal = JournalWriter::create(folder / "journal",
                                         {LeaseId{number("lease")}, JobId{number("job")}, Fence{number("fence")}});
    const auto append = [&](RecordKind kind, auto write) {
        std::string record;
        write(record);
        journal.append(kind, record);
    };
    append(RecordKind::state, [](auto& record) { append_state_record(record, "running"); });
    append(RecordKind::log, [&](auto& record) {
        append_log_record(record, wall_now(), LogLevel::target, "job " + std::to_string(number("job")) + " says hello");
    });
    append(RecordKind::result,
           [](auto& record) { append_result_record(record, wall_now(), make_result("0_dmesg", "emerg", "pass")); });
    append(RecordKind::result, [](auto& record) { append_result_record(record, wall_now(), make_job_pass()); });
    append(RecordKind::outcome, [](auto& record) { append_pass_record(record); });
}

}  // namespace
}  // namespace patchbay

int main(int argc, char** argv) {
    if (argc != 3) return 64;
    if (std::strcmp(argv[1], "--lease") == 0) patchbay::run(argv[2]);
    return 0;  // --make-safe: there is nothing that could be unsafe
}
