// SPDX-License-Identifier: Apache-2.0
// The console of a device as a WebSocket: of a person's lease live, for many who read and one who writes; of a job the
// lines of its log. docs/leases.md has the messages.
#include <deque>

#include "core/config/base64.hpp"
#include "core/config/yaml.hpp"
#include "core/deadline.hpp"
#include "core/task_group.hpp"
#include "core/text.hpp"
#include "daemon/api/api_error.hpp"
#include "daemon/api/asker.hpp"
#include "daemon/api/cross_site.hpp"
#include "daemon/api/handlers.hpp"
#include "daemon/api/lab/find_device.hpp"
#include "daemon/api/leases/lease.hpp"
#include "daemon/http/message.hpp"
#include "daemon/store/events.hpp"
#include "daemon/store/jobs.hpp"
#include "daemon/store/logs.hpp"
#include "daemon/store/store.hpp"
#include "daemon/supervise/supervisor.hpp"

namespace patchbay {
namespace {

constexpr int normal_closure = 1000;
constexpr int policy_violation = 1008;
constexpr int try_again_later = 1013;
constexpr std::int64_t lines_at_once = 200;
/// Of a job's log when somebody comes late.
constexpr std::int64_t lines_before = 200;

std::string hello(const JobRow& job, bool live, const std::string& device) {
    JsonWriter json;
    json.begin_object().member("device", device).member("job", job.id).member("user", job.submitter);
    json.member("live", live).end_object();
    return json.take();
}

/// `at`: the number of the first byte, when bytes are counted.
std::string console_text(std::string_view bytes, std::optional<std::int64_t> at = {}) {
    JsonWriter json{bytes.size() * 4 / 3 + 64};
    json.begin_object().member("console", config::encode_base64(bytes));
    if (at) json.member("at", *at);
    json.end_object();
    return json.take();
}

std::string notice_text(const std::string& text) {
    JsonWriter json;
    json.begin_object().member("notice", text).end_object();
    return json.take();
}

/// One who looks at a person's console, and perhaps types.
class Visit : public std::enable_shared_from_this<Visit> {
public:
    Visit(Services& lab, JobId job, Asker asker, std::string user, std::shared_ptr<SessionLink> link,
          LiveConsole::ViewerPtr viewer, std::string greeting)
        : lab_{lab},
          job_{job},
          asker_{std::move(asker)},
          user_{std::move(user)},
          link_{std::move(link)},
          viewer_{std::move(viewer)},
          greeting_{std::move(greeting)} {}
    ~Visit() { console().leave(viewer_); }

    static Task<> serve(std::shared_ptr<Visit> self, WebSocket& socket) {
        co_await socket.send(self->greeting_);
        auto executor = co_await asio::this_coro::executor;
        self->group_.emplace(executor);
        co_await and_finally(forward(self, socket), self->stop_commands());
    }

    void hear(std::string_view message) {
        config::Value said;
        try {
            said = config::parse_json(message);
        } catch (const config::YamlError&) {
            return console().notice(viewer_, "what was said is no JSON; docs/leases.md has the messages");
        }
        if (const auto* keys = said.find("keys"); keys && keys->as_string()) return type(*keys->as_string());
        if (said.find("ask")) return console().ask(viewer_, may_control());
        if (said.find("take")) return take();
        if (const auto* to = said.find("give"); to && to->as_string()) return give(*to->as_string());
        if (said.find("who")) return who();
        if (said.find("do")) return start_command(said);
        console().notice(viewer_, "what was said has no meaning here; docs/leases.md has the messages");
    }

private:
    LiveConsole& console() { return link_->console(); }
    bool may_control() const { return asker_.may_change(job_); }

