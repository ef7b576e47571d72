// SPDX-License-Identifier: Apache-2.0
#include "core/net/socks_proxy.hpp"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <random>

#include "core/equal_secrets.hpp"
#include "core/errors.hpp"
#include "core/net/resolve.hpp"

namespace patchbay {
namespace {

using asio::ip::tcp;

constexpr std::string_view user = "patchbay";

// RFC 1928 and, for user and password, RFC 1929.
constexpr char version = 5, password_method = 2, no_method = '\xff', password_version = 1, connect_command = 1;
constexpr char of_ipv4 = 1, of_name = 3, of_ipv6 = 4;
enum class Reply : char { connected = 0, not_allowed = 2, unreachable = 4, no_such_command = 7 };

/// What ends a connection with an answer to the program.
struct Refused {
    Reply reply;
};

std::string secret_text() {
    std::random_device random;
    std::string text;
    for (int i = 0; i < 32; ++i) text += "0123456789abcdef"[random() & 15U];
    return text;
}

Task<std::string> read_bytes(tcp::socket& socket, std::size_t count) {
    std::string bytes(count, '\0');
    co_await asio::async_read(socket, asio::buffer(bytes), asio::use_awaitable);
    co_return bytes;
}

/// A length of one byte, and so many.
Task<std::string> read_text(tcp::socket& socket) {
    const auto size = co_await read_bytes(socket, 1);
    co_return co_await read_bytes(socket, static_cast<unsigned char>(size[0]));
}

Task<> write(tcp::socket& socket, std::string bytes) {
    co_await asio::async_write(socket, asio::buffer(bytes), asio::use_awaitable);
}

/// The address that we have at the other end is nobody's business.
Task<> answer(tcp::socket& socket, Reply reply) {
    std::string bytes{version, static_cast<char>(reply), 0, of_ipv4};
    bytes.resize(bytes.size() + 6);
    co_await write(socket, std::move(bytes));
}

template <class Address>
Task<asio::ip::address> read_address(tcp::socket& socket) {
    typename Address::bytes_type bytes;
    co_await asio::async_read(socket, asio::buffer(bytes), asio::use_awaitable);
    co_return Address{bytes};
}

Task<std::vector<asio::ip::address>> read_addresses(tcp::socket& socket, char type) {
    std::vector<asio::ip::address> addresses;
    if (type == of_ipv4) {
        addresses.push_back(co_await read_address<asio::ip::address_v4>(socket));
    } else if (type == of_ipv6) {
        addresses.push_back(co_await read_address<asio::ip::address_v6>(socket));
    } else if (type == of_name) {
        auto name = co_await read_text(socket);
        addresses = co_await resolve(std::move(name));
    }
    co_return addresses;
}

}  // namespace

SocksProxy::SocksProxy(asio::any_io_executor executor, AddressPolicy policy)
    : acceptor_{executor}, group_{executor}, policy_{std::move(policy)}, secret_{secret_text()} {
    boost::system::error_code error;
    acceptor_.open(tcp::v4(), error);
    if (!error) acceptor_.bind(tcp::endpoint{asio::ip::address_v4::loopback(), 0}, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (error) throw InfrastructureError{"cannot listen on the loopback: " + error.message()};
    group_.spawn("accept", accept_all());
}

std::string SocksProxy::url() const {
    return "socks5h://" + std::string{user} + ":" + secret_ +
           "@127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
}

Task<> SocksProxy::stop() {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    group_.cancel();
    co_await group_.join();
}

Task<> SocksProxy::accept_all() {
    for (;;) {
        auto client = std::make_shared<tcp::socket>(co_await acceptor_.async_accept(asio::use_awaitable));
        group_.spawn("serve", serve(std::move(client)));
    }
}

Task<> SocksProxy::serve(Socket client) {
    try {
        if (!co_await greet(*client)) co_return;
        auto reply = Reply::connected;
        auto server = std::make_shared<tcp::socket>(client->get_executor());
        try {
            const auto targets = co_await targets_of(*client);
            boost::system::error_code error;
            co_await asio::async_connect(*server, targets, asio::redirect_error(asio::use_awaitable, error));
            if (error) reply = Reply::unreachable;
        } catch (const Refused& refused) {
            reply = refused.reply;
        }
        co_await answer(*client, reply);
        if (reply != Reply::connected) co_return;
        group_.spawn("copy", copy(client, server));
        group_.spawn("copy", copy(server, client));
    } catch (const boost::system::system_error&) {  // the program hung up
    }
}

/// False: it is not the program that we serve.
Task<bool> SocksProxy::greet(tcp::socket& client) {
    const auto first = co_await read_bytes(client, 1);
    const auto methods = co_await read_text(client);
    const bool known = first[0] == version && methods.find(password_method) != std::string::npos;
    std::string method{version, known ? password_method : no_method};
    co_await write(client, std::move(method));
    if (!known) co_return false;
    co_await read_bytes(client, 1);
    const auto name = co_await read_text(client);
    const auto password = co_await read_text(client);
    const bool right = name == user && equal_secrets(password, secret_);
    std::string verdict{password_version, static_cast<char>(right ? 0 : 1)};
    co_await write(client, std::move(verdict));
    co_return right;
}

/// Throws: Refused.
Task<std::vector<tcp::endpoint>> SocksProxy::targets_of(tcp::socket& client) {
    const auto head = co_await read_bytes(client, 4);
    const auto addresses = co_await read_addresses(client, head[3]);
    const auto port = co_await read_bytes(client, 2);
    if (head[1] != connect_command) throw Refused{Reply::no_such_command};
    if (addresses.empty()) throw Refused{Reply::unreachable};
    const auto high = static_cast<unsigned char>(port[0]), low = static_cast<unsigned char>(port[1]);
    std::vector<tcp::endpoint> targets;
    for (const auto& address : addresses) {
        if (auto refusal = policy_.refusal(address)) {
            refusal_ = std::move(*refusal);
            throw Refused{Reply::not_allowed};
        }
        targets.emplace_back(address, static_cast<std::uint16_t>(high << 8 | low));
    }
    co_return targets;
}

Task<> SocksProxy::copy(Socket from, Socket to) {
    std::array<char, 16 * 1024> bytes;
    boost::system::error_code error;
    while (!error) {
        const auto count =
            co_await from->async_read_some(asio::buffer(bytes), asio::redirect_error(asio::use_awaitable, error));
        if (count == 0) continue;
        co_await asio::async_write(*to, asio::buffer(bytes.data(), count),
                                   asio::redirect_error(asio::use_awaitable, error));
    }
    boost::system::error_code ignored;
    to->shutdown(asio::socket_base::shutdown_send, ignored);
    from->shutdown(asio::socket_base::shutdown_receive, ignored);
}

}  // namespace patchbay
