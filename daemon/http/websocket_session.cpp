// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/websocket_session.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "core/errors.hpp"
#include "daemon/http/client_stream_tls.hpp"

namespace patchbay {

namespace beast = boost::beast;
namespace websocket = beast::websocket;

/// What Beast asks of a stream.
class ClientStream::Layer {
public:
    using executor_type = Socket::executor_type;

    explicit Layer(ClientStream& stream) : socket_{&stream.socket_}, tls_{stream.tls_.get()} {}
    executor_type get_executor() { return socket_->get_executor(); }

    template <class Buffers, class Token>
    auto async_read_some(const Buffers& buffers, Token&& token) {
        const auto start = [](auto handler, Layer* layer, const Buffers& into) {
            if (layer->tls_) {
                layer->tls_->stream.async_read_some(into, std::move(handler));
            } else {
                layer->socket_->async_read_some(into, std::move(handler));
            }
        };
        return asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(start, token, this, buffers);
    }
    template <class Buffers, class Token>
    auto async_write_some(const Buffers& buffers, Token&& token) {
        const auto start = [](auto handler, Layer* layer, const Buffers& from) {
            if (layer->tls_) {
                layer->tls_->stream.async_write_some(from, std::move(handler));
            } else {
                layer->socket_->async_write_some(from, std::move(handler));
            }
        };
        return asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(start, token, this, buffers);
    }

