// SPDX-License-Identifier: Apache-2.0
// patchbay console: the console of a device in this terminal.
#include <poll.h>
#include <unistd.h>

#include "cli/commands/commands.hpp"
#include "cli/console/console_view.hpp"
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
        connect(true);
        const RawTerminal raw;
        while (!quit_) {
            try {
                step();
            } catch (const ConnectionError& error) {
                show("\r\n[" + std::string{error.what()} + "; trying again]\r\n");
                reconnect();
            }
        }
        show(raw.is_terminal() ? "\r\n" : "");
        return Exit::ok;
    }

private:
    void connect(bool with_scrollback) {
        auto& http = session_.lab().http();
        std::string path = "/api/v0.2/devices/" + percent_encode(options_.device) + "/console/?";
        if (options_.read_only) path += "read_only=1&";
        if (!with_scrollback) path += "scrollback=0";
        socket_.emplace(http.server(), http.token(), path, "device " + options_.device);
    }

    /// The daemon may only be restarted.
    void reconnect() {
        const auto& patience = session_.patience;
        const auto start = std::chrono::steady_clock::now();
        for (auto wait = patience.first_retry;; wait = std::min(wait * 2, patience.longest_retry)) {
            pause_for(wait);
            try {
                return connect(false);
            } catch (const ConnectionError&) {
                if (std::chrono::steady_clock::now() - start > patience.give_up) throw;
            }
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
        pollfd ready[2] = {{socket_->descriptor(), POLLIN, 0}, {input_open_ ? STDIN_FILENO : -1, POLLIN, 0}};
        ::poll(ready, 2, -1);
        if (interrupted()) throw Interrupted{};
        if ((ready[1].revents & (POLLIN | POLLHUP)) != 0) take_keys();
    }

    void take_messages() {
        for (const auto& message : socket_->read()) show(view_.show(message));
        if (!socket_->closed()) return;
        show("\r\n[" + (socket_->reason().empty() ? "the server has closed the console" : socket_->reason()) + "]");
        quit_ = true;
    }

    void take_keys() {
        char bytes[4096];
        const auto size = ::read(STDIN_FILENO, bytes, sizeof bytes);
        if (size <= 0) {
            // A script's last words may still bring an answer: until the console ends, or somebody stops us.
            input_open_ = false;
            return;
        }
        for (const auto& typed : menu_.feed({bytes, static_cast<std::size_t>(size)}))
            std::visit([this](const auto& one) { act(one); }, typed);
    }

    void act(const Keys& keys) {
        for (const auto& message : messages_of(keys)) socket_->send(message);
    }
    void act(const Wish& wish) { socket_->send(message_of(wish)); }
    void act(const ShowHelp&) { show("\r\n" + std::string{escape_help()}); }
    void act(const Echo& echo) { show(echo.text); }
    void act(const Quit&) { quit_ = true; }

    const ConsoleOptions& options_;
    Session& session_;
    std::optional<WebSocketClient> socket_;
    ConsoleView view_;
    EscapeMenu menu_;
    bool input_open_ = true;
    bool quit_ = false;
};

}  // namespace

Exit console(const ConsoleOptions& options, Session& session) {
    const InterruptGuard guard;
    return ConsoleScreen{options, session}.run();
}

}  // namespace patchbay::cli
