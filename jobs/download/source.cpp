// SPDX-License-Identifier: Apache-2.0
#include "jobs/download/source.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "core/errors.hpp"
#include "jobs/download/progress.hpp"
#include "jobs/download/request.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;

/// The same url with other headers may be another file: it depends on who asks.
std::string cache_key(const DownloadRequest& request) {
    std::string key = request.url;
    for (const auto& [name, value] : request.headers) key += "\n" + name + ": " + value;
    return key;
}

struct Turn {
    ArtifactCache::Lock lock;
    bool waited = false;  ///< somebody else fetched the same meanwhile
};

Turn wait_for_turn(ArtifactCache& cache, const DownloadRequest& request, const WorkerLog& log, const StopFlag& stop) {
    for (bool waited = false;; waited = true) {
        if (stop) throw Stopped{};
        if (auto lock = cache.try_lock(cache_key(request))) return {std::move(*lock), waited};
        if (!waited) log(LogLevel::debug, "waiting for another download of " + request.url);
        // flock has no wait that could be ended from another thread.
        std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
}

std::string problem_text(const HttpReply& reply) {
    return reply.status == 0 ? reply.problem : "status " + std::to_string(reply.status);
}

void log_compression(const DownloadRequest& request, const WorkerLog& log) {
    if (request.compression.empty()) return log(LogLevel::debug, "No compression specified");
    const auto kind = decompression(request);
    if (kind.empty()) {
        if (request.key == "ramdisk") log(LogLevel::debug, "Not decompressing ramdisk as can be used compressed.");
        return;
    }
    const std::string program = kind == "gz" ? "gunzip" : kind == "xz" ? "unxz" : kind == "bz2" ? "bunzip2" : "unzstd";
    log(LogLevel::info, "Using " + program + " to decompress " + kind);
}

void log_size(const DownloadRequest& request, std::optional<std::uint64_t> size, const WorkerLog& log) {
    if (size) log(LogLevel::debug, "total size: " + std::to_string(*size) + " (" + megabytes(*size) + ")");
    log_compression(request, log);
}

void check_sum(const DownloadRequest& request, std::string_view algorithm, std::string expected,
               const std::string& actual, const WorkerLog& log) {
    for (auto& c : expected) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (expected.empty() || expected == actual) return;
    log(LogLevel::error, std::string{algorithm} + " sum for '" + request.url + "' does not match");
    log(LogLevel::info, "actual  : " + actual);
    log(LogLevel::info, "expected: " + expected);
    throw JobError{std::string{algorithm} + " for '" + request.url + "' does not match."};
}

UnpackOptions unpack_options(const DownloadRequest& request, const DownloadContext& context) {
    UnpackOptions options;
    options.shown = request.url;
    options.limits = context.limits;
    return options;
}

/// The decompressed form in the cache. The entry's sum is the name of its blob.
CacheEntry decompressed(const DownloadRequest& request, const DownloadContext& context, const Fetched& fetched,
                        const fs::path& bytes, const StopFlag& stop) {
    const auto kind = decompression(request);
    const auto& sum = fetched.entry.digests.sha256;
    if (auto known = context.cache.find_variant(sum, kind)) return *known;
    const auto temporary = context.cache.temporary();
    CacheEntry entry;
    entry.digests.sha256 = ArtifactCache::variant_name(sum, kind);
    entry.size = decompress_file(bytes, temporary.path(), kind, unpack_options(request, context), stop);
    context.cache.adopt(temporary.path(), entry);
    context.cache.remember_variant(sum, kind, entry);
    return entry;
}

/// Many jobs read the same kernel: it is copied once, into the cache.
bool place_local(ArtifactCache& cache, const Fetched& fetched, const fs::path& target, const StopFlag& stop) {
    if (cache.place(fetched.entry, target, Placement::shared, stop)) return true;
    const auto temporary = cache.temporary();
    copy_bytes(fetched.file, temporary.path(), stop);
    // Its owner may just have changed it, and a blob is what its name says.
    if (hash_file(temporary.path(), stop).sha256 != fetched.entry.digests.sha256) {
        std::error_code error;
        fs::rename(temporary.path(), target, error);
        if (error) throw InfrastructureError{"cannot make '" + target.string() + "': " + error.message()};
        return true;
    }
    cache.adopt(temporary.path(), fetched.entry);
    return cache.place(fetched.entry, target, Placement::shared, stop);
}

}  // namespace

std::string decompression(const DownloadRequest& request) {
    return request.compression == "zip" || request.key == "ramdisk" ? std::string{} : request.compression;
}

fs::path target_path(const DownloadRequest& request, const DownloadContext& context) {
    const auto folder = request.uniquify ? context.directory / request.key : context.directory;
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) throw InfrastructureError{"cannot make the folder '" + folder.string() + "': " + error.message()};
    return folder / download_file_name(request);
}

