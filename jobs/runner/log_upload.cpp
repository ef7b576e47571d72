// SPDX-License-Identifier: Apache-2.0
#include "jobs/runner/log_upload.hpp"

#include <curl/curl.h>
#include <spdlog/spdlog.h>

#include <boost/asio/redirect_error.hpp>
#include <memory>
#include <optional>

#include "core/deadline.hpp"
#include "core/deleter.hpp"
#include "core/errors.hpp"
#include "core/worker.hpp"

namespace patchbay {
namespace {

// An answer is a small JSON text; a proxy's error page need not be kept.
constexpr std::size_t max_answer = 64 * 1024;
constexpr long stall_seconds = 60;
// Of a job that has ended: about ten minutes. The server may come back after days; a disk that cannot be read does not.
constexpr unsigned most_unreadable = 12;

struct Answer {
    long status = 0;  // 0: none; `problem` says why
    std::string body;
    std::string problem;
};

std::size_t keep(char* data, std::size_t size, std::size_t count, void* answer) {
    auto& body = static_cast<Answer*>(answer)->body;
    body.append(data, std::min(size * count, max_answer - std::min(max_answer, body.size())));
    return size * count;
}

Answer post(const std::string& url, const std::string& token, const std::string& body) {
    static const CURLcode global = curl_global_init(CURL_GLOBAL_DEFAULT);
    static_cast<void>(global);
    Answer answer;
    char problem[CURL_ERROR_SIZE] = {};
    const std::unique_ptr<CURL, Deleter<curl_easy_cleanup>> curl{curl_easy_init()};
    // "Expect" would cost a second for servers that do not answer it.
    std::unique_ptr<curl_slist, Deleter<curl_slist_free_all>> headers{curl_slist_append(nullptr, "Expect:")};
    curl_slist_append(headers.get(), ("LAVA-Token: " + token).c_str());
    curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl.get(), CURLOPT_USERAGENT, "patchbay/" PATCHBAY_VERSION);
    curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDS, body.c_str());
    curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    curl_easy_setopt(curl.get(), CURLOPT_CONNECTTIMEOUT, stall_seconds);
    curl_easy_setopt(curl.get(), CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl.get(), CURLOPT_LOW_SPEED_TIME, stall_seconds);
    curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, &keep);
    curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &answer);
    curl_easy_setopt(curl.get(), CURLOPT_ERRORBUFFER, problem);
    const auto code = curl_easy_perform(curl.get());
    curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &answer.status);
    if (code != CURLE_OK) {
        answer.status = 0;
        answer.problem = problem[0] ? problem : curl_easy_strerror(code);
    }
    return answer;
}

std::string logs_url(std::string server, const std::string& job) {
    while (!server.empty() && server.back() == '/') server.pop_back();
    return server + "/scheduler/internal/v1/jobs/" + job + "/logs/";
}

}  // namespace

LogUpload::LogUpload(asio::any_io_executor executor, UploadTarget target, std::filesystem::path log,
                     std::function<void()> gone)
    : target_{std::move(target)},
      plan_{std::move(log), target_.job, target_.first_pause},
      gone_{std::move(gone)},
      wake_{executor},
      group_{executor} {
    group_.spawn("log upload", run());
}

LogUpload::~LogUpload() { worker_.join(); }

void LogUpload::grew(std::uint64_t bytes) { plan_.grew(bytes); }

Task<> LogUpload::finish() {
    finishing_ = true;
    wake_.cancel();
    co_await group_.join();
}

/// Ends early when something changed.
Task<> LogUpload::wait(std::chrono::milliseconds time) {
    boost::system::error_code woken;
    wake_.expires_after(time);
    co_await wake_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
}

Task<> LogUpload::run() {
    while (!plan_.gone() && unreadable_ < most_unreadable) {
        if (!finishing_) co_await wait(target_.interval);
        if (flush) flush();
        if (finishing_ && plan_.done()) co_return;
        if (!plan_.done()) co_await call();
    }
}

Task<> LogUpload::call() {
    Answer answer;
    std::optional<std::string> body;
    try {
        body = plan_.next();
        unreadable_ = 0;
    } catch (const InfrastructureError& error) {
        answer.problem = error.what();  // as if the server did not answer: later the log may be readable again
        if (finishing_) ++unreadable_;
    }
    if (unreadable_ == most_unreadable) {
        spdlog::error("log upload given up, its end is missing on the server url={} reason={}", target_.url,
                      answer.problem);
        co_return;
    }
    if (body) {
        auto request = [url = logs_url(target_.url, target_.job), token = target_.token, text = std::move(*body)] {
            return post(url, token, text);
        };
        answer = co_await on_worker(worker_, std::move(request));
    }
    const auto pause = plan_.answered(answer.status, answer.body);
    if (plan_.gone()) {
        gone_();
        co_return;
    }
    if (pause.count() == 0) {
        complained_ = false;
        co_return;
    }
    if (!complained_) {
        const auto why = answer.status ? "status " + std::to_string(answer.status) : answer.problem;
        spdlog::warn("log upload failed, trying for ever url={} reason={}", target_.url, why);
    }
    complained_ = true;
    co_await sleep_for(pause);
}

}  // namespace patchbay
