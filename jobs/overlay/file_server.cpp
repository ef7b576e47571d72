// SPDX-License-Identifier: Apache-2.0
#include "jobs/overlay/file_server.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>
#include <fstream>
#include <random>
#include <vector>

#include "core/deadline.hpp"
#include "core/equal_secrets.hpp"
#include "core/errors.hpp"

namespace patchbay {
namespace {

using asio::ip::tcp;

constexpr std::size_t longest_request = 8192;  // wget and curl send some hundred bytes
constexpr std::size_t piece_size = 64 * 1024;
constexpr auto patience = 60s;  // with a target that sends or takes nothing

/// 128 bits that nobody can guess.
std::string secret_name() {
    std::random_device random;
    std::string text;
    for (int i = 0; i < 32; ++i) text += "0123456789abcdef"[random() & 15U];
    return text;
}

std::string head(std::string_view status, std::uint64_t size) {
    return "HTTP/1.1 " + std::string{status} + "\r\nContent-Length: " + std::to_string(size) +
           "\r\nContent-Type: application/octet-stream\r\nConnection: close\r\n\r\n";
}

Task<> write(tcp::socket& socket, std::string bytes) {
    co_await asio::async_write(socket, asio::buffer(bytes), asio::use_awaitable);
}

/// A slow target may take its time for the whole, but not for a piece.
Task<> send(tcp::socket& socket, std::string bytes) {
    co_await with_deadline(Deadline::in(patience), "transfer of the overlay", write(socket, std::move(bytes)));
}

Task<std::string> receive_head(tcp::socket& socket) {
    std::string request;
    co_await asio::async_read_until(socket, asio::dynamic_buffer(request, longest_request), "\r\n\r\n",
                                    asio::use_awaitable);
    co_return request;
}

}  // namespace

FileServer::FileServer(asio::any_io_executor executor, std::filesystem::path file)
    : acceptor_{executor},
      group_{executor},
      file_{std::move(file)},
      path_{"/tmp/" + secret_name() + "/" + file_.filename().string()} {
    boost::system::error_code error;
    acceptor_.open(tcp::v4(), error);
    if (!error) acceptor_.bind(tcp::endpoint{tcp::v4(), 0}, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (error) throw InfrastructureError{"cannot serve '" + file_.string() + "' to the target: " + error.message()};
    port_ = acceptor_.local_endpoint().port();
    group_.spawn("accept", accept_all());
}

Task<> FileServer::stop() {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    group_.cancel();
    co_await group_.join();
}

Task<> FileServer::accept_all() {
    for (;;) {
        auto socket = co_await acceptor_.async_accept(asio::use_awaitable);
        group_.spawn("serve", serve(std::move(socket)));
    }
}

Task<> FileServer::serve(tcp::socket socket) {
    try {
        co_await answer(socket);
    } catch (const boost::system::system_error&) {  // the target went away; it may come again
    } catch (const TimedOut&) {
    }
}

Task<> FileServer::answer(tcp::socket& socket) {
    const auto request =
        co_await with_deadline(Deadline::in(patience), "request for the overlay", receive_head(socket));
    const auto method = request.substr(0, request.find(' '));
    const auto rest = request.substr(std::min(method.size() + 1, request.size()));
    const bool whole = method == "GET";
    if (!equal_secrets(rest.substr(0, rest.find(' ')), path_) || (!whole && method != "HEAD")) {
        co_await send(socket, head("404 Not Found", 0));
        co_return;
    }
    std::ifstream stream{file_, std::ios::binary};
    auto left = std::filesystem::file_size(file_);
    co_await send(socket, head("200 OK", left));
    if (!whole) co_return;
    while (left > 0) {
        std::string piece(std::min<std::uint64_t>(left, piece_size), '\0');
        if (!stream.read(piece.data(), static_cast<std::streamsize>(piece.size()))) co_return;
        left -= piece.size();
        co_await send(socket, std::move(piece));
    }
    delivered_ = true;
}

}  // namespace patchbay
