// SPDX-License-Identifier: Apache-2.0
#include <boost/asio/io_context.hpp>
#include <boost/asio/write.hpp>
#include <cstdio>

#include "tests/bench/crowd.hpp"

namespace patchbay::bench {

namespace asio = boost::asio;

std::optional<std::chrono::system_clock::time_point> time_in(std::string_view line) {
    constexpr std::string_view key = "\"dt\": \"";
    const auto found = line.find(key);
    if (found == line.npos) return std::nullopt;
    const std::string text{line.substr(found + key.size(), 26)};
    int year = 0, hour = 0, minute = 0, second = 0;
    unsigned month = 0, day = 0;
    long micros = 0;
    if (std::sscanf(text.c_str(), "%4d-%2u-%2uT%2d:%2d:%2d.%6ld", &year, &month, &day, &hour, &minute, &second,
                    &micros) != 7)
        return std::nullopt;
    using namespace std::chrono;
    const sys_days date{std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{day}};
    return time_point_cast<system_clock::duration>(date + hours{hour} + minutes{minute} + seconds{second} +
                                                   microseconds{micros});
}

void Client::start(asio::ip::address_v4 from, asio::ip::tcp::endpoint server, OnData on_data) {
    on_data_ = std::move(on_data);
    boost::system::error_code error;
    socket_.open(asio::ip::tcp::v4(), error);
    if (!error) socket_.bind({from, 0}, error);
    if (failed(error, "bind")) return;
    socket_.async_connect(server, [this](boost::system::error_code refused) {
        if (failed(refused, "connect")) return;
        open_ = true;
        send();
    });
}

void Client::send() {
    asio::async_write(socket_, asio::buffer(request_), [this](boost::system::error_code error, std::size_t) {
        if (!failed(error, "write")) receive();
    });
}

bool Client::failed(const boost::system::error_code& error, const char* what) {
    if (error) failure_ = std::string{what} + ": " + error.message();
    return static_cast<bool>(error);
}

void Client::receive() {
    socket_.async_read_some(asio::buffer(buffer_), [this](boost::system::error_code error, std::size_t count) {
        const auto data = std::string_view{buffer_}.substr(0, error ? 0 : count);
        if (!answered_ && !data.starts_with("HTTP/1.1 200")) failure_ = "no answer: " + std::string{data.substr(0, 40)};
        answered_ = true;
        if (error) {
            open_ = false;
            return;
        }
        on_data_(data);
        receive();
    });
}

void FollowedLines::take(std::string_view data) {
    const auto now = std::chrono::system_clock::now();
    rest_ += data;
    std::size_t begin = 0;
    for (auto end = rest_.find('\n'); end != rest_.npos; end = rest_.find('\n', begin)) {
        const auto line = std::string_view{rest_}.substr(begin, end - begin);
        begin = end + 1;
        if (line.find("console line") == line.npos) continue;
        ++lines_;
        const auto printed = counting_ ? time_in(line) : std::nullopt;
        if (printed) ages_.push_back(std::chrono::duration_cast<std::chrono::microseconds>(now - *printed).count());
    }
    rest_.erase(0, begin);
}

}  // namespace patchbay::bench
