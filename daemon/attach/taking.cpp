// SPDX-License-Identifier: Apache-2.0
// How a job of the server comes into our queue: exactly once, whatever dies in between.
#include <spdlog/spdlog.h>

#include "core/worker.hpp"
#include "daemon/attach/attachment.hpp"
#include "daemon/lab/settings.hpp"
#include "daemon/schedule/admission.hpp"
#include "daemon/schedule/queue_limits.hpp"
#include "daemon/schedule/scheduler.hpp"
#include "daemon/store/devices.hpp"
#include "daemon/store/logs.hpp"
#include "daemon/store/own_ending.hpp"
#include "daemon/store/store.hpp"
#include "daemon/store/users.hpp"
#include "jobs/journal/log_record.hpp"

namespace patchbay {

Task<> Attachment::begin(RemoteJob remote) {
    const auto id = remote.id;
    std::exception_ptr failure;
    try {
        co_await take(std::move(remote));
    } catch (const std::exception&) {
        failure = std::current_exception();
    }
    if (is_cancellation(failure)) std::rethrow_exception(failure);
    beginning_.erase(id);
    if (!failure) {
        untaken_.erase(id);
    } else if (auto& said = untaken_[id]; said != describe(failure)) {
        said = describe(failure);  // the next list has it again
        spdlog::warn("job of a server not taken yet attachment={} remote_job={} problem=\"{}\"", settings_.name, id,
                     said);
    }
    follow_open_jobs();
}

Task<> Attachment::take(RemoteJob remote) {
    const auto user = Users{lab_.store.reader()}.find(settings_.user);
    if (!user || !user->active)
        throw ConfigurationError{"user '" + settings_.user +
                                 "' of the attachment may not submit; `patchbayd user add` " +
                                 "makes it, or name another"};
    auto fetch = [client = client_, remote, version = version_] { return client.fetch(remote, version); };
    auto reply = co_await on_worker(pool_, std::move(fetch));
    if (reply.stopped) co_return;
    if (reply.status != 200)
        throw InfrastructureError{reply.status == 0 ? reply.problem
                                                    : "the server answered " + std::to_string(reply.status) + " " +
                                                          read_error(reply.body)};
    auto parse = [body = std::move(reply.body)] {
        auto files = read_job_files(body);
        const bool names_device = !device_hostname(files.device).empty();
        return std::pair{std::move(files), names_device};
    };
    auto parsed = co_await on_worker(pool_, std::move(parse));
    auto files = std::move(parsed.first);
    if (const auto known = same_job(remote, files)) {
        spdlog::info("server has another token for a job attachment={} remote_job={}", settings_.name, remote.id);
        auto write = [known, token = remote.token](Database& db) { AttachedJobs{db}.set_token(*known, token); };
        co_await lab_.store.write(std::move(write));
        co_return;
    }
    if (settings_.devices.size() > 1 && !parsed.second) files.told_device = co_await ask_for_device(remote);
    std::map<std::string, std::string> types;
    for (const auto& [theirs, ours] : settings_.devices)
        if (const auto device = Devices{lab_.store.reader()}.find(ours)) types.emplace(ours, device->device_type);
    auto read = [files = std::move(files), id = remote.id, settings = settings_, types = std::move(types)] {
        return read_remote_definition(files, id, settings, types);
    };
    auto definition = co_await on_worker(pool_, std::move(read));
    std::string problem;
    if (definition.problem.empty()) {
        try {
            co_await submit(remote, definition, user->id);
        } catch (const SharingRefusal& refusal) {
            if (refusal.for_now) throw;
            problem = refusal.what();
        }
    }
    if (definition.problem.empty() && problem.empty()) co_return;
    if (!problem.empty()) {
        definition.error_type = to_string(ErrorType::job);
        definition.problem =
            "job " + std::to_string(remote.id) + " of " + settings_.server + " cannot run here: " + problem;
    }
    co_await refuse(std::move(remote), std::move(definition), user->id);
}

/// LAVA 2023.01 does not tell a worker for which of its devices a job is; but its events do, and its REST where
/// everybody may see the job. Throws: InfrastructureError, it cannot be asked now.
Task<std::string> Attachment::ask_for_device(RemoteJob remote) {
    if (const auto told = told_devices_.find(remote.id); told != told_devices_.end()) co_return told->second;
    auto show = [client = client_, remote, version = version_] {
        auto reply = client.show(remote, version);
        auto device = reply.status == 200 ? read_shown_device(reply.body) : std::string{};
        return std::pair{std::move(reply), std::move(device)};
    };
    auto shown = co_await on_worker(pool_, std::move(show));
    const auto& reply = shown.first;
    if (reply.status == 0 || reply.status >= 500)
        throw InfrastructureError{settings_.server + " does not say for which device the job is: " +
                                  (reply.status == 0 ? reply.problem : std::to_string(reply.status))};
    co_return std::move(shown.second);
}

/// A server whose worker has a new token may give its jobs new ones, too; one that was set up anew counts anew. Only
/// the definition tells them apart.
std::optional<AttachedJobId> Attachment::same_job(const RemoteJob& remote, const RemoteJobFiles& files) {
    auto& db = lab_.store.reader();
    for (const auto& row : AttachedJobs{db}.open(settings_.name)) {
        if (row.remote != remote.id) continue;
        const auto job = Jobs{db}.find(row.job);
        if (job && job->state != JobState::finished && job->original_definition == files.definition) return row.id;
    }
    return std::nullopt;
}

Task<> Attachment::submit(RemoteJob remote, RemoteDefinition definition, UserId user) {
    auto job = std::move(definition.job);
    const auto tag = Devices{lab_.store.reader()}.tag(host_tag(definition.ours));
    if (!tag) throw StoreError{"device '" + definition.ours + "' has lost its tag; restart patchbayd"};
    job.submitter = user;
    job.tags = {tag->id};
    const auto said = "job " + std::to_string(remote.id) + " of " + settings_.server + " for its device " +
                      definition.theirs + ", which is " + definition.ours +
                      " here; the server's description of the device, its environment and its dispatcher's settings " +
                      "are not used";
    auto also = [name = settings_.name, remote, said](Database& db, JobId id) {
        AttachedJobs{db}.add(name, remote.id, remote.token, id);
        std::vector<std::string> line(1);
        append_log_record(line[0], wall_now(), LogLevel::info, said);
        Logs{db}.append(id, line);
    };
    const auto id = co_await lab_.scheduler.submit(std::move(job), lab_.settings.queue_limits, std::move(also));
    spdlog::info("job of a server queued attachment={} remote_job={} job={} device={}", settings_.name, remote.id,
                 id.value, definition.ours);
}

/// It is stored as a job that has ended, so that people of this lab see it, and reported like any other.
Task<> Attachment::refuse(RemoteJob remote, RemoteDefinition definition, UserId user) {
    definition.job.submitter = user;
    auto write = [name = settings_.name, remote, definition](Database& db) {
        const auto now = wall_now();
        Jobs jobs{db};
        const auto id = jobs.insert(definition.job, now);
        store_own_ending(db, id, definition.error_type, definition.problem, now);
        jobs.add_failure_comment(id, definition.problem);
        jobs.finish(id, JobHealth::incomplete, now);
        AttachedJobs{db}.add(name, remote.id, remote.token, id);
        return id;
    };
    const auto id = co_await lab_.store.write(std::move(write));
    spdlog::warn("job of a server refused attachment={} remote_job={} job={} problem=\"{}\"", settings_.name, remote.id,
                 id.value, definition.problem);
}

}  // namespace patchbay
