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
/// A session's pieces have some 22 KB.
constexpr std::size_t longest_line = 256 * 1024;

}  // namespace

ControlClient::ControlClient(asio::any_io_executor executor, const std::filesystem::path& folder,
                             std::function<void()> more, std::function<void()> connected)
    : executor_{executor},
      folder_{::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)},
      more_{std::move(more)},
      connected_{std::move(connected)},
      socket_{executor},
      arrivals_{executor},
      has_outgoing_{executor} {
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
    disconnect();
    // A stream socket of this family connects at once or not at all.
    socket_.open({}, error);
    if (!error) socket_.connect(endpoint, error);
    if (error) return false;
    socket_.non_blocking(true, error);
    return true;
}

/// What was on its way is lost with the connection, perhaps in the middle of a line.
void ControlClient::disconnect() {
    boost::system::error_code ignored;
    socket_.close(ignored);
    outgoing_.clear();
    incoming_.clear();
    cancel_waits_ = false;
}

void ControlClient::say(std::string_view line) {
    if (!socket_.is_open()) return;
    outgoing_.append(line) += '\n';
    send_some();
}

void ControlClient::send_some() {
    while (!outgoing_.empty()) {
        const auto sent =
            ::send(socket_.native_handle(), outgoing_.data(), outgoing_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent <= 0) break;
        outgoing_.erase(0, static_cast<std::size_t>(sent));
    }
    if (!outgoing_.empty()) {
        has_outgoing_.cancel();
    } else if (cancel_waits_) {
        cancel_waits_ = false;
        cancel_sent_ = true;
    }
}

void ControlClient::send_cancel() {
    if (cancel_reason_.empty() || cancel_waits_ || cancel_sent_ || !socket_.is_open()) return;
    const config::Map request{{"cancel", config::Value{cancel_reason_}}};
    cancel_waits_ = true;
    say(config::dump_json(config::Value{request}));
}

void ControlClient::cancel(std::string reason) {
    cancel_reason_ = std::move(reason);
    send_cancel();
}

/// Who only hears of the journal needs no lines.
void ControlClient::take(std::string_view bytes) {
    if (!heard) return more_();
    incoming_ += bytes;
    for (std::size_t end = 0; (end = incoming_.find('\n')) != std::string::npos;) {
        const auto line = incoming_.substr(0, end);
        incoming_.erase(0, end + 1);
        if (line.starts_with(R"({"more")")) {
            more_();
        } else if (!line.empty()) {
            heard(line);
        }
    }
    if (incoming_.size() > longest_line) disconnect();  // not our peer
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
    std::array<char, 8192> bytes;
    for (;;) {
        if (!connect()) {
            co_await wait_for_arrival();
            continue;
        }
        cancel_sent_ = false;  // that was another connection, perhaps one that nobody read to its end
        send_cancel();
        connected_();
        more_();
        boost::system::error_code error;
        while (!error) {
            const auto size =
                co_await socket_.async_read_some(asio::buffer(bytes), asio::redirect_error(asio::use_awaitable, error));
            take({bytes.data(), size});
        }
        if (error) more_();  // its end is news, too
        disconnect();
        // A runner that is about to end has closed its socket; do not knock in a circle.
        co_await sleep_for(look_again);
    }
}

Task<> ControlClient::write() {
    for (;;) {
        boost::system::error_code error;
        if (outgoing_.empty()) {
            has_outgoing_.expires_at(Clock::time_point::max());
            co_await has_outgoing_.async_wait(asio::redirect_error(asio::use_awaitable, error));
        } else {
            co_await socket_.async_wait(asio::socket_base::wait_write,
                                        asio::redirect_error(asio::use_awaitable, error));
            if (!error) send_some();
        }
        const auto state = co_await asio::this_coro::cancellation_state;
        if (state.cancelled() != asio::cancellation_type::none)
            throw boost::system::system_error{asio::error::operation_aborted};
    }
}

}  // namespace patchbay
