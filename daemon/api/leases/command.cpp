// SPDX-License-Identifier: Apache-2.0
// What the person of a lease does with the board beside its console: power, reset, lines, the serial port, media.
#include "core/deadline.hpp"
#include "core/errors.hpp"
#include "daemon/api/api_error.hpp"
#include "daemon/api/fields.hpp"
#include "daemon/api/handlers.hpp"
#include "daemon/api/leases/lease.hpp"
#include "daemon/api/respond.hpp"
#include "daemon/store/audit.hpp"
#include "daemon/store/store.hpp"
#include "daemon/supervise/supervisor.hpp"

namespace patchbay {
namespace {

/// The runner gives a switch two minutes, and an image six hours.
constexpr auto patience = 150s;
constexpr auto image_patience = std::chrono::hours{7};

/// What a request waits for by itself; proxies cut it after a minute.
constexpr auto at_once = 30s;
/// Of a word of a command, characters.
constexpr std::size_t longest_word = 200;

std::string detail_of(const BoardCommand& command) {
    auto detail = command.what;
    for (const auto* word : {&command.name, &command.value})
        if (!word->empty()) detail += " " + *word;
    return detail;
}

Response answer_of(const BoardAnswer& answer) {
    if (!answer.error.empty()) throw api_error(409, "detail", answer.error);
    JsonWriter json;
    json.begin_object().member("text", answer.text);
    json.member("state", answer.state.empty() ? std::nullopt : std::optional{answer.state});
    json.member("verified", answer.verified).end_object();
    return json_answer(200, json.take());
}

Response answer_of(std::int64_t number, const BoardCommands::Entry& entry) {
    if (entry.failure) std::rethrow_exception(entry.failure);
    if (entry.answer) return answer_of(*entry.answer);
    JsonWriter json;
    json.begin_object().member("command", number).member("text", entry.what + " is under way").end_object();
    return json_answer(202, json.take());
}

/// Done however long the client stays.
Task<Response> command(Call& call, std::string what, std::string name, std::string value) {
    const auto lease = find_own_lease(call);
    const auto job = lease.job.id;
    BoardCommand wish;
    wish.what = std::move(what);
    wish.name = std::move(name);
    wish.value = std::move(value);
    find_link(call.lab, lease.job);
    auto& commands = call.lab.supervisor.commands();
    const auto patience_here = wish.what == "write" ? 0s : at_once;
    auto detail = detail_of(wish);
    const auto number =
        commands.start(job, std::move(detail), command_board(call.lab, job, call.user->name, std::move(wish)));
    if (!number)
        throw api_error(409, "detail",
                        "Lease " + std::to_string(job.value) + " has " + std::to_string(BoardCommands::most_under_way) +
                            " commands under way; wait until one is done.");
    const auto entry = commands.find(job, *number);
    co_await commands.wait(*number, patience_here);
    co_return answer_of(*number, *entry);
}

/// "": the field is not there.
std::string maybe_word(const Fields& fields, std::string_view name) {
    return fields.text(name).value_or("").empty() ? "" : fields.short_text(name, longest_word);
}

}  // namespace

Task<BoardAnswer> command_board(Services& lab, JobId job, std::string user, BoardCommand command) {
    command.user = user;
    BoardAnswer answer;
    for (const auto* word : {&command.what, &command.name, &command.value}) {
        // Longer ones, of the console's socket, could be more than a line to the runner may be.
        if (word->size() <= 4 * longest_word) continue;
        answer.error = "a word of this command is longer than any that a board knows";
        co_return answer;
    }
    answer.error = "the lease is over";
    const auto link = lab.supervisor.session(job);
    if (!link) co_return answer;
    const auto detail = detail_of(command);
    auto record = [user, job, detail](Database& db) {
        Audit{db}.record({user, "lease.command", std::to_string(job.value), detail}, wall_now());
    };
    co_await lab.store.write(std::move(record));
    const auto limit = command.what == "write" ? Clock::duration{image_patience} : patience;
    try {
        answer = co_await with_deadline(Deadline::in(limit), detail, link->command(std::move(command)));
    } catch (const TimedOut&) {
        answer.error = detail + ": the runner of this lease does not answer; release it, and see what its log says";
    }
    co_return answer;
}

Task<Response> lease_power(Call& call) {
    const Fields fields{call.request};
    auto action = fields.short_text("action", longest_word);
    co_return co_await command(call, "power", "", std::move(action));
}

Task<Response> lease_reset(Call& call) { co_return co_await command(call, "reset", "", ""); }

Task<Response> lease_line(Call& call) {
    const Fields fields{call.request};
    auto name = fields.short_text("name", longest_word);
    auto action = fields.short_text("action", longest_word);
    co_return co_await command(call, "line", std::move(name), std::move(action));
}

Task<Response> lease_break(Call& call) { co_return co_await command(call, "break", "", ""); }

Task<Response> lease_speed(Call& call) {
    const Fields fields{call.request};
    auto speed = fields.short_text("speed", longest_word);
    co_return co_await command(call, "speed", "", std::move(speed));
}

/// `side`, or `write` with what was uploaded.
Task<Response> lease_storage(Call& call) {
    const Fields fields{call.request};
    auto name = maybe_word(fields, "name");
    auto side = maybe_word(fields, "side");
    if (!side.empty()) co_return co_await command(call, "storage", std::move(name), std::move(side));
    auto file = fields.required_text("write");
    if (file != image_name) throw field_error("write", "is 'image', the one that was uploaded");
    co_return co_await command(call, "write", std::move(name), std::move(file));
}

/// Of one that was answered by 202.
Task<Response> lease_command(Call& call) {
    const auto lease = find_own_lease(call);
    const auto number = path_number(call, 1);
    const auto entry = call.lab.supervisor.commands().find(lease.job.id, number);
    if (!entry) throw not_found();
    co_return answer_of(number, *entry);
}

}  // namespace patchbay
