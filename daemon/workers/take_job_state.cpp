// SPDX-License-Identifier: Apache-2.0
// A worker says that a job runs, or how it has ended.
#include <spdlog/spdlog.h>

#include <map>

#include "core/config/utf8.hpp"
#include "daemon/api/words.hpp"
#include "daemon/http/target.hpp"
#include "daemon/schedule/scheduler.hpp"
#include "daemon/store/devices.hpp"
#include "daemon/store/store.hpp"
#include "daemon/workers/attempt_at_worker.hpp"
#include "daemon/workers/caller.hpp"
#include "daemon/workers/end_of_attempt.hpp"
#include "daemon/workers/handlers.hpp"

namespace patchbay {
namespace {

// Jobs of LAVA describe themselves in some ten thousand bytes.
constexpr std::size_t most_of_a_pipeline = 1024 * 1024;
constexpr std::size_t most_of_the_errors = 4096;
constexpr std::size_t most_of_a_word = 50;

using Form = std::map<std::string, std::string, std::less<>>;

Form read_form(const std::string& body) {
    Form form;
    for (auto& [key, value] : parse_form(body)) form[std::move(key)] = std::move(value);
    return form;
}

/// The first bytes as UTF-8. A worker whose report is refused comes with it again for ever, so nothing in it is an
/// error.
std::string text_of(const Form& form, std::string_view key, std::size_t most) {
    const auto found = form.find(key);
    std::string text;
    if (found == form.end()) return text;
    const std::string_view given{found->second};
    for (std::size_t at = 0; at < given.size() && text.size() < most;) {
        const auto code = config::decode_utf8(given, at);
        config::append_utf8(text, code.value == 0 ? U'\uFFFD' : code.value);
        at += code.length;
    }
    return text;
}

WorkerEnding read_ending(const Form& form) {
    WorkerEnding ending;
    const auto result = text_of(form, "result", most_of_a_word);
    if (result != "pass" && result != "fail") throw worker_error(400, "Invalid health '" + result + "'");
    ending.passed = result == "pass";
    ending.error_type = text_of(form, "error_type", most_of_a_word);
    ending.errors = text_of(form, "errors", most_of_the_errors);
    const auto pipeline = form.find("description");
    if (pipeline != form.end() && pipeline->second.size() <= most_of_a_pipeline)
        ending.pipeline = text_of(form, "description", most_of_a_pipeline);
    return ending;
}

Task<> take_running(LeaseRow lease, Services& lab) {
    auto begin = [id = lease.id](Database& db) { return begin_at_worker(db, id, wall_now()); };
    if (!co_await lab.store.write(std::move(begin))) co_return;
    spdlog::info("job running job={} device={} worker={}", lease.job.value, lease.device, lease.worker);
}

Task<> take_finished(LeaseRow lease, WorkerEnding ending, Services& lab) {
    auto end = [id = lease.id, ending](Database& db) { return end_at_worker(db, id, ending, wall_now()); };
    const auto what = co_await lab.store.write(std::move(end));
    if (what == AttemptEnd::was_over) co_return;
    spdlog::info("{} job={} device={} worker={} result={} error_type={}",
                 what == AttemptEnd::finished ? "job finished" : "job queued again", lease.job.value, lease.device,
                 lease.worker, ending.passed ? "pass" : "fail", ending.error_type.empty() ? "none" : ending.error_type);
    attempt_has_ended(lease, lab);
}

}  // namespace

void attempt_has_ended(const LeaseRow& lease, Services& lab) {
    if (const auto device = Devices{lab.store.reader()}.find(lease.device))
        lab.scheduler.device_free(device->device_type);
}

Task<Response> take_job_state(Call& call) {
    auto lease = attempt_of(call.request, call.path_values[0], call.lab);
    const auto form = read_form(call.request.body);
    const auto state = text_of(form, "state", most_of_a_word);
    const auto word = number_of_word(state, JobState::finished, Case::ignored);
    if (!word) throw worker_error(400, "Invalid state '" + state + "'");
    switch (static_cast<JobState>(*word)) {
        case JobState::running:
            co_await take_running(std::move(lease), call.lab);
            break;
        case JobState::finished: {
            auto ending = read_ending(form);
            co_await take_finished(std::move(lease), std::move(ending), call.lab);
            break;
        }
        default:
            throw worker_error(400, "Not handled state '" + state + "'");
    }
    co_return worker_answer({});
}

}  // namespace patchbay
