// SPDX-License-Identifier: Apache-2.0
#include "jobs/download/transfer.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "core/errors.hpp"
#include "core/net/curl_guard.hpp"
#include "core/net/curl_handle.hpp"
#include "jobs/download/cache.hpp"
#include "jobs/download/request.hpp"

namespace patchbay {
namespace {

std::string header(CURL* curl, const char* name) {
    curl_header* found = nullptr;
    if (curl_easy_header(curl, name, 0, CURLH_HEADER, -1, &found) != CURLHE_OK) return {};
    return found->value;
}

/// A file may change twice in one second, and both states carry the same time: it proves nothing about a file that was
/// changed just now (RFC 9110, section 8.8.2.2).
std::string proving_time(CURL* curl) {
    auto text = header(curl, "Last-Modified");
    if (text.empty()) return {};
    const auto modified = curl_getdate(text.c_str(), nullptr);
    const auto answered_text = header(curl, "Date");
    const auto answered = answered_text.empty() ? std::time(nullptr) : curl_getdate(answered_text.c_str(), nullptr);
    return modified >= 0 && answered >= modified + 2 ? text : std::string{};
}

class Exchange {
public:
    Exchange(const HttpRequest& request, const StopFlag& stop)
        : curl_{curl_of_thread()}, stop_{stop}, url_{request.url}, limit_{request.limit}, guard_{request.addresses} {
        guard_.watch(curl_);
        set(CURLOPT_URL, request.url.c_str());
        set(CURLOPT_PROTOCOLS_STR, "http,https");
        set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
        set(CURLOPT_FOLLOWLOCATION, 1L);
        set(CURLOPT_MAXREDIRS, 10L);
        set(CURLOPT_NOSIGNAL, 1L);
        set(CURLOPT_USERAGENT, "patchbay/" PATCHBAY_VERSION);
        set(CURLOPT_CONNECTTIMEOUT, static_cast<long>(request.stall.count()));
        set(CURLOPT_LOW_SPEED_LIMIT, 1L);
        set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(request.stall.count()));
        set(CURLOPT_BUFFERSIZE, 256L * 1024);
        set(CURLOPT_NOPROGRESS, 0L);
        set(CURLOPT_XFERINFOFUNCTION, &Exchange::on_progress);
        set(CURLOPT_XFERINFODATA, this);
        set(CURLOPT_WRITEFUNCTION, &Exchange::on_body);
        set(CURLOPT_WRITEDATA, this);
        set(CURLOPT_ERRORBUFFER, error_.data());
        // As curl and git do: a lab with a certificate authority of its own names it there.
        if (const char* authorities = ::getenv("SSL_CERT_FILE")) set(CURLOPT_CAINFO, authorities);
        for (const auto& [name, value] : request.headers) add_header(name + ": " + value);
        if (!request.etag.empty()) add_header("If-None-Match: " + request.etag);
        if (!request.last_modified.empty()) add_header("If-Modified-Since: " + request.last_modified);
        set(CURLOPT_HTTPHEADER, headers_);
    }
    ~Exchange() {
        curl_slist_free_all(headers_);
        if (fd_ >= 0) ::close(fd_);
    }
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;

