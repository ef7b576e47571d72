// SPDX-License-Identifier: Apache-2.0
#include "daemon/attach/http_exchange.hpp"

#include <array>
#include <cstdlib>
#include <memory>

#include "core/net/curl_handle.hpp"

namespace patchbay {
namespace {

constexpr long connect_seconds = 10;
constexpr long stall_seconds = 30;

struct FreeHeaders {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Headers = std::unique_ptr<curl_slist, FreeHeaders>;

void add(Headers& headers, const std::string& line) {
    headers.reset(curl_slist_append(headers.release(), line.c_str()));
}

class Exchange {
public:
    Exchange(const ServerRequest& ask, std::stop_token stop)
        : ask_{ask}, stop_{std::move(stop)}, curl_{curl_of_thread()} {}
    ~Exchange() { curl_easy_reset(curl_); }  // the handle outlives what it was told to use
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;

    ServerReply run() {
        Headers headers;
        if (!ask_.token.empty()) add(headers, "LAVA-Token: " + ask_.token);
        add(headers, "Accept: application/json");
        add(headers, "Expect:");  // would cost a second with servers that do not answer it
        prepare();
        set(CURLOPT_HTTPHEADER, headers.get());
        const auto code = curl_easy_perform(curl_);
        if (stop_.stop_requested() && code == CURLE_ABORTED_BY_CALLBACK) reply_.stopped = true;
        if (code == CURLE_OK) {
            curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &reply_.status);
            return std::move(reply_);
        }
        reply_.body.clear();
        reply_.problem = error_[0] != 0 ? error_.data() : curl_easy_strerror(code);
        if (too_long_)
            reply_.problem = "its answer has more than the " + std::to_string(ask_.most_bytes) + " bytes that it may";
        return std::move(reply_);
    }

private:
    template <class T>
    void set(CURLoption option, T value) {
        curl_easy_setopt(curl_, option, value);
    }

    void prepare() {
        set(CURLOPT_URL, ask_.url.c_str());
        set(CURLOPT_PROTOCOLS_STR, "http,https");
        set(CURLOPT_NOSIGNAL, 1L);
        set(CURLOPT_USERAGENT, ask_.user_agent.c_str());
        set(CURLOPT_CONNECTTIMEOUT, connect_seconds);
        set(CURLOPT_LOW_SPEED_LIMIT, 1L);
        set(CURLOPT_LOW_SPEED_TIME, stall_seconds);
        set(CURLOPT_TIMEOUT, static_cast<long>(ask_.patience.count()));
        set(CURLOPT_NOPROGRESS, 0L);
        set(CURLOPT_XFERINFOFUNCTION, &Exchange::on_progress);
        set(CURLOPT_XFERINFODATA, this);
        set(CURLOPT_WRITEFUNCTION, &Exchange::on_write);
        set(CURLOPT_WRITEDATA, this);
        set(CURLOPT_ERRORBUFFER, error_.data());
        if (const char* authorities = std::getenv("SSL_CERT_FILE")) set(CURLOPT_CAINFO, authorities);
        if (!ask_.form) return;
        set(CURLOPT_POST, 1L);
        set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(ask_.form->size()));
        set(CURLOPT_POSTFIELDS, ask_.form->data());
    }

    static int on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
        return static_cast<Exchange*>(self)->stop_.stop_requested() ? 1 : 0;
    }
    static std::size_t on_write(char* bytes, std::size_t, std::size_t size, void* self) {
        auto& exchange = *static_cast<Exchange*>(self);
        exchange.too_long_ = size > exchange.ask_.most_bytes - exchange.reply_.body.size();
        if (exchange.too_long_) return 0;
        exchange.reply_.body.append(bytes, size);
        return size;
    }

    const ServerRequest& ask_;
    std::stop_token stop_;
    CURL* curl_;
    ServerReply reply_;
    bool too_long_ = false;
    std::array<char, CURL_ERROR_SIZE> error_{};
};

}  // namespace

ServerReply exchange(const ServerRequest& ask, std::stop_token stop) { return Exchange{ask, std::move(stop)}.run(); }

}  // namespace patchbay
