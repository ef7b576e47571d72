// SPDX-License-Identifier: Apache-2.0
#include "daemon/attach/attachment.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "core/deadline.hpp"
#include "core/worker.hpp"
#include "daemon/lab/settings.hpp"
#include "daemon/store/jobs.hpp"
#include "daemon/store/store.hpp"
#include "daemon/supervise/supervisor.hpp"

namespace patchbay {
Attachment::Attachment(asio::any_io_executor io, Services& lab, AttachSettings settings, AttachTimes times)
    : lab_{lab},
      settings_{std::move(settings)},
      times_{times},
      version_{lab.settings.version},
      client_{settings_.server, settings_.worker, stop_.get_token()},
      news_{io},
      group_{io} {
    state_.name = settings_.name;
    state_.server = settings_.server;
    state_.worker = settings_.worker;
}

Attachment::~Attachment() {
    stop_.request_stop();
    pool_.join();
}

Task<> Attachment::stop() {
    stop_.request_stop();
    group_.cancel();
    co_await group_.join();
    state_.kind = AttachmentState::Kind::stopped;
    state_.events = false;
    try {
        co_await write_state(state_);
    } catch (const StoreError& error) {  // only `patchbayd attach list` misses it
        spdlog::warn("state not noted attachment={} error=\"{}\"", settings_.name, error.what());
    }
}

Task<> Attachment::run() {
    spdlog::info("attaching attachment={} server={} worker={} devices={}", settings_.name, settings_.server,
                 settings_.worker, settings_.devices.size());
    Retry retry{{times_.first_retry, std::max<Clock::duration>(times_.longest_retry, settings_.interval), {}}};
    note_state();
    for (;;) {
        std::exception_ptr failure;
        try {
            follow_open_jobs();
            co_await ask();
            if (stop_.stop_requested()) co_return;  // what is begun now nobody would cancel any more
            answered();
            retry.succeeded();
        } catch (const std::exception&) {
            failure = std::current_exception();
        }
        if (is_cancellation(failure)) std::rethrow_exception(failure);
        if (stop_.stop_requested()) co_return;
        if (failure) say(describe(failure));
        if (failure)
            co_await sleep_for(retry.failed());
        else
            co_await wait_for_news();
    }
}

void Attachment::answered() {
    if (!state_.problem.empty()) spdlog::info("attached again attachment={}", settings_.name);
    state_.kind = AttachmentState::Kind::attached;
    state_.problem.clear();
    note_state();
    if (!listening_) group_.spawn("events of " + settings_.name, listen());
    listening_ = true;
}

/// Each problem once, however long it lasts.
void Attachment::say(const std::string& problem) {
    if (problem != state_.problem)
        spdlog::warn("attachment gets no jobs, trying again attachment={} problem=\"{}\"", settings_.name, problem);
    state_.kind = AttachmentState::Kind::fails;
    state_.problem = problem;
    note_state();
}

Task<> Attachment::ask() {
    const auto token = co_await worker_token();
    for (bool again = false;; again = true) {
        const auto asked = wall_now();
        auto ping = [client = client_, token, version = version_] { return client.ping(token, version); };
        const auto reply = co_await on_worker(pool_, std::move(ping));
        if (reply.stopped) co_return;
        if (reply.status == 200) {
            auto answer = read_ping(reply.body);
            co_await act(std::move(answer), asked);
            co_return;
        }
        const auto error = read_error(reply.body);
        const auto wanted = reply.status == 409 ? wanted_version(error) : "";
        if (again || wanted.empty() || wanted == version_) {
            if (reply.status == 0) throw InfrastructureError{settings_.server + ": " + reply.problem};
            throw InfrastructureError{settings_.server + " answered " + std::to_string(reply.status) +
                                      (error.empty() ? "" : ": " + error) +
                                      "; check its URL, the name of the worker and its token"};
        }
        // The protocol has been the same for years; what a version changes is on the server's side.
        spdlog::info("server wants another version attachment={} version={}", settings_.name, wanted);
        version_ = wanted;
    }
}

Task<> Attachment::act(PingAnswer answer, WallTime asked) {
    AttachedJobs jobs{lab_.store.reader()};
    auto known = jobs.open(settings_.name);
    const auto named = named_jobs(answer);
    std::erase_if(untaken_, [&](const auto& entry) {
        return std::none_of(named.begin(), named.end(), [&](const RemoteJob& job) { return job.id == entry.first; });
    });
    for (const auto& job : named) {
        auto row = jobs.find(settings_.name, job.id, job.token);
        if (!row || !row->ended) continue;
        row->token = job.token;
        known.push_back(std::move(*row));
    }
    // What was reported since may have crossed the list.
    auto plan = make_plan(answer, known, asked - settings_.interval);
    for (const auto& row : plan.cancel) co_await cancel(row, "Canceled at " + settings_.name);
    for (const auto& row : plan.repeat) co_await repeat(row);
    for (auto& remote : plan.unknown) {
        const auto has_number = [&](const AttachedJobRow& row) { return !row.ended && row.remote == remote.id; };
        if (std::any_of(known.begin(), known.end(), has_number))
            plan.begin.push_back(std::move(remote));  // perhaps ours under another token
        else if (beginning_.insert(remote.id).second)
            group_.spawn("unknown job of " + settings_.name, end_unknown(std::move(remote)));
    }
    // A server gives each device one job at a time; the next may come while the end of the last is under way.
    const auto most = 2 * settings_.devices.size();
    for (auto& remote : plan.begin) {
        if (jobs.open(settings_.name).size() + beginning_.size() >= most) break;
        if (beginning_.insert(remote.id).second) group_.spawn("job of " + settings_.name, begin(std::move(remote)));
    }
    co_await miss(std::move(plan.missing));
    follow_open_jobs();
}

Task<> Attachment::cancel(AttachedJobRow row, std::string reason) {
    const auto status = Jobs{lab_.store.reader()}.status(row.job);
    if (!status || status->state >= JobState::canceling) co_return;
    co_await lab_.supervisor.cancel(row.job, std::move(reason));
}

Task<> Attachment::miss(std::vector<AttachedJobRow> rows) {
    std::map<AttachedJobId, int> missing;
    for (const auto& row : rows) {
        if (beginning_.contains(row.remote)) continue;  // perhaps under another token
        const auto lists = missing_[row.id] + 1;
        missing[row.id] = lists;
        if (lists >= lists_without) co_await cancel(row, "No longer at " + settings_.name);
    }
    missing_ = std::move(missing);
}

Task<> Attachment::repeat(AttachedJobRow row) {
    spdlog::warn("server has forgotten the end of a job, reporting it again attachment={} remote_job={} job={}",
                 settings_.name, row.remote, row.job.value);
    auto write = [row](Database& db) { AttachedJobs{db}.reopen(row.id, row.token); };
    co_await lab_.store.write(std::move(write));
}

/// The server waits for the end of a job that never was here, or whose store is lost.
Task<> Attachment::end_unknown(RemoteJob remote) {
    RemoteEnd end{false, std::string{to_string(ErrorType::bug)}, "its worker does not know the job"};
    auto send = [client = client_, remote, version = version_, end] { return client.finished(remote, version, end); };
    const auto reply = co_await on_worker(pool_, std::move(send));
    spdlog::warn("server cancels a job that is not here attachment={} remote_job={} status={}", settings_.name,
                 remote.id, reply.status);
    beginning_.erase(remote.id);
}

}  // namespace patchbay
