// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/lab_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cctype>
#include <stdexcept>

namespace patchbay::cli {
namespace {

int listen_on(int port, int& chosen) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    if (::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || ::listen(fd, 16) != 0)
        throw std::runtime_error{"the test's server cannot listen"};
    socklen_t size = sizeof address;
    ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
    chosen = ntohs(address.sin_port);
    return fd;
}

bool read_request(int fd, LabRequest& request) {
    std::string text;
    char buffer[65536];
    std::size_t head = std::string::npos;
    while ((head = text.find("\r\n\r\n")) == std::string::npos) {
        const auto got = ::recv(fd, buffer, sizeof buffer, 0);
        if (got <= 0) return false;
        text.append(buffer, static_cast<std::size_t>(got));
    }
    const auto first = text.substr(0, text.find("\r\n"));
    const auto target = first.substr(first.find(' ') + 1, first.rfind(' ') - first.find(' ') - 1);
    const auto mark = target.find('?');
    request.method = first.substr(0, first.find(' '));
    request.path = target.substr(0, mark);
    request.query = mark == std::string::npos ? "" : target.substr(mark + 1);
    for (auto at = first.size() + 2; at < head;) {
        const auto end = text.find("\r\n", at);
        const auto line = text.substr(at, end - at);
        const auto colon = line.find(':');
        auto name = line.substr(0, colon);
        for (auto& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        request.headers[name] = line.substr(line.find_first_not_of(' ', colon + 1));
        at = end + 2;
    }
    request.body = text.substr(head + 4);
    const auto length = request.headers.contains("content-length") ? std::stoul(request.headers["content-length"]) : 0;
    while (request.body.size() < length) {
        const auto got = ::recv(fd, buffer, sizeof buffer, 0);
        if (got <= 0) return false;
        request.body.append(buffer, static_cast<std::size_t>(got));
    }
    return true;
}

}  // namespace

std::string LabRequest::parameter(const std::string& name) const {
    std::string_view rest{query};
    while (!rest.empty()) {
        const auto end = rest.find('&');
        const auto part = rest.substr(0, end);
        if (part.starts_with(name + "=")) return std::string{part.substr(name.size() + 1)};
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
    return {};
}

void LabConnection::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return;  // the client had enough
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

void LabConnection::answer(int status, std::string_view body) {
    send("HTTP/1.1 " + std::to_string(status) +
         " x\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string{body});
}

void LabConnection::start_events() {
    send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/event-stream\r\n\r\n");
}

void LabConnection::event(std::string_view name, std::string_view id, std::string_view data) {
    std::string text = "event: " + std::string{name} + "\n";
    if (!id.empty()) text += "id: " + std::string{id} + "\n";
    send(text + "data: " + std::string{data} + "\n\n");
}

void LabConnection::wait_for_close() {
    char byte = 0;
    while (::recv(fd_, &byte, 1, 0) > 0) continue;
}

LabServer::LabServer(Handler handler) : handler_{std::move(handler)} { start(); }
LabServer::~LabServer() { stop(); }

void LabServer::start() {
    listener_ = listen_on(port_, port_);
    thread_ = std::thread{[this] { serve(); }};
}

void LabServer::stop() {
    if (listener_ < 0) return;
    ::shutdown(listener_, SHUT_RDWR);  // accept() returns
    thread_.join();
    ::close(listener_);
    listener_ = -1;
}

void LabServer::serve() {
    for (;;) {
        const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (fd < 0) return;
        LabRequest request;
        if (read_request(fd, request)) {
            {
                const std::lock_guard lock{mutex_};
                requests_.push_back(request);
            }
            LabConnection connection{fd};
            handler_(request, connection);
        }
        ::shutdown(fd, SHUT_WR);
        ::close(fd);
    }
}

std::vector<LabRequest> LabServer::requests() const {
    const std::lock_guard lock{mutex_};
    return requests_;
}

std::string unreachable_url() {
    int port = 0;
    ::close(listen_on(0, port));
    return "http://127.0.0.1:" + std::to_string(port);
}

}  // namespace patchbay::cli
