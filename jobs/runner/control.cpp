// SPDX-License-Identifier: Apache-2.0
#include "jobs/runner/control.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <cstring>

#include "core/config/yaml.hpp"
#include "core/deadline.hpp"

namespace patchbay {
namespace {

using Protocol = asio::local::stream_protocol;

/// A longer line is not ours: answers of a multinode group have at most 256 KiB before JSON escapes them.
constexpr std::size_t max_line = 2 * 1024 * 1024;

/// Binds through the folder's descriptor: a Unix socket's path has room for 107 characters only. The name appears when
/// the socket listens: who waits for it can connect at once.
int listen_at(const std::filesystem::path& path) {
    const int folder = ::open(path.parent_path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const auto unready = path.filename().string() + ".new";
    const auto name = "/proc/self/fd/" + std::to_string(folder) + "/" + unready;
    std::strncpy(address.sun_path, name.c_str(), sizeof address.sun_path - 1);
    ::unlinkat(folder, unready.c_str(), 0);
    const bool good = folder >= 0 && listener >= 0 &&
                      ::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
                      ::listen(listener, 4) == 0 &&
                      ::renameat(folder, unready.c_str(), folder, path.filename().c_str()) == 0;
    const int error = errno;
    if (folder >= 0) ::close(folder);
    if (good) return listener;
    if (listener >= 0) ::close(listener);
    throw InfrastructureError{"cannot listen at " + path.string() + ": " + std::strerror(error)};
}

}  // namespace

struct ControlSocket::State {
    State(asio::any_io_executor executor, std::filesystem::path p, std::function<void(std::string)> c,
          std::function<void(std::string_view)> o)
        : path{std::move(p)},
          cancel{std::move(c)},
          other{std::move(o)},
          acceptor{executor, Protocol{}, listen_at(path)},
          wake{executor},
          pause{executor},
          last_word{executor} {
        wake.expires_at(Clock::time_point::max());
    }

    std::filesystem::path path;
    std::function<void(std::string)> cancel;
    std::function<void(std::string_view)> other;
    Protocol::acceptor acceptor;
    std::shared_ptr<Protocol::socket> peer;  // the latest
    Timer wake, pause;
    Timer last_word;  // cut short when the announcer has ended
    std::int64_t bytes = 0;
    std::int64_t announced = 0;
    bool stopping = false;
};

ControlSocket::ControlSocket(asio::any_io_executor executor, const std::filesystem::path& path,
                             std::function<void(std::string)> cancel, std::function<void(std::string_view)> other)
    : state_{std::make_shared<State>(executor, path, std::move(cancel), std::move(other))}, group_{executor} {
    group_.spawn("control socket", accept(state_, *this));
    group_.spawn("journal announcements", announce(state_, *this));
}

ControlSocket::~ControlSocket() { ::unlink(state_->path.c_str()); }

void ControlSocket::more(std::int64_t bytes) {
    const bool idle = state_->bytes == state_->announced;
    state_->bytes = bytes;
    if (idle) state_->wake.cancel();
}

void ControlSocket::more_lines() { state_->wake.cancel(); }

/// Nobody is there: they wait.
std::string ControlSocket::take_lines() const { return lines && state_->peer ? lines() : std::string{}; }

Task<> ControlSocket::accept(std::shared_ptr<State> state, ControlSocket& self) {
    while (!state->stopping) {
        boost::system::error_code error;
        auto socket = co_await state->acceptor.async_accept(asio::redirect_error(asio::use_awaitable, error));
        if (error && state->stopping) co_return;  // stop() closed the acceptor
        if (error) throw boost::system::system_error{error};
        state->peer = std::make_shared<Protocol::socket>(std::move(socket));
        state->announced = -1;  // tell the newcomer how far we are
        if (self.connected) self.connected();
        state->wake.cancel();
        // One reader at a time: when it ends, the next peer is taken.
        co_await read(state);
    }
}

Task<> ControlSocket::read(std::shared_ptr<State> state) {
    const auto peer = state->peer;
    std::string buffer;
    for (;;) {
        boost::system::error_code error;
        const auto size = co_await asio::async_read_until(*peer, asio::dynamic_buffer(buffer, max_line), '\n',
                                                          asio::redirect_error(asio::use_awaitable, error));
        if (error == asio::error::operation_aborted) throw boost::system::system_error{error};
        if (error) break;
        const auto line = buffer.substr(0, size);
        buffer.erase(0, size);
        try {
            const auto message = config::parse_json(line);
            const auto* reason = message.find("cancel");
            if (reason && reason->as_string()) {
                state->cancel(*reason->as_string());
            } else if (state->other) {
                state->other(line);
            }
        } catch (const config::YamlError&) {
            break;  // not our peer
        }
    }
    state->peer.reset();
}

Task<> ControlSocket::announce(std::shared_ptr<State> state, ControlSocket& self) {
    while (!state->stopping || state->announced != state->bytes) {
        auto text = self.take_lines();
        if (text.empty() && state->announced == state->bytes) {
            boost::system::error_code woken;
            state->wake.expires_at(Clock::time_point::max());
            co_await state->wake.async_wait(asio::redirect_error(asio::use_awaitable, woken));
            continue;
        }
        // A person waits for what the board says; the journal can wait for a moment.
        const auto pause = text.empty() ? 10ms : 1ms;
        if (state->announced != state->bytes) text += "{\"more\": " + std::to_string(state->bytes) + "}\n";
        state->announced = state->bytes;
        if (const auto peer = state->peer) {
            boost::system::error_code error;
            co_await asio::async_write(*peer, asio::buffer(text), asio::redirect_error(asio::use_awaitable, error));
        }
        if (state->stopping) continue;
        boost::system::error_code cut_short;
        state->pause.expires_after(pause);
        co_await state->pause.async_wait(asio::redirect_error(asio::use_awaitable, cut_short));
    }
    state->last_word.cancel();
}

Task<> ControlSocket::stop() {
    state_->stopping = true;
    // The announcer ends by itself; then nothing else is worth waiting for.
    boost::system::error_code ignored;
    state_->acceptor.close(ignored);
    state_->last_word.expires_after(100ms);
    state_->wake.cancel();
    state_->pause.cancel();
    co_await state_->last_word.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    group_.cancel();
    co_await group_.join();
    ::unlink(state_->path.c_str());
}

}  // namespace patchbay
