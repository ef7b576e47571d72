// SPDX-License-Identifier: Apache-2.0
#pragma once
// One keep-alive HTTP connection that sends the same request again and again. Callbacks instead of coroutines: the
// generator shares the machine with what it measures and has to be the cheaper of the two.

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace patchbay::bench {

struct Tally {
    std::uint64_t answers = 0;
    std::uint64_t failures = 0;  ///< other than 2xx, or the connection broke
    std::uint64_t bytes = 0;     ///< of answers, with headers
    std::string first_failure;
    std::vector<std::uint32_t> latencies;  ///< microseconds
    bool counting = false;
    bool stopped = false;
};

class LoadConnection {
public:
    LoadConnection(boost::asio::io_context& io, boost::asio::ip::tcp::endpoint server, const std::string& request,
                   Tally& tally);
    void start();

private:
    void send();
    void receive();
    /// Bytes of the answer that begins at the buffer's start, 0 while it is not complete.
    std::size_t complete_answer() const;
    void fail(std::string text);

    boost::asio::ip::tcp::socket socket_;
    boost::asio::ip::tcp::endpoint server_;
    const std::string& request_;
    Tally& tally_;
    std::string buffer_;
    std::size_t filled_ = 0;
    std::chrono::steady_clock::time_point sent_;
};

}  // namespace patchbay::bench
