// SPDX-License-Identifier: Apache-2.0
#pragma once
// Store, scheduler and supervisor as the daemon has them, above a scripted runner.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <fstream>
#include <iterator>

#include "core/task_group.hpp"
#include "daemon/schedule/scheduler.hpp"
#include "daemon/store/device_types.hpp"
#include "daemon/store/leases.hpp"
#include "daemon/store/logs.hpp"
#include "daemon/store/results.hpp"
#include "daemon/supervise/supervisor.hpp"
#include "tests/daemon/store/temporary_store.hpp"
#include "tests/support/until.hpp"

namespace patchbay::testing {

class LabTest : public ::testing::Test {
protected:
    /// What a daemon process has beside its store; made and destroyed as often as a daemon is restarted.
    struct DaemonParts {
        explicit DaemonParts(LabTest& test)
            : supervisor{test.lab.io.get_executor(),
                         LeaseThreads{test.lab.workers, test.removals},
                         *test.lab.store,
                         events,
                         test.settings,
                         [this](const std::string& type) { scheduler.device_free(type); },
                         test.times},
              scheduler{test.lab.io.get_executor(), *test.lab.store,
                        [this](LeaseRow lease) { supervisor.start(std::move(lease)); }},
              group{test.lab.io.get_executor()} {
            scheduler.on_stop([this](LeaseRow lease) { supervisor.stop_attempt(lease); });
            supervisor.adopt();
            group.spawn("scheduler", scheduler.run());
        }
        Events events;
        Supervisor supervisor;
        Scheduler scheduler;
        TaskGroup group;
    };

    void SetUp() override {
        settings.state_dir = lab.folder.path / "state";
        settings.runner = SCRIPTED_RUNNER;
        complete(settings);
        std::filesystem::create_directories(settings.leases_dir());
        lab.add_devices({a_device("qemu-01")});
        set_checks(Checks::disabled);  // no job but those of the test
        times.retry_first = 20ms;
        times.retry_longest = 100ms;
        times.store_retry = 20ms;
        start_daemon();
    }
    void TearDown() override {
        if (daemon) stop_daemon();
        for (const auto& lease : Leases{lab.reader()}.open_leases())
            if (lease.runner_pid > 0) ::kill(-static_cast<pid_t>(lease.runner_pid), SIGKILL);
    }
    void start_daemon() { daemon = std::make_unique<DaemonParts>(*this); }
    void stop_daemon() {
        daemon->group.cancel();
        run(lab.io, daemon->group.join());
        run(lab.io, daemon->supervisor.stop());
        daemon.reset();
    }
    enum class Checks { enabled, disabled };
    void set_checks(Checks checks) {
        DeviceTypeProperties properties;
        properties.disable_health_check = checks == Checks::disabled;
        auto write = [properties](Database& db) { DeviceTypes{db}.update("qemu", properties); };
        lab.write(std::move(write));
    }
    JobId submit(std::string script, std::optional<std::chrono::seconds> run_limit = {}) {
        auto job = a_job(alice);
        job.definition = std::move(script);
        job.run_limit = run_limit;
        return run(lab.io, daemon->scheduler.submit(std::move(job)));
    }
    CancelOutcome cancel(JobId job) { return run(lab.io, daemon->supervisor.cancel(job, "alice")); }

    template <class Condition>
    void until(Condition condition) {
        testing::until(lab.io, std::move(condition));
    }
    JobRow job_row(JobId job) { return *Jobs{lab.reader()}.find(job); }
    DeviceRow device_row() { return *Devices{lab.reader()}.find("qemu-01"); }
    /// Until the verdict is stored and the daemon has tidied up after it; the folder goes last.
    void until_finished(JobId job) {
        until([&] { return job_row(job).state == JobState::finished && !folder_exists(job); });
    }
    void until_state(JobId job, JobState state) {
        until([&] { return job_row(job).state == state; });
    }
    std::int64_t lines(JobId job) { return Logs{lab.reader()}.line_count(job); }
    std::string log_text(JobId job) { return Logs{lab.reader()}.read(job); }
    std::vector<CaseRow> cases(JobId job) { return Results{lab.reader()}.export_rows(job, {}); }
    pid_t runner_pid(JobId job) {
        const auto lease = Leases{lab.reader()}.open_lease_of(job);
        return lease ? static_cast<pid_t>(lease->runner_pid) : 0;
    }
    void make_file(const std::string& name) { std::ofstream{settings.leases_dir() / name}; }
    int safe_runs() {
        std::ifstream file{settings.state_dir / "safe-qemu-01"};
        return static_cast<int>(std::count(std::istreambuf_iterator<char>{file}, {}, '\n'));
    }
    bool folder_exists(JobId job) {
        const auto attempts = Leases{lab.reader()}.attempts(job);
        return !attempts.empty() &&
               std::filesystem::exists(settings.leases_dir() / std::to_string(attempts.back().id.value));
    }

    TemporaryStore lab;
    asio::thread_pool removals{1};
    Settings settings;
    SupervisorTimes times;
    UserId alice = lab.add_user("alice");
    std::unique_ptr<DaemonParts> daemon;
};

}  // namespace patchbay::testing
