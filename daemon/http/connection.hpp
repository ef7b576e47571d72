// SPDX-License-Identifier: Apache-2.0
#pragma once
// One client: reads requests, one after the other, and writes their answers in the same order.

#include <boost/asio/thread_pool.hpp>
#include <memory>
#include <optional>
#include <string>

#include "core/clock.hpp"
#include "core/task.hpp"
#include "daemon/http/client_stream.hpp"
#include "daemon/http/request_reader.hpp"
#include "daemon/http/response_head.hpp"
#include "daemon/http/server.hpp"
#include "daemon/http/websocket_session.hpp"

namespace patchbay {

class Connection {
public:
    /// What all connections of a server share.
    struct Shared {
        BodyBudget bodies, answers;
        asio::thread_pool& handshakes;  ///< the thread that greets, see ClientStream::handshake()
    };
    /// `limits`, `handler` and `shared` must outlive it.
    Connection(std::shared_ptr<ClientStream> stream, std::string peer, const HttpLimits& limits,
               const HttpHandler& handler, const BodyRule& rule, Shared& shared);

    /// Done when: the connection is closed.
    Task<> run();
    /// Ends it: at once when it waits for a request or streams, else after the answer under way.
    void stop();
    /// Ends what has taken longer than its limit. Called by the server now and then: a timer for each read would cost
    /// more than the read.
    void check_deadline(Clock::time_point now);

    /// Who makes room for others first.
    enum class Use {
        idle,      ///< between two requests
        arriving,  ///< in a greeting, a header or a body that is not known to be a user's
        watching,  ///< a stream that is not known to be a user's
        served,    ///< or soon gone
    };
    Use use() const;
    /// Since when it waits for a request, or for the rest of one.
    Clock::time_point since() const { return since_; }
    /// When what it does now will have taken too long.
    Clock::time_point deadline() const { return websocket_ ? websocket_->deadline() : deadline_; }
    /// Ends one that is not served; its client gets no answer.
    void drop();

    const std::string& peer() const { return peer_; }

private:
    class Chunks;

    Task<> handshake();
    Task<bool> read_request();
    Task<bool> answer(Request request);
    void bound_memory(Response& response);
    Task<> refuse(HttpError error);
    Task<> write(std::string head, const std::string& body);
    Task<bool> write_stream(const Response& response, const Request& request);
    Task<> serve_websocket(const Response& response, const Request& request);
    static Task<> wait_until_gone(ClientStream& stream);
    Task<> linger();
    void allow(Clock::duration duration) { deadline_ = Clock::now() + duration; }
    bool is_idle() const { return phase_ == Phase::reading && reader_.state() == RequestReader::State::idle; }
    void allow_forever() { deadline_ = Clock::time_point::max(); }

    std::shared_ptr<ClientStream> stream_;
    std::string peer_;
    const HttpLimits& limits_;
    const HttpHandler& handler_;
    RequestReader reader_;
    BodyBudget::Share body_, answer_;
    asio::thread_pool& handshakes_;
    Clock::time_point since_ = Clock::now();
    std::optional<WebSocketSession> websocket_;
    Clock::time_point deadline_ = Clock::time_point::max();
    bool timed_out_ = false;
    bool of_user_ = false;  // what is answered
    bool stopping_ = false;
    enum class Phase { greeting, reading, answering, streaming } phase_ = Phase::reading;
};

}  // namespace patchbay
