// SPDX-License-Identifier: Apache-2.0
#include "jobs/runner/runner.hpp"

#include <spdlog/spdlog.h>

#include "core/config/utf8.hpp"
#include "core/log_lines.hpp"
#include "core/process/scope.hpp"
#include "core/try_step.hpp"
#include "core/whole_file.hpp"
#include "drivers/builtin.hpp"
#include "jobs/actions/leftover_containers.hpp"
#include "jobs/journal/journal_writer.hpp"
#include "jobs/journal/log_record.hpp"
#include "jobs/runner/control.hpp"
#include "jobs/runner/device_commands.hpp"
#include "jobs/runner/fence.hpp"
#include "jobs/runner/job_files.hpp"
#include "jobs/runner/lease_folder.hpp"
#include "jobs/runner/lease_group.hpp"
#include "jobs/runner/session.hpp"
#include "jobs/runner/sinks.hpp"

namespace patchbay {
namespace {

constexpr std::size_t longest_error = 4096;

void write_outcome(JournalWriter& journal, const JobOutcome& outcome) {
    std::string record;
    if (outcome.passed()) {
        append_pass_record(record);
    } else {
        append_fail_record(record, to_string(*outcome.error), outcome.error_msg);
    }
    if (!outcome.device_is_safe) mark_unsafe(record);
    journal.append(RecordKind::outcome, record);
}

/// What finalize runs, without the job.
Task<> power_off(const LeaseFolder& lease) {
    const std::string name = "power_off";
    const std::function<void(std::string_view)> on_line = [](std::string_view line) {
        spdlog::info("power_off: {}", one_line(line));
    };
    // The daemon has a deadline.
    co_await run_device_commands(lease.description, name, lease.display_id, Deadline::never(), on_line);
}

Task<> make_device_safe(const LeaseFolder& lease, const DriverContext& drivers) {
    auto device = make_device(lease.description, drivers);
    co_await device.make_safe();
}

Task<> make_safe(std::filesystem::path folder) {
    const auto executor = co_await asio::this_coro::executor;
    const auto lease = read_lease_folder(folder);
    const FenceLock fence{lease.settings.state_dir, lease.device, lease.fence};
    const auto scope = std::make_shared<ProcessScope>(scope_token(lease));
    const auto directory = lease.settings.download_dir / lease.display_id;
    auto tell = [](const std::string& text) { spdlog::warn("{}", one_line(text)); };
    const DriverContext drivers{executor, scope, directory, lease.settings.state_dir, tell};
    const AdmitAll all{*scope};
    Failures failures;
    co_await try_step(failures, power_off(lease));
    co_await try_step(failures, make_device_safe(lease, drivers));
    // Also of a device that cannot be made safe, or not even be made, no process goes on.
    co_await try_step(failures, scope->kill_all());
    co_await try_step(failures, remove_leftover_containers(lease.settings.state_dir, lease.description.name));
    for (const auto& problem : remove_job_folders(lease.settings, directory)) spdlog::warn("{}", one_line(problem));
    failures.raise_if_any();
}

/// For the daemon, which makes it the reason of the device's health.
void leave_error(const std::filesystem::path& folder, const std::string& error) {
    try {
        const auto line = one_line(error);
        write_whole_file(folder / "unsafe", std::string{config::first_bytes(line, longest_error)});
    } catch (const InfrastructureError& problem) {
        spdlog::warn("{}", one_line(problem.what()));
    }
}

}  // namespace

Task<> run_lease(std::filesystem::path folder, Cancellation& cancellation) {
    const auto executor = co_await asio::this_coro::executor;
    const auto lease = read_lease_folder(folder);
    const FenceLock fence{lease.settings.state_dir, lease.device, lease.fence};
    const JournalHeader header{lease.lease, lease.job, lease.fence};
    auto journal = JournalWriter::create(folder / "journal", header);
    auto cancel = [&cancellation](std::string reason) { cancellation.request(std::move(reason)); };
    // Made below: they write what the socket announces.
    LeaseGroup* group_link = nullptr;
    BoardSession* session = nullptr;
    auto other = [&group_link, &session](std::string_view line) {
        if (group_link) group_link->hear(line);
        if (session) session->hear(line);
    };
    ControlSocket control{executor, folder / "control", cancel, other};
    JournalSink sink{journal, [&control](std::int64_t bytes) { control.more(bytes); }};
    LeaseGroup group{executor, journal, sink};
    group_link = &group;
    JobLog log{sink, lease.first_log_line};
    journal.append(RecordKind::state, R"({"state": "running"})");
    sink.flush();
    if (lease.session) {
        BoardSession board{executor, lease, log, cancellation, [&control] { control.more_lines(); }};
        session = &board;
        control.lines = [&board] { return board.lines(); };
        control.connected = [&board] { board.connected(); };
        const auto outcome = co_await board.run();
        write_outcome(journal, outcome);
        sink.flush();
        co_await control.stop();
        co_return;
    }
    JobFiles files;
    files.id = lease.display_id;
    files.scope_token = scope_token(lease);
    files.definition = read_whole_file(folder / "job.yaml");
    files.description = lease.description;
    files.settings = lease.settings;
    files.secrets = lease.settings.masked;
    files.group = &group;
    const auto outcome = co_await run_files(std::move(files), log, cancellation);
    write_outcome(journal, outcome);
    sink.flush();
    co_await control.stop();
}

Task<> make_lease_safe(std::filesystem::path folder) {
    std::exception_ptr failure;
    try {
        co_await make_safe(folder);
    } catch (...) {
        failure = std::current_exception();
    }
    if (!failure) co_return;
    leave_error(folder, describe(failure));
    std::rethrow_exception(failure);
}

}  // namespace patchbay