    static Task<> forward(std::shared_ptr<Visit> self, WebSocket& socket) {
        for (;;) {
            const auto news = co_await self->console().next(self->viewer_);
            if (!self->asker_.sees(self->job_)) {
                std::string why = "you may not see this console any more";
                co_return co_await socket.close(policy_violation, std::move(why));
            }
            if (!news.bytes.empty()) {
                auto text = console_text(news.bytes, news.at);
                co_await socket.send(std::move(text));
            }
            if (news.writer_changed) {
                auto text = self->writer_text();
                co_await socket.send(std::move(text));
            }
            for (const auto& notice : news.notices) {
                auto text = notice_text(notice);
                co_await socket.send(std::move(text));
            }
            if (news.put_out) {
                std::string why = "too many look on, and somebody who works with the board needed your place";
                co_return co_await socket.close(try_again_later, std::move(why));
            }
            if (news.over) {
                std::string why = "the lease has ended";
                co_return co_await socket.close(normal_closure, std::move(why));
            }
        }
    }

    std::string writer_text() {
        const auto& writer = console().writer();
        JsonWriter json;
        json.begin_object().key("writer");
        if (writer)
            json.value(writer->user());
        else
            json.value(nullptr);
        json.member("you", writer == viewer_).end_object();
        return json.take();
    }

    void type(const std::string& keys) {
        if (console().type(viewer_, config::decode_base64(keys).value_or(""))) return;
        const auto& writer = console().writer();
        console().notice(viewer_, (writer ? writer->user() + " has the keyboard" : "nobody has the keyboard") +
                                      std::string{"; ask for it, or take it when the lease is yours"});
    }

    void take() {
        if (may_control()) return console().take(viewer_);
        console().notice(viewer_,
                         "only the person of the lease, and who may change the device, take the keyboard; ask "
                         "for it");
    }

    void give(const std::string& user) {
        if (console().give(viewer_, user)) return;
        console().notice(viewer_,
                         "the keyboard stays: you do not have it, or " + user + " does not look at this console");
    }

    void who() {
        for (const auto& one : console().viewers()) {
            const auto* role = one == console().writer() ? " (keyboard)" : "";
            console().notice(viewer_, one->user() + " by " + one->by() + ", since " +
                                          format_log_time(one->since()).substr(11, 8) + " UTC" + role);
        }
    }

    void start_command(const config::Value& said) {
        if (!may_control())
            return console().notice(viewer_,
                                    "only the person of the lease, and who may change the device, can do that");
        BoardCommand command;
        command.what = config::string_or_empty(said.find("do"));
        command.name = config::string_or_empty(said.find("name"));
        command.value = config::string_or_empty(said.find("value"));
        if (group_ && group_->size() < most_commands)
            group_->spawn("command of a console", run_command(shared_from_this(), std::move(command)));
    }

    static Task<> run_command(std::shared_ptr<Visit> self, BoardCommand command) {
        const auto answer = co_await command_board(self->lab_, self->job_, self->user_, std::move(command));
        self->console().notice(self->viewer_, answer.error.empty() ? answer.text : answer.error);
    }

    Task<> stop_commands() {
        group_->cancel();
        co_await group_->join();
    }

