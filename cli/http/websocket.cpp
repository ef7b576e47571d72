// SPDX-License-Identifier: Apache-2.0
#include "cli/http/websocket.hpp"

#include <curl/curl.h>
#include <poll.h>

#include <random>

#include "cli/http/lab.hpp"
#include "cli/interrupt.hpp"
#include "core/config/base64.hpp"
#include "core/text.hpp"

namespace patchbay::cli {
namespace {

constexpr int upgrade_patience = 10'000;  // ms
constexpr int look_again = 100;           // ms

int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    const auto& give_up = *static_cast<const WebSocketClient::GiveUp*>(user);
    return interrupted() || (give_up && give_up()) ? 1 : 0;
}

std::string random_bytes(std::size_t count) {
    std::random_device device;
    std::string bytes;
    for (std::size_t i = 0; i < count; ++i) bytes += static_cast<char>(device() & 0xFF);
    return bytes;
}

std::string host_of(const std::string& server) {
    const auto start = server.find("://");
    const auto host = start == std::string::npos ? server : server.substr(start + 3);
    return host.substr(0, host.find('/'));
}

/// Behind the scheme and the host; "" for most servers.
std::string base_of(const std::string& server) {
    const auto start = server.find("://");
    const auto slash = server.find('/', start == std::string::npos ? 0 : start + 3);
    return slash == std::string::npos ? "" : server.substr(slash);
}

std::size_t length_of(const std::string& head) {
    const auto at = lower_case(head).find("content-length:");
    if (at == std::string::npos) return 0;
    const auto begin = head.find_first_of("0123456789", at);
    const auto end = head.find_first_not_of("0123456789", begin);
    return static_cast<std::size_t>(whole_number(head.substr(begin, end - begin)).value_or(0));
}

}  // namespace

struct WebSocketClient::Handle {
    CURL* curl = curl_easy_init();
    ~Handle() { curl_easy_cleanup(curl); }

    curl_socket_t socket() const {
        curl_socket_t value = CURL_SOCKET_BAD;
        curl_easy_getinfo(curl, CURLINFO_ACTIVESOCKET, &value);
        return value;
    }
    void wait(short events, int milliseconds) const {
        pollfd one{socket(), events, 0};
        ::poll(&one, 1, milliseconds);
    }
};

WebSocketClient::WebSocketClient(const std::string& server, const std::string& token, const std::string& path,
                                 const std::string& what, GiveUp give_up)
    : server_{server}, give_up_{std::move(give_up)}, handle_{std::make_unique<Handle>()} {
    if (!handle_->curl) throw UserError{"libcurl: cannot start"};
    auto* curl = handle_->curl;
    prepare_connection(curl, server_);
    curl_easy_setopt(curl, CURLOPT_URL, server_.c_str());
    curl_easy_setopt(curl, CURLOPT_CONNECT_ONLY, 1L);
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &give_up_);
    const auto code = curl_easy_perform(curl);
    if (interrupted()) throw Interrupted{};
    if (code != CURLE_OK) lost(curl_easy_strerror(code));
    upgrade(token, base_of(server_) + path, what);
}

WebSocketClient::~WebSocketClient() = default;

void WebSocketClient::lost(const std::string& why) const {
    throw ConnectionError{"cannot reach " + server_ + ": " + why};
}

void WebSocketClient::upgrade(const std::string& token, const std::string& path, const std::string& what) {
    std::string request = "GET " + path + " HTTP/1.1\r\nHost: " + host_of(server_) +
                          "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                          "Sec-WebSocket-Key: " +
                          config::encode_base64(random_bytes(16)) + "\r\nUser-Agent: patchbay/" PATCHBAY_VERSION "\r\n";
    if (!token.empty()) request += "Authorization: Token " + token + "\r\n";
    write(request + "\r\n");
    std::string answer;
    std::size_t end = 0;
    while ((end = answer.find("\r\n\r\n")) == std::string::npos) {
        const auto more = receive_patiently();
        if (more.empty()) lost("it does not answer");
        answer += more;
    }
    const auto head = answer.substr(0, end);
    auto rest = answer.substr(end + 4);
    const auto status = head.size() > 12 ? whole_number(head.substr(9, 3)).value_or(0) : 0;
    if (status == 101) return frames_.feed(rest);
    while (rest.size() < length_of(head)) {
        const auto more = receive_patiently();
        if (more.empty()) break;
        rest += more;
    }
    expect_success({static_cast<long>(status), rest}, what, server_);
    throw UserError{what + ": " + server_ + " shows no console; is it a patchbayd of this version?"};
}

std::string WebSocketClient::receive_patiently() {
    for (int waited = 0; waited < upgrade_patience; waited += look_again) {
        handle_->wait(POLLIN, look_again);
        if (interrupted()) throw Interrupted{};
        if (auto bytes = receive(); !bytes.empty()) return bytes;
        if (give_up_ && give_up_()) break;
    }
    return {};
}

std::string WebSocketClient::receive() {
    char bytes[16 * 1024];
    std::size_t size = 0;
    const auto code = curl_easy_recv(handle_->curl, bytes, sizeof bytes, &size);
    if (code == CURLE_AGAIN) return {};
    if (code != CURLE_OK || size == 0) lost("the connection is lost");
    return {bytes, size};
}

void WebSocketClient::write(std::string_view bytes) {
    while (!bytes.empty()) {
        std::size_t sent = 0;
        const auto code = curl_easy_send(handle_->curl, bytes.data(), bytes.size(), &sent);
        if (code == CURLE_AGAIN) {
            handle_->wait(POLLOUT, upgrade_patience);
            continue;
        }
        if (code != CURLE_OK) lost("the connection is lost");
        bytes.remove_prefix(sent);
    }
}

int WebSocketClient::descriptor() const { return static_cast<int>(handle_->socket()); }

void WebSocketClient::send(std::string_view text) {
    std::random_device random;
    write(encode_frame(Opcode::text, text, random()));
}

std::vector<std::string> WebSocketClient::read() {
    for (auto bytes = receive(); !bytes.empty(); bytes = receive()) frames_.feed(bytes);
    std::vector<std::string> texts;
    try {
        while (auto message = frames_.next()) {
            if (message->opcode == Opcode::text) texts.push_back(std::move(message->payload));
            if (message->opcode == Opcode::ping) {
                std::random_device random;
                write(encode_frame(Opcode::pong, message->payload, random()));
            }
            if (message->opcode != Opcode::close) continue;
            closed_ = true;
            if (message->payload.size() > 2) reason_ = message->payload.substr(2);
            return texts;
        }
    } catch (const ConnectionError&) {
        throw;
    } catch (const std::runtime_error& error) {
        lost(error.what());
    }
    return texts;
}

}  // namespace patchbay::cli
