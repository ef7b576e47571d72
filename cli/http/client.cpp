// SPDX-License-Identifier: Apache-2.0
#include "cli/http/client.hpp"

#include <curl/curl.h>

#include <cctype>
#include <exception>
#include <system_error>

#include "cli/interrupt.hpp"

namespace patchbay::cli {
namespace {

constexpr std::size_t body_limit = 256 * 1024 * 1024;
// Longer than any reasonable sign of life of a server; then the connection is made anew from the next line.
constexpr long silence_seconds = 90;

bool is_loopback(const std::string& server) {
    return server.find("://127.") != std::string::npos || server.find("://localhost") != std::string::npos ||
           server.find("://[::1]") != std::string::npos;
}

std::string advice(CURLcode code, const std::string& server) {
    switch (code) {
        case CURLE_COULDNT_CONNECT:
            return is_loopback(server) ? "; is patchbayd running? (patchbayd serve)"
                                       : "; is patchbayd running there, and is the port right?";
        case CURLE_COULDNT_RESOLVE_HOST:
            return "; check --server, PATCHBAY_SERVER or cli.yaml";
        case CURLE_OPERATION_TIMEDOUT:
            return "; is the address right, and does a firewall drop it?";
        case CURLE_PEER_FAILED_VERIFICATION:
            return "; the server's certificate is not trusted by this machine";
        case CURLE_SSL_CONNECT_ERROR:
            return "; does this port speak https?";
        default:
            return {};
    }
}

std::string reason(CURL* curl, CURLcode code, const char* details) {
    long error = 0;
    if (code == CURLE_COULDNT_CONNECT) curl_easy_getinfo(curl, CURLINFO_OS_ERRNO, &error);
    if (error == 0) return *details ? details : curl_easy_strerror(code);
    std::string text = std::generic_category().message(static_cast<int>(error));
    text.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(text.front())));
    return text;
}

struct Transfer {
    CURL* curl = nullptr;
    std::string body;
    const std::function<More(std::string_view)>* take = nullptr;
    bool stopped = false;
    bool too_large = false;
    std::exception_ptr failure;
};

std::size_t on_bytes(char* data, std::size_t, std::size_t size, void* user) {
    auto& transfer = *static_cast<Transfer*>(user);
    long status = 0;
    curl_easy_getinfo(transfer.curl, CURLINFO_RESPONSE_CODE, &status);
    if (transfer.take && status == 200) {
        try {  // an exception must not cross curl's C frames
            if ((*transfer.take)({data, size}) == More::yes) return size;
            transfer.stopped = true;
        } catch (...) {
            transfer.failure = std::current_exception();
        }
        return 0;
    }
    transfer.too_large = transfer.body.size() + size > body_limit;
    if (transfer.too_large) return 0;
    transfer.body.append(data, size);
    return size;
}

int on_progress(void*, curl_off_t, curl_off_t, curl_off_t, curl_off_t) { return interrupted() ? 1 : 0; }

struct Headers {
    curl_slist* list = nullptr;
    ~Headers() { curl_slist_free_all(list); }
    void add(const std::string& line) { list = curl_slist_append(list, line.c_str()); }
};

}  // namespace

void prepare_connection(void* curl, const std::string& server) {
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, 10L);
    curl_easy_setopt(curl, CURLOPT_TCP_KEEPALIVE, 1L);
    if (is_loopback(server)) curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
}

struct HttpClient::Handle {
    CURL* curl = curl_easy_init();
    char details[CURL_ERROR_SIZE] = {};

    ~Handle() { curl_easy_cleanup(curl); }

    void prepare(const std::string& url, const Headers& headers, Transfer& transfer) {
        curl_easy_reset(curl);  // keeps the connection
        details[0] = '\0';
        transfer.curl = curl;
        prepare_connection(curl, url);
        curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
        curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.list);
        curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, details);
        curl_easy_setopt(curl, CURLOPT_USERAGENT, "patchbay/" PATCHBAY_VERSION);
        curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_bytes);
        curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);
        curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
        curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
        curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
        curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, silence_seconds);
    }

    long status() const {
        long value = 0;
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &value);
        return value;
    }
    bool sent() const {
        long bytes = 0;
        curl_easy_getinfo(curl, CURLINFO_REQUEST_SIZE, &bytes);
        return bytes > 0;
    }
};

HttpClient::HttpClient(std::string server, std::string token)
    : server_{std::move(server)}, token_{std::move(token)}, handle_{std::make_unique<Handle>()} {
    if (!handle_->curl) throw UserError{"libcurl: cannot start"};
}

HttpClient::~HttpClient() = default;

HttpAnswer HttpClient::get(const std::string& path) { return perform(path, nullptr, {}); }
HttpAnswer HttpClient::post(const std::string& path, const std::string& json, std::string_view lost) {
    return perform(path, &json, lost);
}

HttpAnswer HttpClient::remove(const std::string& path) { return perform(path, nullptr, {}, "DELETE"); }

HttpAnswer HttpClient::perform(const std::string& path, const std::string* json, std::string_view lost,
                               const char* method) {
    Headers headers;
    if (!token_.empty()) headers.add("Authorization: Token " + token_);
    if (json) headers.add("Content-Type: application/json");
    headers.add("Expect:");  // no 100-continue round trip
    Transfer transfer;
    handle_->prepare(server_ + path, headers, transfer);
    curl_easy_setopt(handle_->curl, CURLOPT_ACCEPT_ENCODING, "");
    if (method) curl_easy_setopt(handle_->curl, CURLOPT_CUSTOMREQUEST, method);
    if (json) {
        curl_easy_setopt(handle_->curl, CURLOPT_FRESH_CONNECT, 1L);  // over an old one libcurl may send it twice
        curl_easy_setopt(handle_->curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(json->size()));
        curl_easy_setopt(handle_->curl, CURLOPT_POSTFIELDS, json->data());
    }
    const auto code = curl_easy_perform(handle_->curl);
    if (interrupted()) throw Interrupted{};
    if (transfer.too_large) throw UserError{server_ + path + ": the answer is larger than 256 MiB"};
    if (code != CURLE_OK)
        throw ConnectionError{"cannot reach " + server_ + ": " + reason(handle_->curl, code, handle_->details) +
                              (json && handle_->sent() ? std::string{lost} : advice(code, server_))};
    note_answer(handle_->status());
    return {handle_->status(), std::move(transfer.body)};
}

void HttpClient::note_answer(long status) { reached_ = reached_ || (status >= 200 && status < 500); }

StreamEnd HttpClient::stream(const std::string& path, const std::vector<std::string>& extra,
                             const std::function<More(std::string_view)>& take) {
    Headers headers;
    if (!token_.empty()) headers.add("Authorization: Token " + token_);
    for (const auto& line : extra) headers.add(line);
    Transfer transfer;
    transfer.take = &take;
    handle_->prepare(server_ + path, headers, transfer);
    const auto code = curl_easy_perform(handle_->curl);
    if (transfer.failure) std::rethrow_exception(transfer.failure);
    if (interrupted()) throw Interrupted{};
    StreamEnd end;
    end.status = handle_->status();
    note_answer(end.status);
    end.body = std::move(transfer.body);
    end.stopped = transfer.stopped;
    end.silent = code == CURLE_OPERATION_TIMEDOUT && end.status == 200;
    if (code != CURLE_OK && !transfer.stopped)
        end.failure =
            "cannot reach " + server_ + ": " + reason(handle_->curl, code, handle_->details) + advice(code, server_);
    return end;
}

}  // namespace patchbay::cli
