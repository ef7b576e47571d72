// SPDX-License-Identifier: Apache-2.0
#include "tests/daemon/http/http_client.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace patchbay {
namespace {

void limit_waiting(int socket) {
    const timeval limit{60, 0};
    ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

std::string lower(std::string text) {
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
}

}  // namespace

HttpClient::HttpClient(std::uint16_t port) : socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    limit_waiting(socket_);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
        throw std::runtime_error{std::string{"connect: "} + std::strerror(errno)};
    }
}

HttpClient::HttpClient(const std::string& unix_socket) : socket_{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, unix_socket.c_str(), sizeof address.sun_path - 1);
    limit_waiting(socket_);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
        throw std::runtime_error{std::string{"connect: "} + std::strerror(errno)};
    }
}

HttpClient::~HttpClient() { close(); }

bool HttpClient::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

bool HttpClient::fill() {
    std::array<char, 65536> bytes;
    const auto count = ::recv(socket_, bytes.data(), bytes.size(), 0);
    if (count <= 0) return false;
    buffer_.append(bytes.data(), static_cast<std::size_t>(count));
    return true;
}

std::string HttpClient::read_some() {
    if (buffer_.empty()) fill();
    return std::exchange(buffer_, {});
}

std::string HttpClient::read_until(std::string_view text) {
    std::size_t found;
    while ((found = buffer_.find(text)) == std::string::npos) {
        if (!fill()) return std::exchange(buffer_, {});
    }
    const auto out = buffer_.substr(0, found + text.size());
    buffer_.erase(0, found + text.size());
    return out;
}

bool HttpClient::answers_within(std::chrono::milliseconds time) const {
    pollfd waiting{socket_, POLLIN, 0};
    return ::poll(&waiting, 1, static_cast<int>(time.count())) == 1;
}

bool HttpClient::at_end() { return buffer_.empty() && !fill() && buffer_.empty(); }

Answer HttpClient::read(bool head) {
    Answer answer;
    auto text = read_until("\r\n\r\n");
    if (!text.ends_with("\r\n\r\n")) return answer;
    answer.version = text.substr(0, 8);
    answer.status = std::stoi(text.substr(9, 3));
    for (auto at = text.find("\r\n") + 2; at + 2 < text.size();) {
        const auto end = text.find("\r\n", at);
        const auto line = text.substr(at, end - at);
        const auto colon = line.find(": ");
        answer.headers[lower(line.substr(0, colon))] = colon == std::string::npos ? "" : line.substr(colon + 2);
        at = end + 2;
    }
    if (head || answer.status == 204 || answer.status < 200) {
        answer.complete = true;
    } else if (answer.headers.contains("transfer-encoding")) {
        for (;;) {
            const auto line = read_until("\r\n");
            if (!line.ends_with("\r\n")) return answer;
            const auto size = std::stoul(line, nullptr, 16);
            while (buffer_.size() < size + 2) {
                if (!fill()) return answer;
            }
            answer.body += buffer_.substr(0, size);
            buffer_.erase(0, size + 2);
            if (size == 0) break;
        }
        answer.complete = true;
    } else if (const auto length = answer.headers.find("content-length"); length != answer.headers.end()) {
        const auto size = std::stoul(length->second);
        while (buffer_.size() < size && fill()) {
        }
        answer.complete = buffer_.size() >= size;
        answer.body = buffer_.substr(0, size);
        buffer_.erase(0, size);
    } else {
        while (fill()) {
        }
        answer.body = std::exchange(buffer_, {});
        answer.complete = true;
    }
    return answer;
}

void HttpClient::close_sending() { ::shutdown(socket_, SHUT_WR); }

void HttpClient::close() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
}

Answer ask(std::uint16_t port, std::string_view request) {
    HttpClient client{port};
    client.send(request);
    return client.read(request.starts_with("HEAD "));
}

std::string request_text(std::string_view method, std::string_view target, std::string_view headers,
                         std::string_view body) {
    std::string text{method};
    text += ' ';
    text += target;
    text += " HTTP/1.1\r\nHost: lab.example\r\nConnection: close\r\n";
    text += headers;
    if (!body.empty() || method == "POST") text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    text += "\r\n";
    text += body;
    return text;
}

}  // namespace patchbay
