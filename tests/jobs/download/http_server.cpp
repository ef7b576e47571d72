// SPDX-License-Identifier: Apache-2.0
#include "tests/jobs/download/http_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <sstream>
#include <stdexcept>

namespace patchbay::testing {
namespace {

void check(int result, const char* what) {
    if (result < 0) throw std::runtime_error{std::string{"test server: "} + what};
}

SeenRequest parse(const std::string& head) {
    std::istringstream lines{head};
    SeenRequest request;
    lines >> request.method >> request.path;
    std::string line;
    std::getline(lines, line);
    while (std::getline(lines, line) && line != "\r") {
        const auto colon = line.find(": ");
        if (colon == std::string::npos) continue;
        auto name = line.substr(0, colon);
        std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
        request.headers[name] = line.substr(colon + 2, line.size() - colon - 3);
    }
    return request;
}

}  // namespace

HttpServer::HttpServer() {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    check(listener_, "socket");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    check(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address), "bind");
    socklen_t length = sizeof address;
    check(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length), "getsockname");
    port_ = ntohs(address.sin_port);
    check(::listen(listener_, 64), "listen");
    accepter_ = std::thread{[this] { accept_all(); }};
}

HttpServer::~HttpServer() {
    ::shutdown(listener_, SHUT_RDWR);
    accepter_.join();
    ::close(listener_);
    for (auto& connection : connections_) connection.join();
}

void HttpServer::on(const std::string& path, Answer answer) {
    const std::lock_guard lock{mutex_};
    answers_[path] = std::move(answer);
}

void HttpServer::file(const std::string& path, const std::string& body, const std::string& headers) {
    on(path, [body, headers](const SeenRequest& request) {
        const auto known = request.headers.find("if-none-match");
        if (known != request.headers.end() && headers.find("ETag: " + known->second) != std::string::npos) {
            return reply(304, "", headers);
        }
        auto whole = reply(200, body, headers);
        if (request.method == "HEAD") whole.resize(whole.size() - body.size());
        return whole;
    });
}

std::vector<SeenRequest> HttpServer::seen() const {
    const std::lock_guard lock{mutex_};
    return seen_;
}

std::vector<std::string> HttpServer::lines() const {
    std::vector<std::string> lines;
    for (const auto& request : seen()) lines.push_back(request.method + " " + request.path);
    return lines;
}

void HttpServer::accept_all() {
    for (;;) {
        const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (connection < 0) return;
        connections_.emplace_back([this, connection] { serve(connection); });
    }
}

void HttpServer::serve(int connection) {
    std::string head;
    char buffer[4096];
    while (head.find("\r\n\r\n") == std::string::npos) {
        const auto n = ::recv(connection, buffer, sizeof buffer, 0);
        if (n <= 0) break;
        head.append(buffer, static_cast<std::size_t>(n));
    }
    if (!head.empty()) {
        const auto request = parse(head);
        Answer answer = [](const SeenRequest&) { return reply(404, "there is nothing here"); };
        {
            const std::lock_guard lock{mutex_};
            seen_.push_back(request);
            if (const auto known = answers_.find(request.path); known != answers_.end()) answer = known->second;
        }
        const auto text = answer(request);
        for (std::size_t sent = 0; sent < text.size();) {
            const auto n = ::send(connection, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
            if (n <= 0) break;
            sent += static_cast<std::size_t>(n);
        }
    }
    ::shutdown(connection, SHUT_WR);
    // What the client still sends is read: closing over it would reset the connection and lose our answer.
    while (::recv(connection, buffer, sizeof buffer, 0) > 0) {
    }
    ::close(connection);
}

std::string reply(int status, const std::string& body, const std::string& headers) {
    return "HTTP/1.1 " + std::to_string(status) + " Status\r\nConnection: close\r\n" +
           (status == 304 ? std::string{} : "Content-Length: " + std::to_string(body.size()) + "\r\n") + headers +
           "\r\n" + body;
}

}  // namespace patchbay::testing