    HttpReply get(const std::filesystem::path& target, const TransferEvents& events) {
        target_ = target;
        events_ = &events;
        fd_ = ::open(target.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
        if (fd_ < 0) disk_failure(errno);
        auto reply = perform();
        if (reply.status == 200 && !began_) begin();
        reply.digests = hasher_.finish();
        reply.received = received_;
        reply.expected = expected_;
        return reply;
    }

    HttpReply probe(ProbeMethod method) {
        set(CURLOPT_NOBODY, method == ProbeMethod::head ? 1L : 0L);
        return perform();
    }

private:
    template <class T>
    void set(CURLoption option, T value) {
        curl_easy_setopt(curl_, option, value);
    }

    void add_header(const std::string& line) {
        if (line.find_first_of("\r\n") != std::string::npos) {
            throw JobError{"a header of the download has a line break: '" + line.substr(0, line.find(':')) + "'"};
        }
        headers_ = curl_slist_append(headers_, line.c_str());
    }

    [[noreturn]] void disk_failure(int error) const {
        throw InfrastructureError{"cannot keep '" + url_ + "' in '" + target_.string() + "': " + disk_problem(error)};
    }

    HttpReply perform() {
        const auto code = curl_easy_perform(curl_);
        if (stop_) throw Stopped{};
        if (disk_error_ != 0) disk_failure(disk_error_);
        HttpReply reply;
        curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &reply.status);
        reply.etag = header(curl_, "ETag");
        reply.last_modified = proving_time(curl_);
        if (code == CURLE_OK || (code == CURLE_WRITE_ERROR && ended_by_us_)) return reply;
        if (!guard_.refusal().empty()) throw JobError{forbidden_address(url_, guard_.refusal())};
        reply.problem = error_[0] != 0 ? error_.data() : curl_easy_strerror(code);
        reply.timed_out = code == CURLE_OPERATION_TIMEDOUT;
        // Without an announced size the end of the connection is a fault of the network like any other.
        reply.cut_off = code == CURLE_PARTIAL_FILE && reply.status == 200 && expected_;
        reply.too_large = too_large_;
        reply.refused = code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL ||
                        code == CURLE_TOO_MANY_REDIRECTS || code == CURLE_PEER_FAILED_VERIFICATION;
        if (!reply.cut_off && !reply.too_large) reply.status = 0;
        return reply;
    }

    void begin() {
        began_ = true;
        curl_off_t length = -1;
        curl_easy_getinfo(curl_, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
        if (length >= 0) expected_ = static_cast<std::uint64_t>(length);
        if (events_->begin) events_->begin(expected_);
    }

    static int on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
        return static_cast<Exchange*>(self)->stop_ ? 1 : 0;
    }

    static std::size_t on_body(char* bytes, std::size_t, std::size_t size, void* self) {
        return static_cast<Exchange*>(self)->body({bytes, size}) ? size : size + 1;
    }

    bool body(std::string_view bytes) {
        if (!events_) {  // a probe has seen enough
            ended_by_us_ = true;
            return false;
        }
        long status = 0;
        curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &status);
        if (status != 200) return true;  // the text of an error page is nobody's file
        if (!began_) begin();
        too_large_ = received_ + bytes.size() > limit_ || expected_.value_or(0) > limit_;
        if (too_large_) return false;
        hasher_.add(bytes);
        received_ += bytes.size();
        if (!write_all(fd_, bytes)) {
            disk_error_ = errno;
            return false;
        }
        if (events_->bytes) events_->bytes(bytes.size());
        return true;
    }

    CURL* curl_;
    const StopFlag& stop_;
    curl_slist* headers_ = nullptr;
    std::array<char, CURL_ERROR_SIZE> error_{};
    const std::string& url_;
    const std::uint64_t limit_;
    CurlGuard guard_;
    std::filesystem::path target_;
    const TransferEvents* events_ = nullptr;
    int fd_ = -1;
    int disk_error_ = 0;
    bool began_ = false;
    bool ended_by_us_ = false;
    bool too_large_ = false;
    std::optional<std::uint64_t> expected_;
    std::uint64_t received_ = 0;
    Hasher hasher_;
};

}  // namespace

bool HttpReply::worth_retrying() const {
    static constexpr long statuses[] = {408, 413, 420, 425, 429, 430, 500, 502, 503, 504, 507, 509, 529, 598};
    if (refused || cut_off || too_large) return false;
    return status == 0 || std::find(std::begin(statuses), std::end(statuses), status) != std::end(statuses);
}

HttpReply http_get(const HttpRequest& request, const std::filesystem::path& target, const TransferEvents& events,
                   const StopFlag& stop) {
    return Exchange{request, stop}.get(target, events);
}

HttpReply http_probe(const HttpRequest& request, ProbeMethod method, const StopFlag& stop) {
    return Exchange{request, stop}.probe(method);
}

}  // namespace patchbay