    static constexpr std::size_t most_commands = 8;
    Services& lab_;
    JobId job_;
    Asker asker_;
    std::string user_;
    std::shared_ptr<SessionLink> link_;
    LiveConsole::ViewerPtr viewer_;
    std::string greeting_;
    std::optional<TaskGroup> group_;
};

/// What the target printed, of stored lines "- {...}\n".
std::string target_text(std::string_view lines) {
    std::string text;
    while (!lines.empty()) {
        const auto end = std::min(lines.find('\n'), lines.size());
        auto record = lines.substr(0, end);
        lines.remove_prefix(std::min(end + 1, lines.size()));
        if (record.starts_with("- ")) record.remove_prefix(2);
        // Behind the time, whose length is fixed: most lines need no parser to be left out.
        if (record.substr(0, 64).find(R"("lvl": "target")") == std::string_view::npos) continue;
        try {
            text += config::string_or_empty(config::parse_json(record).find("msg")) + "\r\n";
        } catch (const config::YamlError&) {
            // A line that was cut by a disk's end.
        }
    }
    return text;
}

/// Its secrets are masked there, so the log and not the bytes.
Task<> follow_job(Services& lab, JobId job, Asker asker, std::string greeting, WebSocket& socket) {
    co_await socket.send(greeting);
    auto watch = lab.events.watch(job);
    auto line = std::max<std::int64_t>(0, Logs{lab.store.reader()}.line_count(job) - lines_before);
    for (;;) {
        const auto now = Jobs{lab.store.reader()}.status(job);
        while (asker.sees(job)) {
            Logs logs{lab.store.reader(), &lab.store.log_cache()};
            const auto lines = logs.read(job, line, line + lines_at_once);
            if (lines.empty()) break;
            line += std::count(lines.begin(), lines.end(), '\n');
            auto text = console_text(target_text(lines));
            co_await socket.send(std::move(text));
        }
        if (!asker.sees(job) || !now || now->state == JobState::finished) break;
        co_await watch.next();
    }
    std::string why = "the job has ended";
    co_await socket.close(normal_closure, std::move(why));
}

/// Of the query; 0 or more.
std::optional<std::int64_t> number_at(const Call& call, std::string_view key) {
    const auto* text = call.request.query_value(key);
    const auto number = text ? whole_number(*text) : std::nullopt;
    return number && *number >= 0 ? number : std::nullopt;
}

Response visit_session(Call& call, const JobRow& job, const std::string& device, std::shared_ptr<SessionLink> link) {
    const auto user = call.user ? call.user->name : "anonymous";
    const auto scrollback = number_at(call, "scrollback");
    Asker asker{call};
    const bool works = asker.may_change(job.id);
    auto viewer = link->console().join(user, "console",
                                       scrollback ? static_cast<std::size_t>(*scrollback) : LiveConsole::scrollback,
                                       works ? LiveConsole::Place::worker : LiveConsole::Place::guest);
    if (!viewer) throw api_error(503, "detail", "Too many look at this console; come again later.");
    // Another lease counts its bytes from 0 again.
    const auto from = number_at(call, "from");
    if (from && number_at(call, "job") == job.id.value) link->console().resume(viewer, *from);
    const auto* read_only = call.request.query_value("read_only");
    if (!read_only && !link->console().writer() && works) link->console().ask(viewer, true);
    auto visit = std::make_shared<Visit>(call.lab, job.id, std::move(asker), user, std::move(link), std::move(viewer),
                                         hello(job, true, device));
    Response response;
    response.websocket_hears = [visit](std::string_view message) { visit->hear(message); };
    response.websocket = [visit](WebSocket& socket) { return Visit::serve(visit, socket); };
    return response;
}

}  // namespace

Task<Response> watch_console(Call& call) {
    const auto device = find_device(call);
    if (is_cross_site(call.request)) throw cross_site();
    if (!asks_for_websocket(call.request))
        throw api_error(400, "detail", "This is a WebSocket: patchbay console, or a client of RFC 6455, looks at it.");
    std::optional<JobRow> job;
    if (device.current_job) job = Jobs{call.lab.store.reader()}.find(*device.current_job, call.viewer());
    if (!job)
        throw api_error(409, "detail",
                        "Nobody works at device " + device.hostname +
                            " now, nobody whom you may see; 'patchbay acquire " + device.hostname +
                            "' makes it yours.");
    if (auto link = call.lab.supervisor.session(job->id))
        co_return visit_session(call, *job, device.hostname, std::move(link));
    Response response;
    response.websocket = [&lab = call.lab, id = job->id, asker = Asker{call},
                          greeting = hello(*job, false, device.hostname)](WebSocket& socket) {
        return follow_job(lab, id, asker, greeting, socket);
    };
    co_return response;
}

}  // namespace patchbay
