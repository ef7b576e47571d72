// SPDX-License-Identifier: Apache-2.0
#pragma once
// Clients that do nothing, and clients that follow the log of one job: what they cost the daemon is measured elsewhere.

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::bench {

/// From "dt" of a log event: "2026-11-25T19:20:30.123456". nullopt: the line has none.
std::optional<std::chrono::system_clock::time_point> time_in(std::string_view line);

/// Opens one connection, sends one request and reads what comes until the other side ends it.
class Client {
public:
    using OnData = std::function<void(std::string_view)>;
    Client(boost::asio::io_context& io, std::string request) : socket_{io}, request_{std::move(request)} {}

    /// `from`: the daemon bounds the connections of one address. `on_data` is called with each piece as it comes.
    void start(boost::asio::ip::address_v4 from, boost::asio::ip::tcp::endpoint server, OnData on_data);
    bool is_open() const { return open_; }
    const std::string& failure() const { return failure_; }

private:
    void send();
    void receive();
    bool failed(const boost::system::error_code& error, const char* what);

    boost::asio::ip::tcp::socket socket_;
    std::string request_;
    OnData on_data_;
    std::string buffer_ = std::string(8192, '\0');
    std::string failure_;
    bool open_ = false, answered_ = false;
};

/// Counts the lines of one follower and how old each is when it comes.
class FollowedLines {
public:
    /// `ages`: microseconds of all followers, filled only while `counting`.
    FollowedLines(std::vector<std::int64_t>& ages, const bool& counting) : ages_{ages}, counting_{counting} {}
    void take(std::string_view data);
    std::uint64_t lines() const { return lines_; }

private:
    std::vector<std::int64_t>& ages_;
    const bool& counting_;
    std::string rest_;
    std::uint64_t lines_ = 0;
};

}  // namespace patchbay::bench
