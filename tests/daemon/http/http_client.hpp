// SPDX-License-Identifier: Apache-2.0
#pragma once
// A client that sends exactly the bytes a test gives it, over a real socket. Reads give up after a
// minute: that ends a test that hangs, however busy the machine is.

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace patchbay {

struct Answer {
    int status = 0;
    std::string version;
    std::map<std::string, std::string> headers;  ///< names in lower case
    std::string body;                            ///< without chunk framing
    bool complete = false;                       ///< false: the connection ended inside it
};

class HttpClient {
public:
    explicit HttpClient(std::uint16_t port);
    explicit HttpClient(const std::string& unix_socket);
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    /// False when the server has closed.
    bool send(std::string_view bytes);
    /// The next answer; `head`: it answers a HEAD request.
    Answer read(bool head = false);
    /// The next bytes as they come; empty at the end of the stream.
    std::string read_some();
    /// Reads until `text` has come (then everything so far) or the stream ends.
    std::string read_until(std::string_view text);
    bool at_end();
    /// Waits so long for the first byte of an answer, or the end.
    bool answers_within(std::chrono::milliseconds time) const;
    void close_sending();
    void close();

private:
    bool fill();
    int socket_ = -1;
    std::string buffer_;
};

/// Sends `request` on a new connection and reads one answer.
Answer ask(std::uint16_t port, std::string_view request);
/// "GET /x HTTP/1.1" with Host, Connection: close and these headers and body.
std::string request_text(std::string_view method, std::string_view target, std::string_view headers = {},
                         std::string_view body = {});

}  // namespace patchbay
