// SPDX-License-Identifier: Apache-2.0
#include "drivers/net/http_session.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>

#include "core/errors.hpp"
#include "core/net/curl_handle.hpp"

namespace patchbay {
namespace {

constexpr std::size_t most_bytes = 1024 * 1024;

struct FreeHeaders {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Headers = std::unique_ptr<curl_slist, FreeHeaders>;

void add(Headers& headers, const std::string& line) {
    headers.reset(curl_slist_append(headers.release(), line.c_str()));
}

std::size_t keep(char* bytes, std::size_t, std::size_t size, void* self) {
    auto& body = *static_cast<std::string*>(self);
    if (size > most_bytes - body.size()) return 0;
    body.append(bytes, size);
    return size;
}

std::string next_step(CURLcode code) {
    switch (code) {
        case CURLE_COULDNT_RESOLVE_HOST:
            return "correct 'host' in the device's description";
        case CURLE_PEER_FAILED_VERIFICATION:
            return "give a certificate that this machine trusts, or verify_tls: false";
        default:
            return "is it switched on, and on this network?";
    }
}

std::string meaning(long status) {
    if (status == 401 || status == 403) return ": it wants another user or password; give it a file 'credentials'";
    if (status == 404) return ": it has no such page; is it this model?";
    return "; look at its own page";
}

}  // namespace

HttpSession::HttpSession(std::string what, std::chrono::seconds patience)
    : what_{std::move(what)}, end_{std::chrono::steady_clock::now() + patience}, curl_{curl_of_thread()} {
    // A cookie has it keep cookies from now on. CURLOPT_COOKIEFILE would, too, and libcurl 7.88 loses its text with
    // each curl_easy_reset().
    curl_easy_setopt(curl_, CURLOPT_COOKIELIST, "Set-Cookie: keep=cookies");
    curl_easy_setopt(curl_, CURLOPT_COOKIELIST, "ALL");  // the handle is the thread's: forget what others were told
}

HttpSession::~HttpSession() {
    curl_easy_setopt(curl_, CURLOPT_COOKIELIST, "ALL");
    curl_easy_reset(curl_);  // it outlives what it was told to use
}

void HttpSession::allow_at_least(std::chrono::seconds more) {
    end_ = std::max(end_, std::chrono::steady_clock::now() + more);
}

std::string HttpSession::ask(const HttpAsk& ask) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(end_ - std::chrono::steady_clock::now()).count();
    // libcurl takes 0 for ever.
    if (left <= 0)
        throw InfrastructureError{what_ + " did not answer all requests in time; give it a longer 'timeout'"};
    curl_easy_reset(curl_);
    std::string body;
    std::array<char, CURL_ERROR_SIZE> error{};
    const auto set = [this](CURLoption option, auto value) { curl_easy_setopt(curl_, option, value); };
    Headers headers;
    for (const auto& line : ask.headers) add(headers, line);
    add(headers, "Expect:");  // would cost a second with servers that do not answer it
    set(CURLOPT_URL, ask.url.c_str());
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_NOPROXY, "*");
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_HTTP09_ALLOWED, 1L);  // small devices answer without any header
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(left));
    set(CURLOPT_WRITEFUNCTION, &keep);
    set(CURLOPT_WRITEDATA, &body);
    set(CURLOPT_ERRORBUFFER, error.data());
    if (const char* authorities = std::getenv("SSL_CERT_FILE")) set(CURLOPT_CAINFO, authorities);
    if (!ask.verify_tls) {
        set(CURLOPT_SSL_VERIFYPEER, 0L);
        set(CURLOPT_SSL_VERIFYHOST, 0L);
    }
    if (!ask.user.empty()) {
        set(CURLOPT_HTTPAUTH, static_cast<long>(ask.digest ? CURLAUTH_DIGEST : CURLAUTH_BASIC));
        set(CURLOPT_USERNAME, ask.user.c_str());
        set(CURLOPT_PASSWORD, ask.password.c_str());
    }
    if (ask.method != "GET") {
        set(CURLOPT_POST, 1L);
        set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(ask.body.size()));
        set(CURLOPT_POSTFIELDS, ask.body.data());
        set(CURLOPT_CUSTOMREQUEST, ask.method.c_str());
        if (!ask.content_type.empty()) add(headers, "Content-Type: " + ask.content_type);
    }
    set(CURLOPT_HTTPHEADER, headers.get());
    const auto code = curl_easy_perform(curl_);
    long status = 0;
    curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_setopt(curl_, CURLOPT_ERRORBUFFER, nullptr);
    if (code != CURLE_OK) {
        throw InfrastructureError{what_ + ": " + (error[0] != 0 ? error.data() : curl_easy_strerror(code)) + "; " +
                                  next_step(code)};
    }
    if (status >= 400) throw InfrastructureError{what_ + " answered " + std::to_string(status) + meaning(status)};
    return body;
}

}  // namespace patchbay
