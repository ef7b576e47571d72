// SPDX-License-Identifier: Apache-2.0
#include "jobs/download/download.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include "core/errors.hpp"
#include "core/process/run_command.hpp"
#include "jobs/download/interruptible.hpp"
#include "jobs/download/progress.hpp"
#include "jobs/download/request.hpp"
#include "jobs/download/source.hpp"

namespace patchbay {
namespace {

/// Lines of a worker appear on the caller's executor, in order, and before the result of the work.
WorkerLog log_on(asio::any_io_executor executor, const DownloadContext& context) {
    return [executor, log = context.log](LogLevel level, const std::string& text) {
        asio::post(executor, [log, level, text] { log(level, text); });
    };
}

Task<Fetched> fetch_with_retries(const DownloadRequest& request, const DownloadContext& context, WorkerLog log) {
    auto pause = context.retry.first;
    for (int left = context.retry.tries;; --left) {
        auto work = [&request, &context, &log](const StopFlag& stop) {
            return fetch_http(request, context, log, stop);
        };
        auto attempt = co_await interruptible(context.workers, std::move(work));
        if (attempt.fetched) co_return std::move(*attempt.fetched);
        if (left <= 1) {
            throw InfrastructureError{"Unable to download '" + request.url + "': " + attempt.problem};
        }
        context.log(LogLevel::debug, "'" + request.url + "' failed (" + attempt.problem + "), trying again");
        co_await sleep_for(pause);
        pause = std::min<std::chrono::milliseconds>(pause * 2, std::chrono::minutes{2});
    }
}

/// $1 is the host, $2 the path there, $3 the file here, $4 the most bytes that it may get. What ends early is ssh's
/// pipe, so that its own exit code comes by the third descriptor.
constexpr auto scp_script =
    "exit $({ { ssh -o BatchMode=yes \"$1\" cat \"'$2'\" 3>&-; echo $? >&3; } | head -c \"$4\" > \"$3\"; } 3>&1)";

/// ssh writes into a file of the cache; the file's sums name its blob afterwards.
Task<Fetched> fetch_scp(const DownloadRequest& request, const DownloadContext& context, Deadline deadline) {
    const auto address = scp_address(request.url);
    co_await check_host(context.addresses, request.url, address.name);
    const auto limit = context.limits.bytes;
    const auto temporary = std::make_shared<TemporaryFile>(context.cache.temporary());
    Command command;
    command.argv = {"/bin/sh",
                    "-c",
                    scp_script,
                    "sh",
                    address.host,
                    address.path,
                    temporary->path().string(),
                    std::to_string(limit + 1)};
    const auto output = co_await capture_command(std::move(command), deadline);
    std::error_code error;
    const auto size = std::filesystem::file_size(temporary->path(), error);
    if (!error && size > limit) {
        throw JobError{"'" + request.url + "' is too large: " + context.limits.bytes_text()};
    }
    if (output.exit_code != 0) {
        throw InfrastructureError{"Unable to download '" + request.url + "': " + output.text};
    }
    auto work = [&context, temporary](const StopFlag& stop) {
        Fetched fetched;
        fetched.entry.digests = hash_file(temporary->path(), stop);
        fetched.entry.size = std::filesystem::file_size(temporary->path());
        context.cache.adopt(temporary->path(), fetched.entry);
        return fetched;
    };
    co_return co_await interruptible(context.workers, std::move(work));
}

Task<Fetched> fetch_local(const DownloadRequest& request, const DownloadContext& context, WorkerLog log) {
    const auto file = scheme_of(request.url) == Scheme::file
                          ? local_file(request.url, context.allowed_file_paths)
                          : downloaded_file(request.url, context.downloads_directory);
    auto work = [&request, &context, file, log](const StopFlag& stop) {
        auto fetched = fetch_file(request, context, file, stop);
        log(LogLevel::debug,
            "total size: " + std::to_string(fetched.entry.size) + " (" + megabytes(fetched.entry.size) + ")");
        return fetched;
    };
    co_return co_await interruptible(context.workers, std::move(work));
}

Task<Fetched> fetch(const DownloadRequest& request, const DownloadContext& context, WorkerLog log, Deadline deadline) {
    switch (scheme_of(request.url)) {
        case Scheme::http:
            co_return co_await fetch_with_retries(request, context, std::move(log));
        case Scheme::scp:
            co_return co_await fetch_scp(request, context, deadline);
        case Scheme::file:
        case Scheme::downloads:
            break;
    }
    co_return co_await fetch_local(request, context, std::move(log));
}

Task<DownloadResult> fetch_and_deliver(DownloadRequest request, DownloadContext context, Deadline deadline) {
    request.url = substitute(request.url, context.static_info);
    context.log(LogLevel::info, "downloading " + request.url);
    context.log(LogLevel::debug, "saving as " + target_path(request, context).string());
    auto log = log_on(co_await asio::this_coro::executor, context);
    const auto start = Progress::Clock::now();
    DownloadResult result;
    result.label = request.key;
    for (int tries = 3;; --tries) {
        const auto fetched = co_await fetch(request, context, log, deadline);
        auto work = [&request, &context, &fetched, &result, &log](const StopFlag& stop) {
            return deliver(request, context, fetched, result, log, stop);
        };
        const bool there = co_await interruptible(context.workers, std::move(work));
        if (there) {
            result.size = fetched.entry.size;
            result.digests = fetched.entry.digests;
            result.cached = fetched.cached;
            break;
        }
        if (tries <= 1) {
            throw InfrastructureError{"the cache '" + context.cache.folder().string() + "' loses '" + request.url +
                                      "' at once: is its limit smaller than the file?"};
        }
    }
    context.log(LogLevel::info, downloaded_line(result.size, Progress::Clock::now() - start));
    co_return result;
}

}  // namespace

config::Map DownloadResult::info() const {
    return {{"label", label},
            {"size", static_cast<std::int64_t>(size)},
            {"md5sum", digests.md5},
            {"sha256sum", digests.sha256},
            {"sha512sum", digests.sha512}};
}

Task<DownloadResult> download(DownloadRequest request, DownloadContext context, Deadline deadline) {
    auto what = "download of " + request.url;
    auto work = fetch_and_deliver(std::move(request), std::move(context), deadline);
    co_return co_await with_deadline(deadline, std::move(what), std::move(work));
}

}  // namespace patchbay
