// SPDX-License-Identifier: Apache-2.0
#pragma once
// One request to the server of an attachment (libcurl), blocking, on a thread of its own. Certificates are verified;
// nothing is followed elsewhere, because each request carries a token.

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>

namespace patchbay {

struct ServerRequest {
    std::string url;
    std::string token;  ///< value of the header LAVA-Token; "" for none
    std::string user_agent;
    std::optional<std::string> form;  ///< encoded; sent by POST. Without one it is a GET
    std::chrono::seconds patience{30};
    std::size_t most_bytes = 64 * 1024;  ///< of the answer; a longer one is none
};

struct ServerReply {
    long status = 0;  ///< 0: no answer
    std::string body;
    std::string problem;   ///< why there is no answer; names no secret
    bool stopped = false;  ///< we end; it was no attempt
};

ServerReply exchange(const ServerRequest& ask, std::stop_token stop);

}  // namespace patchbay
