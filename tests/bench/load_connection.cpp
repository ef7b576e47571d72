// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/load_connection.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/write.hpp>
#include <charconv>
#include <string_view>

namespace patchbay::bench {

namespace asio = boost::asio;

LoadConnection::LoadConnection(asio::io_context& io, asio::ip::tcp::endpoint server, const std::string& request,
                               Tally& tally)
    : socket_{io}, server_{std::move(server)}, request_{request}, tally_{tally}, buffer_(65536, '\0') {}

void LoadConnection::start() {
    socket_.async_connect(server_, [this](boost::system::error_code error) {
        if (error) return fail("connect: " + error.message());
        socket_.set_option(asio::ip::tcp::no_delay{true});
        send();
    });
}

void LoadConnection::send() {
    if (tally_.stopped) return;
    sent_ = std::chrono::steady_clock::now();
    asio::async_write(socket_, asio::buffer(request_), [this](boost::system::error_code error, std::size_t) {
        if (error) return fail("write: " + error.message());
        receive();
    });
}

void LoadConnection::receive() {
    if (filled_ == buffer_.size()) buffer_.resize(buffer_.size() * 2);
    auto room = asio::buffer(buffer_.data() + filled_, buffer_.size() - filled_);
    socket_.async_read_some(room, [this](boost::system::error_code error, std::size_t count) {
        if (error) return fail("read: " + error.message());
        filled_ += count;
        const auto size = complete_answer();
        if (size == 0) return receive();
        if (tally_.counting) {
            const auto took = std::chrono::steady_clock::now() - sent_;
            tally_.latencies.push_back(
                static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::microseconds>(took).count()));
            tally_.bytes += size;
            ++tally_.answers;
            if (buffer_.compare(9, 1, "2") != 0) {
                ++tally_.failures;
                if (tally_.first_failure.empty())
                    tally_.first_failure = buffer_.substr(0, std::min<std::size_t>(size, 600));
            }
        }
        filled_ -= size;
        if (filled_ != 0) buffer_.erase(0, size).append(size, '\0');
        send();
    });
}

std::size_t LoadConnection::complete_answer() const {
    const std::string_view text{buffer_.data(), filled_};
    const auto head = text.find("\r\n\r\n");
    if (head == text.npos) return 0;
    constexpr std::string_view key = "content-length:";
    const auto headers = text.substr(0, head + 2);
    const auto same = [](char a, char b) { return (a | 0x20) == (b | 0x20); };
    const auto found = std::search(headers.begin(), headers.end(), key.begin(), key.end(), same);
    if (found == headers.end()) {  // chunked: the last chunk is empty
        return text.ends_with("\r\n0\r\n\r\n") ? text.size() : 0;
    }
    auto digits = headers.substr(static_cast<std::size_t>(found - headers.begin()) + key.size());
    digits.remove_prefix(std::min(digits.find_first_not_of(' '), digits.size()));
    std::size_t length = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), length);
    const auto size = head + 4 + length;
    return filled_ >= size ? size : 0;
}

void LoadConnection::fail(std::string text) {
    if (tally_.stopped) return;
    ++tally_.failures;
    if (tally_.first_failure.empty()) tally_.first_failure = std::move(text);
}

}  // namespace patchbay::bench
