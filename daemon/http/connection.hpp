// SPDX-License-Identifier: Apache-2.0
#pragma once
// One client: reads requests, one after the other, and writes their answers in the same order.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <optional>
#include <string>

#include "core/clock.hpp"
#include "core/task.hpp"
#include "daemon/http/request_reader.hpp"
#include "daemon/http/response_head.hpp"
#include "daemon/http/server.hpp"

namespace patchbay {

class Connection {
public:
    using Socket = asio::generic::stream_protocol::socket;

    /// `limits`, `handler` and `budget` must outlive it.
    Connection(Socket socket, std::string peer, const HttpLimits& limits, const HttpHandler& handler,
               const BodyRule& rule, BodyBudget& budget);

    /// Done when: the connection is closed.
    Task<> run();
    /// Ends it: at once when it waits for a request or streams, else after the answer under way.
    void stop();
    /// Ends what has taken longer than its limit. Called by the server now and then: a timer for each read would cost
    /// more than the read.
    void check_deadline(Clock::time_point now);

    const std::string& peer() const { return peer_; }

private:
    class Chunks;

    Task<bool> read_request();
    Task<bool> answer(Request request);
    Task<> refuse(HttpError error);
    Task<> write(std::string head, const std::string& body);
    Task<bool> write_stream(const Response& response, const Request& request);
    static Task<> wait_until_gone(Socket& socket);
    Task<> linger();
    void allow(Clock::duration duration) { deadline_ = Clock::now() + duration; }
    void allow_forever() { deadline_ = Clock::time_point::max(); }

    Socket socket_;
    std::string peer_;
    const HttpLimits& limits_;
    const HttpHandler& handler_;
    RequestReader reader_;
    BodyBudget::Share body_;
    Clock::time_point deadline_ = Clock::time_point::max();
    bool timed_out_ = false;
    bool stopping_ = false;
    enum class Phase { reading, answering, streaming } phase_ = Phase::reading;
};

}  // namespace patchbay
