// SPDX-License-Identifier: Apache-2.0
#pragma once
// Requests and answers as plain structs. Only daemon/http/ sees Beast (ten seconds of compiler time a file).

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/task.hpp"

namespace patchbay {

enum class Method { get, head, post, put, patch, del, options, other };

struct Request {
    Method method = Method::get;
    std::string method_name;                                   ///< as sent, for the text of a 405
    std::string path;                                          ///< decoded, runs of '/' collapsed, always ends in '/'
    std::vector<std::pair<std::string, std::string>> query;    ///< decoded, in order, repeated keys kept
    std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case
    std::string body;
    std::string base_url;  ///< "http://lab.example:8080": scheme and host as the client saw them
    std::string peer;      ///< address of the client; behind a trusted proxy what that says

    /// Of repeated ones the last wins; nullptr when absent.
    const std::string* query_value(std::string_view key) const;
    const std::string* header(std::string_view lower_case_name) const;
};

/// Writes the parts of an answer whose length is not known (server-sent events). Throws when the client has gone.
class BodyWriter {
public:
    virtual ~BodyWriter() = default;
    virtual Task<> write(std::string bytes) = 0;
};

/// A client that listens by WebSocket (RFC 6455). What it sends is read, and has no meaning unless somebody hears it.
class WebSocket {
public:
    virtual ~WebSocket() = default;
    /// One text message. Done when: the system took it; so a slow client is waited for. Throws when it has gone.
    virtual Task<> send(std::string text) = 0;
    /// Says why it ends, in at most 123 bytes; nothing is sent after it. `code`: RFC 6455 section 7.4.
    virtual Task<> close(int code, std::string reason) = 0;
};

struct Response {
    int status = 200;
    std::string content_type = "application/json";
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    bool authenticated = false;  ///< the request's token or password was looked up, and is a user's
    bool login_failed = false;   ///< it was looked up, and is none; counts against its client
    /// When set, `body` is ignored and this writes a chunked body; it ends when it returns, the client goes or the
    /// server stops (then it is cancelled).
    std::function<Task<>(BodyWriter&)> stream;
    /// When set, the request asked for a WebSocket and gets it; this serves it as `stream` would.
    std::function<Task<>(WebSocket&)> websocket;
    /// With `websocket`: gets each message of the client, in their order.
    std::function<void(std::string_view message)> websocket_hears;
};

/// "Upgrade: websocket". Pure.
bool asks_for_websocket(const Request& request);

}  // namespace patchbay
