// SPDX-License-Identifier: Apache-2.0
// A worker asks what to do, every 20 s: its ping.
#include <spdlog/spdlog.h>

#include "daemon/schedule/scheduler.hpp"
#include "daemon/store/store.hpp"
#include "daemon/store/worker_leases.hpp"
#include "daemon/workers/caller.hpp"
#include "daemon/workers/handlers.hpp"

namespace patchbay {
namespace {

constexpr std::size_t most_of_a_version = 100;

/// The list of the answer that an attempt is in; empty: its worker has nothing to do about it.
std::string_view list_of(const WorkerLeases::Attempt& attempt) {
    if (attempt.stopped || attempt.state == JobState::canceling) return "cancel";
    if (attempt.state == JobState::scheduled) return "start";
    if (attempt.state == JobState::running) return "running";
    return "";
}

struct Told {
    bool was_offline = false;
    std::vector<WorkerLeases::Attempt> attempts;
};

}  // namespace

Task<Response> give_jobs(Call& call) {
    auto& store = call.lab.store;
    const auto name = calling_worker(call.request, call.path_values[0], call.lab).hostname;
    const auto* version = call.request.query_value("version");
    if (!version || version->empty()) throw worker_error(400, "Missing 'version'");
    const auto token_for = [token = *call.request.header("lava-token"), store = store.identity()](LeaseId lease) {
        return attempt_token(token, store, lease);
    };
    auto note = [name, version = version->substr(0, most_of_a_version), token_for](Database& db) {
        Told told;
        told.was_offline = Workers{db}.heard(name, version, wall_now());
        WorkerLeases leases{db};
        told.attempts = leases.of(name);
        for (const auto& attempt : told.attempts) leases.hand_out(attempt.lease, token_for(attempt.lease));
        return told;
    };
    const auto told = co_await store.write(std::move(note));
    if (told.was_offline) {
        spdlog::info("worker is online worker={} version=\"{}\" client={}", name, *version, call.request.peer);
        call.lab.scheduler.wake_all();
    }
    config::Map answer{{"cancel", config::List{}}, {"running", config::List{}}, {"start", config::List{}}};
    for (const auto& attempt : told.attempts) {
        auto* list = answer.find(list_of(attempt));
        if (list)
            list->as_list()->emplace_back(config::Map{{"id", attempt.job.value}, {"token", token_for(attempt.lease)}});
    }
    co_return worker_answer(std::move(answer));
}

}  // namespace patchbay