    // The connection closes its stream itself.
    friend void beast_close_socket(Layer&) {}
    friend void teardown(beast::role_type, Layer&, boost::system::error_code& error) { error = {}; }
    template <class Handler>
    friend void async_teardown(beast::role_type, Layer& layer, Handler&& handler) {
        asio::post(layer.get_executor(),
                   [done = std::forward<Handler>(handler)]() mutable { done(boost::system::error_code{}); });
    }

private:
    Socket* socket_;
    Tls* tls_;
};

struct WebSocketSession::Stream {
    explicit Stream(ClientStream& client) : ws{ClientStream::Layer{client}} {}
    websocket::stream<ClientStream::Layer, false> ws;  // no compression: its memory is 300 KB for each client
};

namespace {

/// Of the headers those that an upgrade has; extensions are not spoken.
beast::http::request<beast::http::empty_body> upgrade_of(const Request& request) {
    beast::http::request<beast::http::empty_body> upgrade{beast::http::verb::get, "/", 11};
    for (const auto& [name, value] : request.headers) {
        const bool belongs = name == "host" || name == "upgrade" || name == "connection" ||
                             name == "sec-websocket-key" || name == "sec-websocket-version";
        if (belongs) upgrade.insert(name, value);
    }
    return upgrade;
}

}  // namespace

WebSocketSession::WebSocketSession(ClientStream& stream, const HttpLimits& limits)
    : limits_{limits},
      stream_{std::make_unique<Stream>(stream)},
      changed_{stream_->ws.get_executor()},
      heard_{Clock::now()},
      write_by_{Clock::time_point::max()},
      gone_by_{Clock::time_point::max()},
      frames_{limits.websocket_frames},
      frames_left_{frames_.at_once} {
    auto& ws = stream_->ws;
    ws.read_message_max(limits.websocket_message_bytes);
    ws.text(true);
    ws.set_option(websocket::stream_base::decorator{
        [](websocket::response_type& answer) { answer.set(beast::http::field::server, "patchbay"); }});
    ws.control_callback([this](websocket::frame_type, beast::string_view) { heard(); });
}

WebSocketSession::~WebSocketSession() = default;

Task<> WebSocketSession::run(const Request& request, const std::function<Task<>(WebSocket&)>& serve,
                             const Hears& hears) {
    const auto upgrade = upgrade_of(request);
    if (hears) {
        stream_->ws.read_message_max(limits_.websocket_heard_bytes);
        frames_ = limits_.websocket_heard_frames;
        frames_left_ = frames_.at_once;
    }
    write_by_ = Clock::now() + limits_.websocket_write;
    co_await stream_->ws.async_accept(upgrade, asio::use_awaitable);
    write_by_ = Clock::time_point::max();
    auto executor = co_await asio::this_coro::executor;
    auto reading = hears ? hear_all(hears) : read_all();
    auto race = asio::experimental::make_parallel_group(asio::co_spawn(executor, serve(*this), asio::deferred),
                                                        asio::co_spawn(executor, std::move(reading), asio::deferred),
                                                        asio::co_spawn(executor, ask_and_stop(), asio::deferred));
    auto done = co_await race.async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
    const auto& failure = std::get<1>(done);
    if (failure && !is_cancellation(failure)) std::rethrow_exception(failure);
}

Clock::time_point WebSocketSession::deadline() const {
    return std::min({heard_ + limits_.websocket_silence, write_by_, gone_by_});
}

void WebSocketSession::stop() {
    stopping_ = true;
    changed_.cancel();
}

Task<> WebSocketSession::send(std::string text) {
    write_by_ = Clock::now() + limits_.websocket_write;
    co_await stream_->ws.async_write(asio::buffer(text), asio::use_awaitable);
    write_by_ = Clock::time_point::max();
}

/// The first reason counts; whoever comes later waits with it.
Task<> WebSocketSession::close(int code, std::string reason) {
    if (closing_) {
        Timer forever{stream_->ws.get_executor(), Clock::time_point::max()};
        co_await forever.async_wait(asio::use_awaitable);
    }
    closing_ = true;
    gone_by_ = Clock::now() + limits_.websocket_goodbye;
    websocket::close_reason why{static_cast<std::uint16_t>(code)};
    why.reason.assign(reason.data(), std::min(reason.size(), why.reason.max_size()));
    co_await stream_->ws.async_close(why, asio::use_awaitable);
}

/// Counts a frame; the bucket fills with the time.
void WebSocketSession::heard() {
    const auto now = Clock::now();
    const auto waited = std::chrono::duration<double>{now - heard_}.count();
    frames_left_ = std::min(frames_.at_once, frames_left_ + waited * frames_.per_second) - 1;
    heard_ = now;
    if (frames_left_ >= 0) return;
    flooded_ = true;
    changed_.cancel();
}

/// Ends when the client has closed.
Task<> WebSocketSession::read_all() {
    beast::flat_buffer buffer;
    boost::system::error_code error;
    for (;;) {
        co_await stream_->ws.async_read_some(buffer, limits_.websocket_message_bytes,
                                             asio::redirect_error(asio::use_awaitable, error));
        if (error) co_return;
        buffer.clear();
        heard();
    }
}

/// The same with whole messages.
Task<> WebSocketSession::hear_all(const Hears& hears) {
    beast::flat_buffer buffer;
    boost::system::error_code error;
    for (;;) {
        co_await stream_->ws.async_read(buffer, asio::redirect_error(asio::use_awaitable, error));
        if (error) co_return;
        heard();
        const auto bytes = buffer.cdata();
        hears({static_cast<const char*>(bytes.data()), bytes.size()});
        buffer.clear();
    }
}

Task<> WebSocketSession::ask_and_stop() {
    boost::system::error_code ignored;
    for (;;) {
        changed_.expires_after(limits_.websocket_ping);
        if (!stopping_ && !flooded_) co_await changed_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        const auto state = co_await asio::this_coro::cancellation_state;
        if (state.cancelled() != asio::cancellation_type::none) co_return;
        if (stopping_ || flooded_) break;
        co_await stream_->ws.async_ping({}, asio::use_awaitable);
    }
    if (flooded_) {
        co_await close(websocket::close_code::policy_error, "too many messages");
    } else {
        co_await close(websocket::close_code::going_away, "the lab's daemon stops; come again");
    }
}

}  // namespace patchbay
