// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/connection.hpp"

#include <spdlog/spdlog.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <ctime>
#include <utility>

#include "core/errors.hpp"

namespace patchbay {
namespace {

// Answers are written in pieces of this size, so that a slow client is told from one that has stopped reading.
constexpr std::size_t write_piece = 256 * 1024;
// What a refused client may still send before we hang up: without reading it the answer would be lost in a reset.
constexpr std::size_t linger_bytes = 64 * 1024 * 1024;
constexpr auto linger_time = 4s;

}  // namespace

/// Each write is one chunk; for HTTP/1.0 the plain bytes.
class Connection::Chunks final : public BodyWriter {
public:
    Chunks(Connection& connection, bool http10) : connection_{connection}, http10_{http10} {}

    Task<> write(std::string bytes) override {
        if (bytes.empty()) co_return;  // an empty chunk would end the body
        std::string size;
        if (!http10_) {
            std::array<char, 24> digits;
            const int count = std::snprintf(digits.data(), digits.size(), "%zx\r\n", bytes.size());
            size.assign(digits.data(), static_cast<std::size_t>(count));
            bytes += "\r\n";
        }
        co_await connection_.write(std::move(size), bytes);
        connection_.allow_forever();
    }

private:
    Connection& connection_;
    bool http10_;
};

Connection::Connection(std::shared_ptr<ClientStream> stream, std::string peer, const HttpLimits& limits,
                       const HttpHandler& handler, const BodyRule& rule, Shared& shared)
    : stream_{std::move(stream)},
      peer_{std::move(peer)},
      limits_{limits},
      handler_{handler},
      reader_{limits, peer_, rule, stream_->is_tls() ? Transport::tls : Transport::clear},
      body_{shared.bodies},
      answer_{shared.answers},
      handshakes_{shared.handshakes} {}

Task<> Connection::run() {
    if (stream_->is_tls()) co_await handshake();
    for (bool go_on = true; go_on;) {
        std::optional<HttpError> refusal;
        std::optional<Request> request;
        try {
            if (!co_await read_request()) break;
            request = reader_.take();
        } catch (const HttpError& error) {
            refusal = error;
        }
        if (refusal) {
            co_await refuse(*refusal);
            break;
        }
        go_on = co_await answer(std::move(*request));
        body_.release();
    }
    allow(linger_time);
    co_await stream_->close();
}

Task<> Connection::handshake() {
    phase_ = Phase::greeting;
    allow(limits_.handshake_time);
    co_await stream_->handshake(handshakes_);
    phase_ = Phase::reading;
    timed_out_ = false;
}

/// False: no further request comes.
Task<bool> Connection::read_request() {
    phase_ = Phase::reading;
    since_ = Clock::now();
    bool begun = false, header_started = false;
    std::optional<Clock::time_point> body_end;
    const auto allow_body = [&] {
        if (!body_end) body_end = Clock::now() + limits_.body_time;
        allow(limits_.body_idle);
        deadline_ = std::min(deadline_, *body_end);
    };
    for (;;) {
        const auto state = reader_.advance();
        if (!body_.grow_to(reader_.large_body_bytes(), reader_.body_right()))
            throw HttpError{503, "Too many large requests at once; try again later."};
        if (state == RequestReader::State::complete) break;
        if (state != RequestReader::State::idle && !std::exchange(begun, true)) since_ = Clock::now();
        if (state == RequestReader::State::idle) {
            if (stopping_) co_return false;
            allow(limits_.keep_alive);
        } else if (state == RequestReader::State::body) {
            allow_body();
        } else if (!header_started) {
            header_started = true;
            allow(limits_.header_time);
        }
        if (reader_.wants_continue()) {
            const std::string nothing;
            co_await write("HTTP/1.1 100 Continue\r\n\r\n", nothing);
            allow_body();
        }
        boost::system::error_code error;
        const auto bytes = co_await stream_->read_some(reader_.prepare(), error);
        if (error) {
            if (timed_out_ && state != RequestReader::State::idle) {
                throw HttpError{408, "The request did not arrive in time."};
            }
            co_return false;
        }
        reader_.commit(bytes);
    }
    allow_forever();  // the handler's time is its own
    co_return true;
}

/// False: this was the last answer of the connection.
Task<bool> Connection::answer(Request request) {
    phase_ = Phase::answering;
    Response response;
    std::exception_ptr failure;
    try {
        response = co_await handler_(request);
    } catch (...) {
        failure = std::current_exception();
    }
    if (failure) {
        if (is_cancellation(failure)) std::rethrow_exception(failure);
        spdlog::error("request handler failed path={} error={}", request.path, describe(failure));
        response = plain_error({500, "Internal server error."});
    }
    of_user_ = response.authenticated;
    if (response.websocket) {
        co_await serve_websocket(response, request);
        co_return false;
    }
    if (response.stream) co_return co_await write_stream(response, request);
    if (request.method != Method::head) bound_memory(response);

    Framing framing;
    framing.content_length = response.body.size();
    framing.keep_alive = reader_.keep_alive() && !stopping_;
    framing.http10 = reader_.is_http10();
    framing.now = std::time(nullptr);
    if (request.method == Method::head || response.status == 204 || response.status == 304) response.body.clear();
    co_await write(format_head(response, framing), response.body);
    answer_.release();
    co_return framing.keep_alive;
}

/// Who reads slowly may keep a large answer in our memory for an hour.
void Connection::bound_memory(Response& response) {
    if (response.body.size() <= limits_.small_body_bytes) return;
    const auto right = response.authenticated ? BodyRight::user : BodyRight::anyone;
    if (answer_.grow_to(answer_.bounded(response.body.size(), right), right)) return;
    response = plain_error({503, "Too many large answers are being read; try again later."});
}

Task<bool> Connection::write_stream(const Response& response, const Request& request) {
    Framing framing;
    framing.keep_alive = false;
    framing.http10 = reader_.is_http10();
    framing.now = std::time(nullptr);
    const std::string nothing;
    co_await write(format_head(response, framing), nothing);
    if (request.method == Method::head || stopping_) co_return false;

    phase_ = Phase::streaming;
    allow_forever();
    Chunks chunks{*this, framing.http10};
    auto executor = co_await asio::this_coro::executor;
    auto race =
        asio::experimental::make_parallel_group(asio::co_spawn(executor, response.stream(chunks), asio::deferred),
                                                asio::co_spawn(executor, wait_until_gone(*stream_), asio::deferred));
    auto done = co_await race.async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
    const auto& stream_failure = std::get<1>(done);
    phase_ = Phase::answering;
    if (stream_failure) {
        if (!is_cancellation(stream_failure)) {
            spdlog::debug("stream ended early path={} reason={}", request.path, describe(stream_failure));
        }
        co_return false;  // without the last chunk, so that the client knows
    }
    if (!framing.http10) co_await write("0\r\n\r\n", nothing);
    co_return false;
}

Task<> Connection::serve_websocket(const Response& response, const Request& request) {
    // A client has to wait for our answer; what it sent before would be lost.
    if (reader_.state() != RequestReader::State::idle || reader_.is_http10()) {
        HttpError error{400, "An upgrade is asked for by HTTP/1.1, and nothing may come behind it before its answer."};
        co_await refuse(std::move(error));
        co_return;
    }
    struct Ended {
        std::optional<WebSocketSession>& session;
        ~Ended() { session.reset(); }
    } ended{websocket_};
    stream_->limit_unsent(limits_.websocket_unsent);
    websocket_.emplace(*stream_, limits_);
    if (stopping_) websocket_->stop();
    std::exception_ptr failure;
    try {
        co_await websocket_->run(request, response.websocket, response.websocket_hears);
    } catch (...) {
        failure = std::current_exception();
    }
    if (!failure) co_return;
    if (is_cancellation(failure)) std::rethrow_exception(failure);
    spdlog::debug("websocket ended peer={} path={} reason={}", request.peer, request.path, describe(failure));
}

/// Ends when the client has closed its side; what it still sends has no meaning any more.
Task<> Connection::wait_until_gone(ClientStream& stream) {
    std::array<char, 512> scratch;
    boost::system::error_code error;
    while (!error) {
        co_await stream.read_some(asio::buffer(scratch), error);
    }
}

/// Throws when the client has gone or does not read.
Task<> Connection::write(std::string head, const std::string& body) {
    std::size_t sent = 0;
    do {
        const auto piece = std::min(write_piece, body.size() - sent);
        const std::array<asio::const_buffer, 2> buffers{asio::buffer(head), asio::buffer(body.data() + sent, piece)};
        allow(limits_.write_idle);
        co_await stream_->write(buffers);
        head.clear();
        sent += piece;
    } while (sent < body.size());
}

Task<> Connection::refuse(HttpError error) {
    reader_.drop();
    body_.release();
    const auto response = plain_error(error);
    Framing framing;
    framing.content_length = response.body.size();
    framing.keep_alive = false;
    framing.now = std::time(nullptr);
    timed_out_ = false;
    co_await write(format_head(response, framing), response.body);
    co_await linger();
}

Task<> Connection::linger() {
    boost::system::error_code error;
    stream_->stop_writing();
    allow(linger_time);
    std::string scratch(64 * 1024, '\0');
    for (std::size_t read = 0; !error && read < linger_bytes && !stopping_;) {
        read += co_await stream_->read_some(asio::buffer(scratch), error);
    }
}

void Connection::stop() {
    stopping_ = true;
    if (phase_ == Phase::greeting) ClientStream::end_handshake(stream_, handshakes_);
    if (websocket_) websocket_->stop();
    // The pending read ends as if the client had hung up; a stream is cancelled by that.
    if (is_idle() || phase_ == Phase::streaming) stream_->stop_reading();
}

Connection::Use Connection::use() const {
    if (stopping_) return Use::served;
    if (is_idle()) return Use::idle;
    if (phase_ == Phase::greeting) return Use::arriving;
    if (phase_ == Phase::streaming) return of_user_ ? Use::served : Use::watching;
    const bool arrives = phase_ == Phase::reading && !reader_.is_body_of_user();
    return arrives ? Use::arriving : Use::served;
}

void Connection::drop() {
    stopping_ = true;
    if (phase_ == Phase::greeting) {
        ClientStream::end_handshake(stream_, handshakes_);
    } else {
        stream_->stop_reading();
    }
}

void Connection::check_deadline(Clock::time_point now) {
    if (now < deadline()) return;
    timed_out_ = true;
    if (phase_ == Phase::greeting) {
        ClientStream::end_handshake(stream_, handshakes_);
    } else {
        stream_->cancel();
    }
}

}  // namespace patchbay
