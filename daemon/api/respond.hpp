// SPDX-License-Identifier: Apache-2.0
#pragma once
// Answers, and the one place where an exception becomes an HTTP status.

#include <exception>
#include <string>
#include <string_view>

#include "daemon/http/message.hpp"

namespace patchbay {

Response json_answer(int status, std::string body);
/// 200 {"message":"<text>"}
Response message_answer(std::string_view text, int status = 200);
/// 204, for what was deleted.
Response no_content();
/// A file to be saved: Content-Disposition names it.
Response file_answer(std::string content_type, const std::string& filename, std::string body);

/// Cancellation is thrown on; everything else is an answer. What is not meant for the client is logged, not told.
Response answer_for(std::exception_ptr failure, const Request& request);

}  // namespace patchbay
