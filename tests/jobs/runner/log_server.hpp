// SPDX-License-Identifier: Apache-2.0
#pragma once
// The part of a LAVA server that takes logs: a real HTTP server on this host, on a thread of its own.

#include <sys/socket.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace patchbay {

inline std::string form_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size()) {
            out += static_cast<char>(std::stoi(std::string{text.substr(i + 1, 2)}, nullptr, 16));
            i += 2;
        } else {
            out += text[i] == '+' ? ' ' : text[i];
        }
    }
    return out;
}

class LogServer {
public:
    struct Call {
        std::string head;                ///< request line and headers
        std::vector<std::string> lines;  ///< of the form, without "- "
        std::size_t index = 0;           ///< of the form
    };
    struct Reply {
        int status = 200;
        std::string body;
    };

    LogServer() : acceptor_{io_, {boost::asio::ip::address_v4::loopback(), 0}}, thread_{[this] { serve(); }} {}
    ~LogServer() {
        stopping_ = true;
        ::shutdown(acceptor_.native_handle(), SHUT_RDWR);
        thread_.join();
    }

    std::string url() const { return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()); }

    /// Asked on the server's thread before a call is taken; a status other than 200 refuses it. Set it before the first
    /// call comes.
    std::function<Reply(const Call&)> judge;
    /// Takes at most so many lines of each call; LAVA's server stops at the first that it cannot read.
    std::size_t takes = 1000000;

    std::vector<std::string> stored() const {
        const std::lock_guard lock{mutex_};
        return stored_;
    }
    std::vector<Call> calls() const {
        const std::lock_guard lock{mutex_};
        return calls_;
    }

private:
    Reply answer(Call call) {
        auto reply = judge ? judge(call) : Reply{};
        const std::lock_guard lock{mutex_};
        if (reply.status == 200 && reply.body.empty()) {
            // What was stored already and comes again is not stored twice.
            std::size_t count = 0;
            for (; count < call.lines.size() && count < takes; ++count) {
                if (call.index + count == stored_.size()) stored_.push_back(call.lines[count]);
            }
            reply.body = "{\"line_count\": " + std::to_string(count) + "}";
        }
        calls_.push_back(std::move(call));
        return reply;
    }

    static Call read_form(std::string head, const std::string& body) {
        Call call;
        call.head = std::move(head);
        const auto middle = body.rfind("&index=");
        call.index = std::stoul(body.substr(middle + 7));
        const auto text = form_decoded(std::string_view{body}.substr(6, middle - 6));  // behind "lines="
        for (std::size_t at = 0; at < text.size();) {
            const auto end = std::min(text.find('\n', at), text.size());
            call.lines.push_back(text.substr(at + 2, end - at - 2));
            at = end + 1;
        }
        return call;
    }

    void serve_one(boost::asio::ip::tcp::socket socket) {
        std::string bytes;
        boost::system::error_code error;
        const auto size = boost::asio::read_until(socket, boost::asio::dynamic_buffer(bytes), "\r\n\r\n", error);
        if (error) return;
        const auto length_at = bytes.find("Content-Length: ");
        const auto length = std::stoul(bytes.substr(length_at + 16));
        if (bytes.size() < size + length) {
            boost::asio::read(socket, boost::asio::dynamic_buffer(bytes),
                              boost::asio::transfer_exactly(size + length - bytes.size()), error);
        }
        if (error) return;
        const auto reply = answer(read_form(bytes.substr(0, size), bytes.substr(size)));
        const auto text = "HTTP/1.1 " + std::to_string(reply.status) +
                          " Said\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: " +
                          std::to_string(reply.body.size()) + "\r\n\r\n" + reply.body;
        boost::asio::write(socket, boost::asio::buffer(text), error);
    }

    void serve() {
        while (!stopping_) {
            boost::asio::ip::tcp::socket socket{io_};
            boost::system::error_code error;
            acceptor_.accept(socket, error);
            if (!error) serve_one(std::move(socket));
        }
    }

    boost::asio::io_context io_;
    boost::asio::ip::tcp::acceptor acceptor_;
    std::atomic<bool> stopping_{false};
    mutable std::mutex mutex_;
    std::vector<std::string> stored_;
    std::vector<Call> calls_;
    std::thread thread_;
};

}  // namespace patchbay
