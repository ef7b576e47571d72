// SPDX-License-Identifier: Apache-2.0
#include "daemon/deliver/http_callback.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>

#include "core/clock.hpp"
#include "core/net/curl_guard.hpp"
#include "core/net/curl_handle.hpp"
#include "daemon/deliver/backoff.hpp"
#include "daemon/notify/callback_url.hpp"

namespace patchbay {
namespace {

constexpr int most_redirects = 5;

struct FreeHeaders {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Headers = std::unique_ptr<curl_slist, FreeHeaders>;

void add(Headers& headers, const std::string& line) {
    headers.reset(curl_slist_append(headers.release(), line.c_str()));
}

/// Hands the body to libcurl; an exception waits until its C frames are left.
class Upload {
public:
    Upload(CallbackBody& body, std::stop_token stop) : body_{body}, stop_{std::move(stop)} {}

    static std::size_t on_read(char* room, std::size_t, std::size_t size, void* self) {
        return static_cast<Upload*>(self)->read(room, size);
    }
    /// A connection that was kept and had ended meanwhile: curl begins again.
    static int on_seek(void* self, curl_off_t offset, int) {
        static_cast<Upload*>(self)->rewind();
        return offset == 0 ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL;
    }
    static int on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
        return static_cast<Upload*>(self)->stop_.stop_requested() ? 1 : 0;
    }
    void rewind() {
        body_.rewind();
        piece_.clear();
        used_ = 0;
    }
    void rethrow() const {
        if (failure_) std::rethrow_exception(failure_);
    }

private:
    std::size_t read(char* room, std::size_t size) {
        try {
            if (used_ == piece_.size()) {
                piece_ = body_.next();
                used_ = 0;
            }
        } catch (...) {
            failure_ = std::current_exception();
            return CURL_READFUNC_ABORT;
        }
        const auto count = std::min(size, piece_.size() - used_);
        std::memcpy(room, piece_.data() + used_, count);
        used_ += count;
        return count;
    }

    CallbackBody& body_;
    std::stop_token stop_;
    std::string piece_;
    std::size_t used_ = 0;
    std::exception_ptr failure_;
};

/// What the receiver says is nobody's to read: whoever writes a job could look at inner pages through it.
std::size_t drop(char*, std::size_t, std::size_t size, void*) { return size; }

class Exchange {
public:
    Exchange(const CallbackRequest& request, CallbackBody& body, const AddressPolicy& policy, const Patience& patience,
             std::stop_token stop)
        : request_{request}, body_{body}, upload_{body, stop}, policy_{policy}, patience_{patience}, stop_{stop} {
        if (request.method == CallbackMethod::post) length_ = body.count();
    }
    ~Exchange() {
        if (curl_) curl_easy_reset(curl_);  // it outlives what it was told to use
    }
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;

    Attempt run() {
        const auto end = std::chrono::steady_clock::now() + patience_.whole;
        auto url = request_.url;
        for (int hop = 0; hop <= most_redirects; ++hop) {
            const auto left = std::chrono::ceil<std::chrono::seconds>(end - std::chrono::steady_clock::now());
            std::string next;
            auto attempt = exchange(url, left, next);
            if (next.empty()) return attempt;
            url = std::move(next);
        }
        return {Attempt::Kind::hopeless, 0, "more than 5 redirects", {}};
    }

private:
    template <class T>
    void set(CURLoption option, T value) {
        curl_easy_setopt(curl_, option, value);
    }

    /// `next` is where the receiver sends us, if it does.
    Attempt exchange(const std::string& url, std::chrono::seconds left, std::string& next) {
        curl_ = curl_of_thread();
        Headers headers;
        CurlGuard guard{policy_};
        guard.watch(curl_);
        prepare(url, left, headers);
        const auto code = curl_easy_perform(curl_);
        upload_.rethrow();
        Attempt attempt;
        curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &attempt.status);
        // Whoever says that it was taken has it, also when the rest of the answer breaks off or takes too long.
        const bool taken = meaning_of_status(attempt.status) == Attempt::Kind::sent;
        if (code != CURLE_OK && !taken) {
            if (stop_.stop_requested() && code == CURLE_ABORTED_BY_CALLBACK) return {Attempt::Kind::stopped, 0, {}, {}};
            return no_answer(code, guard.refusal());
        }
        if (attempt.status >= 301 && attempt.status <= 308) {
            const char* to = nullptr;
            curl_easy_getinfo(curl_, CURLINFO_REDIRECT_URL, &to);
            if (to) next = to;
        }
        attempt.kind = meaning_of_status(attempt.status);
        if (attempt.kind != Attempt::Kind::sent)
            attempt.problem = "the receiver answered " + std::to_string(attempt.status);
        curl_off_t wait = 0;
        curl_easy_getinfo(curl_, CURLINFO_RETRY_AFTER, &wait);
        if (wait > 0) attempt.retry_after = std::chrono::seconds{wait};
        return attempt;
    }

