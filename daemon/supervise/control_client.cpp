// SPDX-License-Identifier: Apache-2.0
#include "daemon/supervise/control_client.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "core/config/yaml.hpp"
#include "core/deadline.hpp"

namespace patchbay {

ControlClient::ControlClient(asio::any_io_executor executor, const std::filesystem::path& folder,
                             std::function<void()> more)
    : executor_{executor},
      folder_{::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)},
      more_{std::move(more)},
      socket_{executor} {}

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

Task<> ControlClient::run() {
    constexpr Clock::duration first_pause = 5ms;
    constexpr Clock::duration longest_pause = 250ms;
    auto pause = first_pause;
    std::array<char, 512> bytes;
    for (;;) {
        if (!connect()) {
            co_await sleep_for(pause);
            pause = std::min(2 * pause, longest_pause);
            continue;
        }
        pause = first_pause;
        cancel_sent_ = false;  // that was another connection, perhaps one that nobody read to its end
        send_cancel();
        more_();
        boost::system::error_code error;
        while (!error) {
            co_await socket_.async_read_some(asio::buffer(bytes), asio::redirect_error(asio::use_awaitable, error));
            more_();
        }
        // A runner that is about to end has closed its socket; do not knock in a circle.
        co_await sleep_for(longest_pause);
    }
}

}  // namespace patchbay
