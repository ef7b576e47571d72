// SPDX-License-Identifier: Apache-2.0
#pragma once
// Bytes in, requests out: no socket, no clock. Two requests sent at once come out one after the other.

#include <boost/asio/buffer.hpp>
#include <memory>
#include <string>

#include "daemon/http/body_budget.hpp"
#include "daemon/http/http_error.hpp"
#include "daemon/http/limits.hpp"
#include "daemon/http/message.hpp"

namespace patchbay {

/// How a request came; "https" of its urls.
enum class Transport { clear, tls };

class RequestReader {
public:
    /// `limits` must outlive the reader. `peer`: the address of the client. Without a `rule` everybody may send large
    /// bodies.
    RequestReader(const HttpLimits& limits, std::string peer, BodyRule rule = {},
                  Transport transport = Transport::clear);
    ~RequestReader();
    RequestReader(const RequestReader&) = delete;
    RequestReader& operator=(const RequestReader&) = delete;

    enum class State {
        idle,      ///< not one byte of the next request
        header,    ///< inside the header
        body,      ///< header complete
        complete,  ///< take() it
    };

    /// Where the next bytes go; tell commit() how many came.
    boost::asio::mutable_buffer prepare();
    void commit(std::size_t bytes);

    /// Goes on with what was committed. Throws: HttpError; then the stream has no meaning any more.
    State advance();
    State state() const;

    /// Does the client wait for "100 Continue" before it sends the body? True once for each request.
    bool wants_continue();

    /// What the budget counts of the body that is read: 0 for a small one.
    std::size_t large_body_bytes() const;
    BodyRight body_right() const;
    /// Is this the large body of a user? Of a small one nobody has asked.
    bool is_body_of_user() const;
    /// Forgets what it has, so that a refused client holds no memory while it is told.
    void drop();

    /// Only when complete; the reader is then at the next request.
    Request take();
    /// Of the request that take() returned last.
    bool keep_alive() const;
    bool is_http10() const;

private:
    struct Parser;
    std::unique_ptr<Parser> parser_;
};

}  // namespace patchbay