    void prepare(const std::string& url, std::chrono::seconds left, Headers& headers) {
        upload_.rewind();
        set(CURLOPT_URL, url.c_str());
        set(CURLOPT_PROTOCOLS_STR, "http,https");
        set(CURLOPT_PROXY, "");  // behind a proxy nobody sees which address is called
        set(CURLOPT_NOSIGNAL, 1L);
        set(CURLOPT_USERAGENT, "patchbay/" PATCHBAY_VERSION);
        set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(patience_.connect.count()));
        set(CURLOPT_LOW_SPEED_LIMIT, 1L);
        set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(patience_.stall.count()));
        set(CURLOPT_TIMEOUT, static_cast<long>(std::max<std::int64_t>(1, left.count())));
        set(CURLOPT_NOPROGRESS, 0L);
        set(CURLOPT_XFERINFOFUNCTION, &Upload::on_progress);
        set(CURLOPT_XFERINFODATA, &upload_);
        set(CURLOPT_WRITEFUNCTION, &drop);
        set(CURLOPT_ERRORBUFFER, error_.data());
        if (const char* authorities = std::getenv("SSL_CERT_FILE")) set(CURLOPT_CAINFO, authorities);
        if (request_.method == CallbackMethod::post) {
            set(CURLOPT_POST, 1L);
            set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(length_));
            set(CURLOPT_READFUNCTION, &Upload::on_read);
            set(CURLOPT_READDATA, &upload_);
            set(CURLOPT_SEEKFUNCTION, &Upload::on_seek);
            set(CURLOPT_SEEKDATA, &upload_);
            add(headers, request_.content_type == ContentType::json
                             ? "Content-Type: application/json"
                             : "Content-Type: application/x-www-form-urlencoded");
            add(headers, "Expect:");  // would cost a second with servers that do not answer it
        }
        if (!request_.token.empty() && keeps_token(request_.url, url))
            add(headers, request_.header + ": " + request_.token);
        set(CURLOPT_HTTPHEADER, headers.get());
    }

    Attempt no_answer(CURLcode code, const std::string& refusal) {
        Attempt attempt{Attempt::Kind::again, 0, error_[0] != 0 ? error_.data() : curl_easy_strerror(code), {}};
        if (!refusal.empty()) {
            attempt.problem = refusal + "; the lab's setting allowed_url_networks says where jobs may lead to";
            attempt.kind = Attempt::Kind::hopeless;
        } else if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL) {
            attempt.problem = "not a URL that can be called: " + attempt.problem;
            attempt.kind = Attempt::Kind::hopeless;
        }
        return attempt;
    }

    const CallbackRequest& request_;
    CallbackBody& body_;
    Upload upload_;
    const AddressPolicy& policy_;
    const Patience& patience_;
    std::stop_token stop_;
    std::uint64_t length_ = 0;
    CURL* curl_ = nullptr;
    std::array<char, CURL_ERROR_SIZE> error_{};
};

bool is_header_name(std::string_view name) {
    constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    for (const char c : name) {
        const bool word = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!word && marks.find(c) == std::string_view::npos) return false;
    }
    return !name.empty();
}

std::string_view host_of(std::string_view receiver) {
    receiver.remove_prefix(std::min(receiver.size(), receiver.find("://") + 3));
    const auto inside = receiver.starts_with('[') ? receiver.find(']') : 0;
    return receiver.substr(0, receiver.find(':', inside == std::string_view::npos ? 0 : inside));
}

}  // namespace

bool keeps_token(std::string_view named, std::string_view next) {
    const auto from = receiver_of(named), to = receiver_of(next);
    return host_of(from) == host_of(to) && (to.starts_with("https:") || from.starts_with("http:"));
}

Attempt send_callback(const CallbackRequest& request, CallbackBody& body, const AddressPolicy& policy,
                      const Patience& patience, std::stop_token stop) {
    if (!request.token.empty() && !is_header_name(request.header))
        return {Attempt::Kind::hopeless, 0, "notify.callback.header is no name of a header", {}};
    if (request.token.find_first_of("\r\n") != std::string::npos || request.token.find('\0') != std::string::npos)
        return {Attempt::Kind::hopeless, 0, "the token has a line break; no header can carry it", {}};
    return Exchange{request, body, policy, patience, std::move(stop)}.run();
}

}  // namespace patchbay
