// SPDX-License-Identifier: Apache-2.0
#pragma once
// HTTP over libcurl, blocking. Redirects are not followed: a token is for the server that was named, and for no other.

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cli/exit.hpp"

namespace patchbay::cli {

/// No answer at all: refused, unknown host, time-out, TLS. The message names the server and what to try.
struct ConnectionError : UserError {
    using UserError::UserError;
};

struct HttpAnswer {
    long status = 0;
    std::string body;
};

enum class More { yes, stop };

/// What is said beside the failure of a request for a new job whose answer was lost.
inline constexpr std::string_view may_have_been_taken = "; the job may have been taken: see patchbay jobs --mine";

/// How a stream ended.
struct StreamEnd {
    long status = 0;       ///< 0: no answer came
    std::string body;      ///< of an answer other than 200
    std::string failure;   ///< the connection's error; empty when the server or we ended it in good order
    bool stopped = false;  ///< we had enough (More::stop)
    bool silent = false;   ///< nothing came for a long time; not an error of the server
};

class HttpClient {
public:
    /// `server` like "http://127.0.0.1:8080"; `token` may be empty.
    HttpClient(std::string server, std::string token);
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    const std::string& server() const { return server_; }
    const std::string& token() const { return token_; }
    /// Has the server itself answered anything yet? Then its address is right, and when it is silent it may come back.
    bool reached() const { return reached_; }

    /// `path` begins with '/'. Any status is an answer. Throws: ConnectionError, Interrupted.
    HttpAnswer get(const std::string& path);
    /// `lost`: what is said when the request was sent and no answer came.
    HttpAnswer post(const std::string& path, const std::string& json, std::string_view lost = may_have_been_taken);
    /// DELETE.
    HttpAnswer remove(const std::string& path);

    /// Hands over the bytes of a 200 as they come. Throws: Interrupted, and what `take` throws.
    StreamEnd stream(const std::string& path, const std::vector<std::string>& headers,
                     const std::function<More(std::string_view)>& take);

private:
    struct Handle;
    HttpAnswer perform(const std::string& path, const std::string* json, std::string_view lost,
                       const char* method = nullptr);
    void note_answer(long status);

    std::string server_;
    std::string token_;
    std::unique_ptr<Handle> handle_;
    bool reached_ = false;
};

/// What every connection to the server has. `curl`: a CURL handle.
void prepare_connection(void* curl, const std::string& server);

}  // namespace patchbay::cli
