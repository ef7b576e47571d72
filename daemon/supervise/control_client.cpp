// SPDX-License-Identifier: Apache-2.0
#include "daemon/supervise/control_client.hpp"

#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "core/config/yaml.hpp"
#include "core/deadline.hpp"

namespace patchbay {
namespace {

constexpr Clock::duration look_again = 250ms;

}  // namespace

ControlClient::ControlClient(asio::any_io_executor executor, const std::filesystem::path& folder,
                             std::function<void()> more)
    : executor_{executor},
      folder_{::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)},
      more_{std::move(more)},
      socket_{executor},
      arrivals_{executor} {
    FileDescriptor arrivals{::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)};
    const auto path = "/proc/self/fd/" + std::to_string(folder_.get());
    // A runner's socket is renamed into its place once it listens.
    if (arrivals && ::inotify_add_watch(arrivals.get(), path.c_str(), IN_CREATE | IN_MOVED_TO) >= 0)
        arrivals_.assign(arrivals.release());
}

bool ControlClient::connect() {
    const asio::local::stream_protocol::endpoint endpoint{"/proc/self/fd/" + std::to_string(folder_.get()) +
                                                          "/control"};
    boost::system::error_code error;
    socket_.close(error);
    // A stream socket of this family connects at once or not at all.
    socket_.open({}, error);
    if (!error) socket_.connect(endpoint, error);
    if (error) return false;
    socket_.non_blocking(true, error);
    return true;
}

void ControlClient::send_cancel() {
    if (cancel_reason_.empty() || cancel_sent_ || !socket_.is_open()) return;
    const config::Map request{{"cancel", config::Value{cancel_reason_}}};
    const auto line = config::dump_json(config::Value{request}) + "\n";
    // Some dozen bytes into an empty buffer: taken whole or refused; when refused, the next connection tries again.
    cancel_sent_ = ::send(socket_.native_handle(), line.data(), line.size(), MSG_NOSIGNAL | MSG_DONTWAIT) ==
                   static_cast<ssize_t>(line.size());
}

void ControlClient::cancel(std::string reason) {
    cancel_reason_ = std::move(reason);
    send_cancel();
}

/// Waits until something came into the folder.
Task<> ControlClient::wait_for_arrival() {
    if (!arrivals_.is_open()) {  // the machine's inotify watches are used up
        co_await sleep_for(look_again);
        co_return;
    }
    std::array<char, 4096> events;
    co_await arrivals_.async_read_some(asio::buffer(events), asio::use_awaitable);
}

Task<> ControlClient::run() {
    std::array<char, 512> bytes;
    for (;;) {
        if (!connect()) {
            co_await wait_for_arrival();
            continue;
        }
        cancel_sent_ = false;  // that was another connection, perhaps one that nobody read to its end
        send_cancel();
        more_();
        boost::system::error_code error;
        while (!error) {
            co_await socket_.async_read_some(asio::buffer(bytes), asio::redirect_error(asio::use_awaitable, error));
            more_();
        }
        // A runner that is about to end has closed its socket; do not knock in a circle.
        co_await sleep_for(look_again);
    }
}

}  // namespace patchbay
