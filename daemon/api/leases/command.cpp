// SPDX-License-Identifier: Apache-2.0
// What the person of a lease does with the board beside its console: power, reset, lines, the serial port, media.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "core/deadline.hpp"
#include "core/errors.hpp"
#include "core/process/file_descriptor.hpp"
#include "core/text.hpp"
#include "core/worker.hpp"
#include "daemon/api/api_error.hpp"
#include "daemon/api/fields.hpp"
#include "daemon/api/handlers.hpp"
#include "daemon/api/leases/lease.hpp"
#include "daemon/api/respond.hpp"
#include "daemon/lab/settings.hpp"
#include "daemon/store/audit.hpp"
#include "daemon/store/leases.hpp"
#include "daemon/store/store.hpp"
#include "daemon/supervise/supervisor.hpp"

namespace patchbay {
namespace {

/// The runner gives a switch two minutes, and an image six hours.
constexpr auto patience = 150s;
constexpr auto image_patience = std::chrono::hours{7};

Response answer_of(const BoardAnswer& answer) {
    if (!answer.error.empty()) throw api_error(409, "detail", answer.error);
    JsonWriter json;
    json.begin_object().member("text", answer.text);
    json.member("state", answer.state.empty() ? std::nullopt : std::optional{answer.state});
    json.member("verified", answer.verified).end_object();
    return json_answer(200, json.take());
}

Task<Response> command(Call& call, std::string what, std::string name, std::string value) {
    const auto lease = find_own_lease(call);
    BoardCommand wish;
    wish.what = std::move(what);
    wish.name = std::move(name);
    wish.value = std::move(value);
    find_link(call.lab, lease.job);
    const auto answer = co_await command_board(call.lab, lease.job.id, call.user->name, std::move(wish));
    co_return answer_of(answer);
}

/// What is there from `offset` on is replaced. Throws: InfrastructureError.
void write_at(const std::filesystem::path& path, std::int64_t offset, std::string_view bytes) {
    const FileDescriptor file{::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)};
    bool good = static_cast<bool>(file) && ::ftruncate(file.get(), offset) == 0;
    for (std::size_t written = 0; good && written < bytes.size();) {
        const auto size = ::pwrite(file.get(), bytes.data() + written, bytes.size() - written,
                                   offset + static_cast<std::int64_t>(written));
        good = size > 0;
        if (good) written += static_cast<std::size_t>(size);
    }
    if (!good) throw InfrastructureError{"cannot write " + path.string() + ": " + std::strerror(errno)};
}

}  // namespace

Task<BoardAnswer> command_board(Services& lab, JobId job, std::string user, BoardCommand command) {
    command.user = user;
    BoardAnswer answer;
    answer.error = "the lease is over";
    const auto link = lab.supervisor.session(job);
    if (!link) co_return answer;
    auto detail = command.what;
    for (const auto* word : {&command.name, &command.value})
        if (!word->empty()) detail += " " + *word;
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
    auto action = fields.required_text("action");
    co_return co_await command(call, "power", "", std::move(action));
}

Task<Response> lease_reset(Call& call) { co_return co_await command(call, "reset", "", ""); }

Task<Response> lease_line(Call& call) {
    const Fields fields{call.request};
    auto name = fields.required_text("name");
    auto action = fields.required_text("action");
    co_return co_await command(call, "line", std::move(name), std::move(action));
}

Task<Response> lease_break(Call& call) { co_return co_await command(call, "break", "", ""); }

Task<Response> lease_speed(Call& call) {
    const Fields fields{call.request};
    auto speed = fields.required_text("speed");
    co_return co_await command(call, "speed", "", std::move(speed));
}

/// `side`, or `write` with what was uploaded.
Task<Response> lease_storage(Call& call) {
    const Fields fields{call.request};
    auto name = fields.text("name").value_or("");
    auto side = fields.text("side");
    if (side) co_return co_await command(call, "storage", std::move(name), std::move(*side));
    auto file = fields.required_text("write");
    co_return co_await command(call, "write", std::move(name), std::move(file));
}

/// A piece of an image, as the body: from `offset` on, in file `name` of the lease.
Task<Response> lease_upload(Call& call) {
    const auto lease = find_own_lease(call);
    find_link(call.lab, lease.job);
    const auto* name = call.request.query_value("name");
    const auto* place = call.request.query_value("offset");
    const auto offset = place ? whole_number(*place) : std::int64_t{0};
    if (!name || name->empty() || name->starts_with('.') || name->find('/') != std::string::npos)
        throw field_error("name", "is the name of a file, without a folder");
    if (!offset || *offset < 0) throw field_error("offset", "is 0 or more");
    if (*offset + static_cast<std::int64_t>(call.request.body.size()) > call.lab.settings.unpack_limit)
        throw field_error("offset", "the image is larger than this lab allows ('unpack_limit')");
    const auto row = Leases{call.lab.store.reader()}.open_lease_of(lease.job.id);
    if (!row) throw api_error(409, "detail", "The lease is over.");
    auto write = [path = std::filesystem::path{row->folder} / "tmp" / *name, at = *offset,
                  bytes = std::move(call.request.body)] { write_at(path, at, bytes); };
    co_await on_worker(call.lab.checkers, std::move(write));
    co_return message_answer("Stored.");
}

}  // namespace patchbay
