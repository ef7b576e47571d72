// SPDX-License-Identifier: Apache-2.0
// patchbay console: the console of a device in this terminal.
#include <poll.h>
#include <unistd.h>

#include <algorithm>

#include "cli/commands/commands.hpp"
#include "cli/console/console_view.hpp"
#include "cli/console/key_input.hpp"
#include "cli/console/raw_terminal.hpp"
#include "cli/http/websocket.hpp"
#include "cli/interrupt.hpp"
#include "cli/json.hpp"
#include "core/text.hpp"

namespace patchbay::cli {
namespace {

class ConsoleScreen {
public:
    ConsoleScreen(const ConsoleOptions& options, Session& session) : options_{options}, session_{session} {}

    Exit run() {
        connect({}, "");
        const RawTerminal raw;
        is_terminal_ = raw.is_terminal();
        while (!quit_) {
            try {
                step();
            } catch (const ConnectionError& error) {
                show("\r\n[" + std::string{error.what()} + "; trying again]\r\n");
                reconnect();
            }
        }
        show(is_terminal_ ? "\r\n" : "");
        return Exit::ok;
    }

private:
    void connect(WebSocketClient::GiveUp give_up, const std::string& place) {
        auto& http = session_.lab().http();
        auto path = "/api/v0.2/devices/" + percent_encode(options_.device) + "/console/?";
        if (options_.read_only) path += "read_only=1&";
        socket_.emplace(http.server(), http.token(), path + place, "device " + options_.device, std::move(give_up));
    }

    /// The daemon may only be restarted. Who waits for it can leave; what else they type is not for later, when the
    /// board may be in the middle of something else.
    void reconnect() {
        socket_.reset();
        dropped_ = false;
        const auto& patience = session_.patience;
        const auto start = std::chrono::steady_clock::now();
        const auto place = view_.place();
        for (auto wait = patience.first_retry;; wait = std::min(wait * 2, patience.longest_retry)) {
            const bool quits = quits_within(wait);
            if (interrupted()) throw Interrupted{};
            if (quits) return;
            try {
                connect([this] { return quits_within({}); }, place.empty() ? "scrollback=0" : place);
                if (place.empty()) show("\r\n[some output may be missing]\r\n");
                return;
            } catch (const ConnectionError&) {
                if (quit_) return;
                if (std::chrono::steady_clock::now() - start > patience.give_up) throw;
            }
        }
    }

    /// Without a connection; true also for Ctrl-C. Called by libcurl, so it throws nothing.
    bool quits_within(std::chrono::milliseconds time) {
        const auto end = std::chrono::steady_clock::now() + time;
        for (;;) {
            const auto left =
                std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now()).count();
            auto ready = input_.waiting();
            ::poll(&ready, 1, static_cast<int>(std::max<std::int64_t>(left, 0)));
            if (interrupted()) return true;
            take_keys(ready.revents);
            if (quit_ || left <= 0) return quit_;
        }
    }

    void show(const std::string& text) {
        session_.terminal.out << text;
        session_.terminal.out.flush();
    }

    void step() {
        // What came with the upgrade is there already.
        take_messages();
        if (quit_) return;
        pollfd ready[2] = {{socket_->descriptor(), POLLIN, 0}, input_.waiting()};
        ::poll(ready, 2, -1);
        if (interrupted()) throw Interrupted{};
        take_keys(ready[1].revents);
    }

    void take_messages() {
        for (const auto& message : socket_->read()) show(view_.show(message));
        if (!socket_->closed()) return;
        show("\r\n[" + (socket_->reason().empty() ? "the server has closed the console" : socket_->reason()) + "]");
        quit_ = true;
    }

    /// When a script has said its last words they may still bring an answer: until the console ends, or somebody stops
    /// us.
    void take_keys(short events) {
        for (const auto& typed : menu_.feed(input_.take(events))) {
            if (quit_) return;
            std::visit([this](const auto& one) { act(one); }, typed);
        }
    }

    void act(const Keys& keys) {
        // The board's Ctrl-C when it can have it.
        if (!socket_ && is_terminal_ && keys.bytes.find('\x03') != std::string::npos) quit_ = true;
        if (is_away()) return;
        for (const auto& message : messages_of(keys)) socket_->send(message);
    }
    void act(const Wish& wish) {
        if (!is_away()) socket_->send(message_of(wish));
    }
    bool is_away() {
        if (socket_) return false;
        if (!quit_ && !std::exchange(dropped_, true))
            show("\r\n[what you type is dropped until the console is back; Ctrl-C or Ctrl-] q leaves]\r\n");
        return true;
    }
    void act(const ShowHelp&) { show("\r\n" + std::string{escape_help()}); }
    void act(const Echo& echo) { show(echo.text); }
    void act(const Quit&) { quit_ = true; }

    const ConsoleOptions& options_;
    Session& session_;
    std::optional<WebSocketClient> socket_;
    ConsoleView view_;
    EscapeMenu menu_;
    KeyInput input_{STDIN_FILENO};
    bool is_terminal_ = false;
    bool dropped_ = false;  ///< while there is no connection: something was typed
    bool quit_ = false;
};

}  // namespace

Exit console(const ConsoleOptions& options, Session& session) {
    const InterruptGuard guard;
    return ConsoleScreen{options, session}.run();
}

}  // namespace patchbay::cli
