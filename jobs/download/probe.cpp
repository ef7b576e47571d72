// SPDX-License-Identifier: Apache-2.0
// Is the file there? Asked when a job is validated.
#include "core/errors.hpp"
#include "core/process/run_command.hpp"
#include "jobs/download/download.hpp"
#include "jobs/download/interruptible.hpp"
#include "jobs/download/request.hpp"
#include "jobs/download/transfer.hpp"

namespace patchbay {
namespace {

using Problem = std::optional<std::string>;

Task<HttpReply> ask(const HttpRequest& http, ProbeMethod method, const DownloadContext& context) {
    auto pause = context.probe_retry.first;
    for (int left = context.probe_retry.tries;; --left) {
        auto work = [&http, method](const StopFlag& stop) { return http_probe(http, method, stop); };
        auto reply = co_await interruptible(context.workers, std::move(work));
        if (left <= 1 || !reply.worth_retrying()) co_return reply;
        co_await sleep_for(pause);
        pause *= 2;
    }
}

Task<Problem> probe_http(const DownloadRequest& request, const DownloadContext& context) {
    HttpRequest http;
    http.url = request.url;
    http.headers = request.headers;
    http.stall = context.stall;
    http.addresses = context.addresses;
    auto reply = co_await ask(http, ProbeMethod::head, context);
    if (reply.status != 200) {
        context.log(LogLevel::debug, "Using GET because HEAD is not supported properly");
        reply = co_await ask(http, ProbeMethod::get, context);
    }
    if (reply.status == 200) co_return std::nullopt;
    if (reply.timed_out) co_return "'" + request.url + "' timed out";
    if (reply.status == 0) co_return "Unable to get '" + request.url + "': " + reply.problem;
    co_return "Resource unavailable at '" + request.url + "' (" + std::to_string(reply.status) + ")";
}

Task<Problem> probe_scp(const DownloadRequest& request, const DownloadContext& context, Deadline deadline) {
    const auto address = scp_address(request.url);
    co_await check_host(context.addresses, request.url, address.name);
    Command command;
    command.argv = {"ssh", "-o", "BatchMode=yes", address.host, "stat", "-c", "%s", "'" + address.path + "'"};
    const auto output = co_await capture_command(std::move(command), deadline);
    if (output.exit_code == 0) co_return std::nullopt;
    co_return "Resource unavailable at '" + request.url + "': " + output.text;
}

Task<Problem> probe_scheme(DownloadRequest request, DownloadContext context, Deadline deadline) {
    check_compression(request);
    static_cast<void>(download_file_name(request));
    switch (scheme_of(request.url)) {
        case Scheme::http:
            co_return co_await probe_http(request, context);
        case Scheme::scp:
            co_return co_await probe_scp(request, context, deadline);
        case Scheme::downloads:
            break;  // made by an earlier action of the job
        case Scheme::file: {
            const auto file = local_file(request.url, context.allowed_file_paths);
            std::error_code error;
            if (!std::filesystem::is_regular_file(file, error)) {
                co_return "Resource unavailable at '" + request.url + "': there is no such file";
            }
            break;
        }
    }
    co_return std::nullopt;
}

}  // namespace

Task<Problem> probe(DownloadRequest request, DownloadContext context, Deadline deadline) {
    request.url = substitute(request.url, context.static_info);
    auto timed_out = "'" + request.url + "' timed out";
    auto what = "probe of " + request.url;
    auto work = probe_scheme(std::move(request), std::move(context), deadline);
    try {
        co_return co_await with_deadline(deadline, std::move(what), std::move(work));
    } catch (const TimedOut&) {
    }
    co_return timed_out;
}

}  // namespace patchbay
