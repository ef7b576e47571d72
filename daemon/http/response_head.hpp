// SPDX-License-Identifier: Apache-2.0
#pragma once
// The bytes in front of a body. Pure.

#include <ctime>
#include <optional>
#include <string>

#include "daemon/http/http_error.hpp"
#include "daemon/http/message.hpp"

namespace patchbay {

struct Framing {
    std::optional<std::size_t> content_length;  ///< nullopt: chunked, or until the connection ends for HTTP/1.0
    bool keep_alive = true;
    bool http10 = false;
    std::time_t now = 0;
};

/// Status line, headers and the empty line.
std::string format_head(const Response& response, const Framing& framing);

/// "200 OK"'s second word.
std::string_view reason_phrase(int status);

/// {"detail":"..."} for what no handler saw.
Response plain_error(const HttpError& error);

}  // namespace patchbay