HttpAttempt fetch_http(const DownloadRequest& request, const DownloadContext& context, const WorkerLog& log,
                       const StopFlag& stop) {
    auto& cache = context.cache;
    const auto key = cache_key(request);
    // A note of a file system's clock may be some milliseconds old when it is written.
    const auto asked = fs::file_time_type::clock::now() - std::chrono::milliseconds{20};
    const auto turn = wait_for_turn(cache, request, log, stop);
    if (turn.waited && request.use_cache) {
        // What was on its way when we asked is as good as what we would get.
        if (const auto shared = cache.find_since(key, asked)) {
            log_size(request, shared->size, log);
            return {Fetched{*shared, {}, true}, {}};
        }
    }
    HttpRequest http;
    http.url = request.url;
    http.headers = request.headers;
    http.stall = context.stall;
    http.limit = context.limits.bytes;
    http.addresses = context.addresses;
    std::optional<CacheEntry> known;
    if (request.use_cache) known = cache.find(key);
    if (known) {
        http.etag = known->etag;
        http.last_modified = known->last_modified;
    }
    std::optional<Progress> progress;
    TransferEvents events;
    events.begin = [&](std::optional<std::uint64_t> size) {
        log_size(request, size, log);
        progress.emplace(size, Progress::Clock::now(), [&log](const std::string& line) { log(LogLevel::debug, line); });
    };
    events.bytes = [&](std::uint64_t bytes) { progress->add(bytes, Progress::Clock::now()); };
    const auto temporary = cache.temporary();
    const auto reply = http_get(http, temporary.path(), events, stop);
    HttpAttempt attempt;
    if (known && reply.status == 304) {
        log_size(request, known->size, log);
        attempt.fetched = Fetched{*known, {}, true};
        return attempt;
    }
    if (reply.too_large) throw JobError{"'" + request.url + "' is too large: " + context.limits.bytes_text()};
    if (reply.cut_off || (reply.status == 200 && reply.expected && *reply.expected != reply.received)) {
        throw InfrastructureError{"Download finished (" + std::to_string(reply.received) +
                                  " bytes) but was not expected size (" + std::to_string(reply.expected.value_or(0)) +
                                  " bytes), check your networking."};
    }
    if (reply.status != 200) {
        attempt.problem = problem_text(reply);
        if (!reply.worth_retrying()) {
            throw InfrastructureError{"Unable to download '" + request.url + "': " + attempt.problem};
        }
        return attempt;
    }
    if (progress) progress->finish();
    CacheEntry entry;
    entry.digests = reply.digests;
    entry.size = reply.received;
    entry.etag = reply.etag;
    entry.last_modified = reply.last_modified;
    cache.adopt(temporary.path(), entry);
    cache.remember(key, entry);
    attempt.fetched = Fetched{std::move(entry), {}, false};
    return attempt;
}

Fetched fetch_file(const DownloadRequest& request, const DownloadContext& context, const fs::path& file,
                   const StopFlag& stop) {
    struct stat status {};
    if (::stat(file.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) {
        throw JobError{
            "Resource unavailable at '" + request.url + "': " +
            (errno != 0 && !S_ISREG(status.st_mode) && status.st_mode == 0 ? std::strerror(errno) : "it is no file")};
    }
    const auto time = [](const timespec& t) { return std::to_string(t.tv_sec) + "." + std::to_string(t.tv_nsec); };
    const auto key = "file:" + std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino) + ":" +
                     std::to_string(status.st_size) + ":" + time(status.st_mtim) + ":" + time(status.st_ctim);
    Fetched fetched;
    fetched.file = file;
    if (auto known = context.cache.find(key, ArtifactCache::BlobIs::elsewhere)) {
        fetched.entry = *known;
        fetched.cached = true;
        return fetched;
    }
    try {
        fetched.entry.digests = hash_file(file, stop);
    } catch (const fs::filesystem_error&) {
        throw JobError{"Resource unavailable at '" + request.url + "': the lab's runner may not read it"};
    }
    fetched.entry.size = static_cast<std::uint64_t>(status.st_size);
    context.cache.remember(key, fetched.entry);
    return fetched;
}

bool deliver(const DownloadRequest& request, const DownloadContext& context, const Fetched& fetched,
             DownloadResult& result, const WorkerLog& log, const StopFlag& stop) {
    const auto& sums = fetched.entry.digests;
    check_sum(request, "md5", request.expected.md5, sums.md5, log);
    check_sum(request, "sha256", request.expected.sha256, sums.sha256, log);
    check_sum(request, "sha512", request.expected.sha512, sums.sha512, log);
    const auto target = target_path(request, context);
    result.path = target;
    // A name of our own for the bytes: others may clean up the cache while we read.
    const auto held = context.cache.temporary();
    const bool unpacks = !request.archive.empty() || !decompression(request).empty();
    if (unpacks && fetched.file.empty() && !context.cache.place(fetched.entry, held.path(), Placement::shared, stop)) {
        return false;
    }
    const auto* bytes = fetched.file.empty() ? &held.path() : &fetched.file;
    std::optional<CacheEntry> plain;
    if (!decompression(request).empty()) plain = decompressed(request, context, fetched, *bytes, stop);
    result.decompressed = plain.has_value();
    if (!request.archive.empty()) {
        if (plain) {
            if (!context.cache.place(*plain, held.path(), Placement::shared, stop)) return false;
            bytes = &held.path();
        }
        const auto folder = target.parent_path() / request.key;
        std::error_code error;
        fs::remove_all(folder, error);
        fs::create_directories(folder, error);
        if (error) throw InfrastructureError{"cannot make the folder '" + folder.string() + "': " + error.message()};
        extract_archive(*bytes, folder, unpack_options(request, context), stop);
        result.path = folder;
        return true;
    }
    if (plain) return context.cache.place(*plain, target, request.placement, stop);
    if (fetched.file.empty()) return context.cache.place(fetched.entry, target, request.placement, stop);
    // A link to the file itself would let the job and the owner of the file see each other's changes.
    if (request.placement == Placement::shared) return place_local(context.cache, fetched, target, stop);
    copy_bytes(fetched.file, target, stop);
    return true;
}

}  // namespace patchbay
