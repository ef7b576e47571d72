// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/websocket_client.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "core/errors.hpp"

namespace patchbay {
namespace {

namespace beast = boost::beast;
namespace websocket = beast::websocket;
namespace ssl = asio::ssl;
using namespace std::chrono_literals;
using Error = boost::system::error_code;

constexpr std::size_t longest_message = 1024 * 1024;
constexpr auto connect_patience = 10s;
constexpr auto handshake_patience = 20s;
// A ping goes out after half of it.
constexpr auto silence_patience = 60s;

[[noreturn]] void fail(const Listening& listening, const std::string& why) {
    throw InfrastructureError{"events of " + listening.address.authority + listening.address.target + ": " + why};
}

/// A cancellation stays one.
void check(const Listening& listening, const Error& error, const std::string& what) {
    if (!error) return;
    if (error == asio::error::operation_aborted) throw boost::system::system_error{error};
    fail(listening, what + ": " + error.message());
}

template <class Stream>
void prepare(websocket::stream<Stream, false>& ws, const Listening& listening) {
    websocket::stream_base::timeout times{};
    times.handshake_timeout = handshake_patience;
    times.idle_timeout = silence_patience;
    times.keep_alive_pings = true;
    ws.set_option(times);
    ws.read_message_max(longest_message);
    ws.set_option(websocket::stream_base::decorator{[headers = listening.headers](websocket::request_type& request) {
        for (const auto& [name, value] : headers) request.set(name, value);
    }});
}

/// From the upgrade to the end.
template <class Stream>
Task<> listen(websocket::stream<Stream, false>& ws, const Listening& listening) {
    prepare(ws, listening);
    Error error;
    websocket::response_type answer;
    co_await ws.async_handshake(answer, listening.address.authority, listening.address.target,
                                asio::redirect_error(asio::use_awaitable, error));
    if (error == websocket::error::upgrade_declined)
        fail(listening, "the server answers " + std::to_string(answer.result_int()) + " instead of a WebSocket");
    check(listening, error, "no WebSocket");
    if (listening.opened) listening.opened();
    beast::flat_buffer buffer;
    for (;;) {
        co_await ws.async_read(buffer, asio::redirect_error(asio::use_awaitable, error));
        if (error == websocket::error::closed) {
            const std::string reason{ws.reason().reason.c_str()};
            fail(listening, "the server has closed it" + (reason.empty() ? "" : ": " + reason));
        }
        check(listening, error, "broken off");
        if (ws.got_text()) listening.hear(beast::buffers_to_string(buffer.data()));
        buffer.clear();
    }
}

Task<> connect(beast::tcp_stream& tcp, const Listening& listening) {
    Error error;
    asio::ip::tcp::resolver resolver{tcp.get_executor()};
    const auto found = co_await resolver.async_resolve(listening.address.host, listening.address.port,
                                                       asio::redirect_error(asio::use_awaitable, error));
    check(listening, error, "its host is not found");
    tcp.expires_after(connect_patience);
    co_await tcp.async_connect(found, asio::redirect_error(asio::use_awaitable, error));
    check(listening, error, "no connection");
}

Task<> listen_in_the_clear(const Listening& listening) {
    auto executor = co_await asio::this_coro::executor;
    websocket::stream<beast::tcp_stream, false> ws{executor};
    co_await connect(ws.next_layer(), listening);
    ws.next_layer().expires_never();
    co_await listen(ws, listening);
}

Task<> listen_by_tls(const Listening& listening) {
    ssl::context context{ssl::context::tls_client};
    SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
    Error error;
    context.set_default_verify_paths(error);
    check(listening, error, "the system's certificates cannot be read");
    context.set_verify_mode(ssl::verify_peer);
    context.set_verify_callback(ssl::host_name_verification(listening.address.host));
    auto executor = co_await asio::this_coro::executor;
    websocket::stream<ssl::stream<beast::tcp_stream>, false> ws{executor, context};
    auto& tls = ws.next_layer();
    // An address is no name, and servers refuse it as one; that they have none for it is their affair.
    SSL_set_tlsext_host_name(tls.native_handle(), listening.address.host.c_str());
    co_await connect(tls.next_layer(), listening);
    tls.next_layer().expires_after(handshake_patience);
    co_await tls.async_handshake(ssl::stream_base::client, asio::redirect_error(asio::use_awaitable, error));
    check(listening, error, "no TLS");
    tls.next_layer().expires_never();
    co_await listen(ws, listening);
}

}  // namespace

std::optional<WebSocketAddress> read_websocket_address(std::string_view url) {
    WebSocketAddress address;
    address.tls = url.starts_with("https://");
    if (!address.tls && !url.starts_with("http://")) return std::nullopt;
    url.remove_prefix(address.tls ? 8 : 7);
    const auto path = std::min(url.find('/'), url.size());
    address.authority = url.substr(0, path);
    address.target = path < url.size() ? url.substr(path) : "/";
    std::string_view host = address.authority;
    // Of "[::1]:8000" the last colon outside of the brackets.
    const auto colon = host.find(':', host.starts_with('[') ? std::min(host.find(']'), host.size()) : 0);
    address.port = colon == std::string_view::npos ? (address.tls ? "443" : "80") : host.substr(colon + 1);
    host = host.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    address.host = host;
    if (address.host.empty() || address.port.empty()) return std::nullopt;
    return address;
}

Task<> listen_by_websocket(Listening listening) {
    if (listening.address.tls)
        co_await listen_by_tls(listening);
    else
        co_await listen_in_the_clear(listening);
}

}  // namespace patchbay
