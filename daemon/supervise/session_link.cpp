// SPDX-License-Identifier: Apache-2.0
#include "daemon/supervise/session_link.hpp"

#include <algorithm>
#include <utility>

#include "core/wake.hpp"
#include "daemon/store/sessions.hpp"

namespace patchbay {

SessionLink::SessionLink(asio::any_io_executor executor, Store& store, JobId job)
    : executor_{executor}, store_{store}, job_{job}, arrival_{executor} {
    auto type = [this](std::string_view bytes) {
        const ConsoleKeys keys{std::string{bytes}};
        say(encode(keys));
    };
    console_ = std::make_shared<LiveConsole>(executor, std::move(type));
}

void SessionLink::connected() {
    connected_ = true;
    end_changed();
    arrival_.cancel();
}

void SessionLink::end_changed() {
    if (!connected_) return;  // it is said when there is somebody
    const auto session = Sessions{store_.reader()}.find(job_);
    if (session && session->ends) say(encode(SessionEnd{*session->ends, session->end_reason}));
}

void SessionLink::hear(std::string_view line) {
    auto heard = read_session_line(line);
    if (heard.piece) console_->put(heard.piece->at, heard.piece->bytes);
    if (heard.notice) console_->notice(heard.notice->text);
    if (heard.ending) ending(heard.ending->why);
    if (!heard.answer) return;
    const auto waiting = waiting_.find(heard.answer->number);
    if (waiting == waiting_.end()) return;
    waiting->second->answer = std::move(heard.answer);
    waiting->second->answered.cancel();
}

void SessionLink::over() {
    over_ = true;
    connected_ = false;
    console_->end();
    exports_.clear();
    arrival_.cancel();
    for (const auto& [number, waiting] : waiting_) waiting->answered.cancel();
}

const ExportAddress& SessionLink::open_export(ExportProtocol protocol, ExportAddress address, const std::string& user) {
    const auto same = [&](const auto& one) {
        return one->protocol() == protocol && one->address().peer == address.peer;
    };
    if (const auto found = std::ranges::find_if(exports_, same); found != exports_.end()) return (*found)->address();
    if (exports_.size() >= most_exports)
        throw InfrastructureError{"this lease has " + std::to_string(most_exports) +
                                  " exports already; use one of them, from the address that it was made for"};
    auto wish = [this, user](const ComPortWish& one) { obey(one, user); };
    exports_.push_back(
        std::make_unique<ConsoleExport>(executor_, protocol, std::move(address), user, console_, std::move(wish)));
    return exports_.back()->address();
}

/// Nobody waits for what becomes of it: the client was answered already. What goes wrong is in the log of the lease.
void SessionLink::obey(const ComPortWish& wish, const std::string& user) {
    using Kind = ComPortWish::Kind;
    BoardCommand command;
    command.user = user;
    command.number = ++last_;
    command.value = wish.value != 0 ? "on" : "off";
    switch (wish.kind) {
        case Kind::speed:
            command.what = "speed";
            command.value = std::to_string(wish.value);
            break;
        case Kind::send_break:
            command.what = "break";
            command.value.clear();
            break;
        case Kind::dtr:
            command.what = "dtr";
            break;
        case Kind::rts:
            command.what = "rts";
            break;
    }
    say(encode(command));
}

Task<> SessionLink::wait(std::shared_ptr<Waiting> waiting) {
    while (!waiting->answer && !over_) co_await sleep_until_woken(waiting->answered, Clock::time_point::max());
}

Task<BoardAnswer> SessionLink::command(BoardCommand command) {
    const auto latest = Clock::now() + patience;
    while (!connected_ && !over_ && Clock::now() < latest) co_await sleep_until_woken(arrival_, latest);
    BoardAnswer answer;
    answer.error = "the lease has no runner that listens; it has ended, or only begins: see its log";
    if (!connected_) co_return answer;
    command.number = ++last_;
    struct Entry {
        std::map<std::int64_t, std::shared_ptr<Waiting>>& all;
        std::int64_t number;
        ~Entry() { all.erase(number); }
    } entry{waiting_, command.number};
    auto waiting = std::make_shared<Waiting>(executor_);
    waiting_.emplace(command.number, waiting);
    answer.error = "the lease's runner takes nothing at the moment: it has more to do than it can; try again";
    if (!say(encode(command))) co_return answer;
    co_await wait(waiting);
    if (waiting->answer) co_return std::move(*waiting->answer);
    answer.error = "the lease ended before it was done; its log says why";
    co_return answer;
}

}  // namespace patchbay
