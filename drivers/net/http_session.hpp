// SPDX-License-Identifier: Apache-2.0
#pragma once
// HTTP to a device of the lab (libcurl). Blocks: for one worker's call only, on whose thread it stays. The addresses
// are those of the lab's own description: no policy applies, no proxy of the environment, no redirect is followed.

#include <curl/curl.h>

#include <chrono>
#include <string>
#include <vector>

namespace patchbay {

struct HttpAsk {
    std::string method = "GET";
    std::string url;
    std::string body;
    std::string content_type;
    std::vector<std::string> headers;
    std::string user, password;
    bool digest = false;  ///< else Basic; only with a user
    bool verify_tls = true;
};

/// One conversation: cookies that the server sets are sent back.
class HttpSession {
public:
    /// `what` begins each message; no message holds a URL, because some devices want a password in it. `patience` is
    /// for all of the conversation, and begins now.
    HttpSession(std::string what, std::chrono::seconds patience);
    ~HttpSession();
    HttpSession(const HttpSession&) = delete;
    HttpSession& operator=(const HttpSession&) = delete;

    /// For a last request that must be made also when the time is up: it gets that long.
    void allow_at_least(std::chrono::seconds more);

    /// The body, at most 1 MiB of it. Throws: InfrastructureError, no answer, or one that is no success.
    std::string ask(const HttpAsk& ask);

private:
    std::string what_;
    std::chrono::steady_clock::time_point end_;
    CURL* curl_;
};

}  // namespace patchbay
