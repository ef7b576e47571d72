// SPDX-License-Identifier: Apache-2.0
#include "drivers/net/tcp_link.hpp"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "core/deadline.hpp"
#include "core/errors.hpp"
#include "core/net/resolve.hpp"

namespace patchbay {
namespace {

using asio::ip::tcp;

// A console server that is busy, or a board's gateway that is down, accepts and closes at once. A connection that has
// lived longer is lost for another reason, and worth another try.
constexpr auto steady_after = 10s;

void set_number(tcp::socket& socket, int level, int name, std::int64_t value) {
    const int number = static_cast<int>(std::clamp<std::int64_t>(value, 1, 32767));  // the most that Linux takes
    ::setsockopt(socket.native_handle(), level, name, &number, sizeof number);
}

}  // namespace

std::string Endpoint::text() const {
    const bool is_v6 = host.find(':') != std::string::npos;
    return (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Endpoint read_endpoint(config::MapReader& options) {
    Endpoint endpoint;
    endpoint.host = options.required<std::string>("host");
    if (options.has("host") && endpoint.host.empty()) options.problem("host", "must not be empty");
    endpoint.port = options.required<int>("port");
    if (options.has("port") && (endpoint.port < 1 || endpoint.port > 65535))
        options.problem("port", "must be from 1 to 65535");
    endpoint.keepalive = options.value_or("keepalive", endpoint.keepalive);
    endpoint.connect_timeout = options.value_or("connect_timeout", endpoint.connect_timeout);
    return endpoint;
}

TcpLink::TcpLink(Endpoint endpoint, const DriverRequest& request)
    : endpoint_{std::move(endpoint)},
      label_{request.label},
      tell_{request.context.tell},
      socket_{request.context.executor} {}

Task<> TcpLink::connect_to_any() {
    const auto addresses = co_await resolve(endpoint_.host);
    if (addresses.empty()) throw InfrastructureError{"nobody knows this name; correct 'host', or ask your name server"};
    boost::system::error_code error;
    for (const auto& address : addresses) {
        const tcp::endpoint peer{address, static_cast<unsigned short>(endpoint_.port)};
        close();
        co_await socket_.async_connect(peer, asio::redirect_error(asio::use_awaitable, error));
        if (error == asio::error::operation_aborted) throw boost::system::system_error{error};
        if (!error) break;
    }
    if (error) {
        close();
        throw InfrastructureError{error.message() + "; is the console server on, and 'port' right?"};
    }
    set_options();
    ++connections_;
}

void TcpLink::set_options() {
    boost::system::error_code ignored;
    socket_.set_option(tcp::no_delay{true}, ignored);  // keys are typed one by one
    const auto silence = endpoint_.keepalive.count();
    if (silence == 0) return;
    socket_.set_option(tcp::socket::keep_alive{true}, ignored);
    set_number(socket_, IPPROTO_TCP, TCP_KEEPIDLE, silence);
    set_number(socket_, IPPROTO_TCP, TCP_KEEPINTVL, silence / 3);
    set_number(socket_, IPPROTO_TCP, TCP_KEEPCNT, 3);
}

Task<> TcpLink::connect() {
    std::string why;
    try {
        co_await with_deadline(Deadline::in(endpoint_.connect_timeout), "connect", connect_to_any());
        co_return;
    } catch (const TimedOut&) {
        why = "no answer within " + std::to_string(endpoint_.connect_timeout.count()) +
              " s; is the console server on, and the network up?";
    } catch (const InfrastructureError& error) {
        why = error.what();
    }
    close();
    throw InfrastructureError{label_ + ": cannot connect to " + endpoint_.text() + ": " + why};
}

Task<> TcpLink::reconnect() {
    const bool again = reconnected_ != Clock::time_point{} && Clock::now() < reconnected_ + steady_after;
    close();
    if (again) {
        throw ConnectionClosedError{
            label_ + ": " + endpoint_.text() + " " + reason_ +
            ", and again as soon as it was connected anew; does somebody else use this port of the "
            "console server?"};
    }
    if (tell_ && !told_) tell_(label_ + ": " + endpoint_.text() + " " + reason_ + "; connecting again");
    told_ = true;  // a reader that is cancelled meanwhile is followed by others
    std::string failure;
    try {
        co_await connect();
    } catch (const InfrastructureError& error) {
        failure = error.what();
    }
    if (!failure.empty()) throw ConnectionClosedError{failure + " (before, it " + reason_ + ")"};
    reconnected_ = Clock::now();
    told_ = false;
    if (tell_) tell_(label_ + ": connected to " + endpoint_.text() + " again; what the board said meanwhile is lost");
}

Task<std::string> TcpLink::read_some() {
    const int connection = connections_;
    if (!socket_.is_open()) co_return std::string{};
    boost::system::error_code error;
    const auto size =
        co_await socket_.async_read_some(asio::buffer(buffer_), asio::redirect_error(asio::use_awaitable, error));
    if (size > 0) co_return std::string{buffer_.data(), size};
    if (error == asio::error::operation_aborted && connection == connections_ && socket_.is_open())
        throw boost::system::system_error{error};
    if (connection == connections_)
        reason_ = error == asio::error::eof ? "closed the connection" : "lost the connection: " + error.message();
    co_return std::string{};
}

Task<std::size_t> TcpLink::write_some(std::string_view bytes) {
    const int connection = connections_;
    if (!socket_.is_open()) throw_lost("is not connected");
    boost::system::error_code error;
    const auto size =
        co_await socket_.async_write_some(asio::buffer(bytes), asio::redirect_error(asio::use_awaitable, error));
    if (size > 0) co_return size;
    if (error == asio::error::operation_aborted && connection == connections_ && socket_.is_open())
        throw boost::system::system_error{error};
    throw_lost("takes nothing more: " + error.message());
}

void TcpLink::throw_lost(const std::string& what) const {
    throw ConnectionClosedError{label_ + ": " + endpoint_.text() + " " + what +
                                "; look whether the console server is on and the network up"};
}

bool TcpLink::has_bytes() const {
    boost::system::error_code ignored;
    return socket_.is_open() && socket_.available(ignored) > 0;
}

void TcpLink::close() {
    boost::system::error_code ignored;
    socket_.close(ignored);
}

}  // namespace patchbay
