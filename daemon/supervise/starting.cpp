// SPDX-License-Identifier: Apache-2.0
// How a lease begins, or is taken up again, and the files of it.
#include <spdlog/spdlog.h>

#include <boost/asio/this_coro.hpp>
#include <utility>

#include "core/errors.hpp"
#include "core/worker.hpp"
#include "daemon/store/devices.hpp"
#include "daemon/store/jobs.hpp"
#include "daemon/store/logs.hpp"
#include "daemon/store/remote_tokens.hpp"
#include "daemon/store/sessions.hpp"
#include "daemon/supervise/lease_files.hpp"
#include "daemon/supervise/lease_run.hpp"
#include "jobs/definition/definition.hpp"

namespace patchbay {
namespace {

/// nullopt: the definition is none; its runner says so and ends.
std::optional<std::chrono::seconds> job_time_of(const std::string& definition) {
    try {
        return parse_definition(definition).timeouts.job;
    } catch (const JobError&) {
        return std::nullopt;
    }
}

}  // namespace

Task<> LeaseRun::begin() {
    const auto job = Jobs{store_.reader()}.find(lease_.job);
    if ((job && job->state == JobState::canceling) || !lease_.stop_reason.empty()) canceled_at_ = Clock::now();
    if (job) target_group_ = job->target_group;
    const auto session = Sessions{store_.reader()}.find(lease_.job);
    if (session) session_ = std::make_shared<SessionLink>(io_, store_, lease_.job);
    if (lease_.runner_pid != 0) {
        runner_ = RunnerProcess::find(io_, static_cast<pid_t>(lease_.runner_pid), lease_.runner_start);
    } else if (std::filesystem::exists(folder_)) {  // else nobody began, and a search goes through every process
        const std::vector<std::string> arguments{"--lease", folder_.string()};
        runner_ = RunnerProcess::find(io_, arguments);
    }
    if (runner_) {
        spdlog::info("lease adopted lease={} job={} device={} pid={}", lease_.id.value, lease_.job.value, lease_.device,
                     runner_->pid());
        if (lease_.runner_pid == 0) co_await note_runner();
        co_await read_files();
    } else if (touched_device() || canceled_at_) {
        exited_ = true;  // while we were away, or it never shall begin
    } else {
        co_await start_runner();
    }
    if (runner_ && session) limit_session(*session);
    if (runner_ && job && !session) co_await limit_runner(*job);
}

Task<> LeaseRun::limit_runner(JobRow job) {
    auto limit = job.run_limit;
    if (!limit) {  // of a time before it was stored
        auto read = [definition = std::move(job.definition)] { return job_time_of(definition); };
        limit = co_await on_worker(workers_, std::move(read));
    }
    if (limit) latest_end_ = power_off_time_ + Clock::now() - runner_->age() + *limit + times_.overtime;
}

/// A runner may have been started by a daemon that died before it wrote down its number.
bool LeaseRun::touched_device() const {
    return lease_.runner_pid != 0 || lease_.phase != LeaseRow::Phase::starting ||
           std::filesystem::exists(folder_ / "journal");
}

/// A definition may have megabytes: the io thread reads its row, a worker makes files of it.
Task<> LeaseRun::write_files() {
    auto& db = store_.reader();
    auto job = Jobs{db}.find(lease_.job);
    const auto submitter = Jobs{db}.submitter(lease_.job);
    auto device = Devices{db}.find(lease_.device);
    if (!job || !submitter || !device)
        throw LavaBug{"the job or the device of lease " + std::to_string(lease_.id.value) + " is gone"};
    auto device_text = co_await device_yaml(std::move(*device), job->definition, folder_, db, settings_, workers_);
    auto write = [folder = folder_, lease = lease_, job = std::move(*job), device = std::move(device_text),
                  first_line = Logs{db}.line_count(lease_.job), &settings = settings_, store = store_.identity(),
                  tokens = RemoteTokens{db}.values(*submitter), session = Sessions{db}.find(lease_.job)] {
        write_lease_files(folder, lease, job, device, first_line, settings, store, tokens, session);
        return power_off_time(folder);
    };
    power_off_time_ = co_await on_worker(workers_, std::move(write));
}

/// What of the files we and --make-safe need; false: they are not whole.
Task<bool> LeaseRun::read_files() {
    auto read = [folder = folder_] { return std::pair{lease_files_are_whole(folder), power_off_time(folder)}; };
    const auto found = co_await on_worker(workers_, std::move(read));
    power_off_time_ = found.second;
    co_return found.first;
}

/// As a child of ours, or in the unit of its device.
Task<RunnerProcess> LeaseRun::launch(RunnerWork work) {
    if (settings_.runner_sockets.empty()) {
        const std::vector<std::string> command{settings_.runner.string(), std::string{option_of(work)},
                                               folder_.string()};
        co_return RunnerProcess::start(io_, command, folder_);
    }
    auto socket = settings_.runner_sockets / lease_.device;
    auto runner = co_await start_in_unit(io_, std::move(socket), work, folder_, times_.unit_patience);
    co_return runner;
}

Task<> LeaseRun::start_runner() {
    co_await write_files();
    // Meanwhile the daemon may have been told to end, and leaves it to the next one, or the job to be canceled.
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none)
        throw boost::system::system_error{asio::error::operation_aborted};
    if (canceled_at_) {
        exited_ = true;
        co_return;
    }
    auto runner = co_await launch(RunnerWork::lease);
    runner_.emplace(std::move(runner));
    spdlog::info("runner started lease={} job={} device={} pid={}", lease_.id.value, lease_.job.value, lease_.device,
                 runner_->pid());
    co_await note_runner();
}

}  // namespace patchbay
