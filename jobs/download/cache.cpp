// SPDX-License-Identifier: Apache-2.0
#include "jobs/download/cache.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <fstream>
#include <vector>

#include "core/errors.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view format_mark = "patchbay cache 1";
constexpr std::time_t abandoned_after = 24 * 60 * 60;  // seconds; no download of one file takes a day

std::string path_of(const std::string& key) { return sha256_hex(key); }

/// The time of last use is kept in the access time, which nothing else of us changes.
void touch(const fs::path& file) {
    const timespec times[2] = {{0, UTIME_NOW}, {0, UTIME_OMIT}};
    ::utimensat(AT_FDCWD, file.c_str(), times, 0);
}

std::optional<struct stat> status_of(const fs::path& file) {
    struct stat status {};
    if (::lstat(file.c_str(), &status) != 0) return std::nullopt;
    return status;
}

std::string one_line(std::string text) { return text.find('\n') == std::string::npos ? text : std::string{}; }

}  // namespace

ArtifactCache::ArtifactCache(fs::path folder, std::uint64_t limit) : folder_{std::move(folder)}, limit_{limit} {
    for (const auto* name : {"blobs", "index", "variants", "locks", "tmp"}) {
        std::error_code error;
        fs::create_directories(folder_ / name, error);
        if (error) {
            throw InfrastructureError{"the cache folder '" + (folder_ / name).string() +
                                      "' cannot be made: " + error.message()};
        }
    }
}

fs::path ArtifactCache::blob(const CacheEntry& entry) const { return folder_ / "blobs" / entry.digests.sha256; }

std::optional<CacheEntry> ArtifactCache::read_note(const fs::path& file) {
    std::ifstream stream{file};
    std::string mark, size;
    CacheEntry entry;
    auto& sums = entry.digests;
    if (!std::getline(stream, mark) || mark != format_mark || !std::getline(stream, size) ||
        !std::getline(stream, sums.sha256) || !std::getline(stream, sums.md5) || !std::getline(stream, sums.sha512) ||
        !std::getline(stream, entry.etag) || !std::getline(stream, entry.last_modified)) {
        return std::nullopt;
    }
    if (size.empty() || size.find_first_not_of("0123456789") != std::string::npos || size.size() > 19) {
        return std::nullopt;
    }
    entry.size = std::stoull(size);
    if (sums.sha256.empty() || sums.sha256.find('/') != std::string::npos) return std::nullopt;
    return entry;
}

std::optional<CacheEntry> ArtifactCache::read(const fs::path& file, BlobIs where) {
    auto entry = read_note(file);
    if (!entry) return std::nullopt;
    if (where == BlobIs::elsewhere) {
        ::utimensat(AT_FDCWD, file.c_str(), nullptr, 0);  // such a note has no blob that could tell of its use
        return entry;
    }
    const auto status = status_of(blob(*entry));
    if (!status) return std::nullopt;
    if (static_cast<std::uint64_t>(status->st_size) != entry->size) {
        ::unlink(blob(*entry).c_str());
        return std::nullopt;
    }
    touch(blob(*entry));
    return entry;
}

void ArtifactCache::write(const fs::path& file, const CacheEntry& entry) {
    const auto note = temporary();
    std::ofstream stream{note.path()};
    stream << format_mark << '\n'
           << entry.size << '\n'
           << entry.digests.sha256 << '\n'
           << entry.digests.md5 << '\n'
           << entry.digests.sha512 << '\n'
           << one_line(entry.etag) << '\n'
           << one_line(entry.last_modified) << '\n';
    stream.close();
    // A note that could not be written costs another download, nothing more.
    if (stream) ::rename(note.path().c_str(), file.c_str());
}

std::optional<CacheEntry> ArtifactCache::find(const std::string& key, BlobIs where) {
    return read(folder_ / "index" / path_of(key), where);
}

std::optional<CacheEntry> ArtifactCache::find_since(const std::string& key, fs::file_time_type since) {
    std::error_code error;
    const auto noted = fs::last_write_time(folder_ / "index" / path_of(key), error);
    return error || noted < since ? std::nullopt : find(key);
}

void ArtifactCache::remember(const std::string& key, const CacheEntry& entry) {
    write(folder_ / "index" / path_of(key), entry);
    trim_notes();
}

std::string ArtifactCache::variant_name(const std::string& sha256, const std::string& compression) {
    return sha256 + "." + compression;
}

std::optional<CacheEntry> ArtifactCache::find_variant(const std::string& sha256, const std::string& compression) {
    return read(folder_ / "variants" / variant_name(sha256, compression), BlobIs::here);
}

void ArtifactCache::remember_variant(const std::string& sha256, const std::string& compression,
                                     const CacheEntry& entry) {
    write(folder_ / "variants" / variant_name(sha256, compression), entry);
}

TemporaryFile::~TemporaryFile() {
    if (!path_.empty()) ::unlink(path_.c_str());
}

TemporaryFile ArtifactCache::temporary() {
    static std::atomic<std::uint64_t> counter{0};
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return TemporaryFile{folder_ / "tmp" /
                         (std::to_string(::getpid()) + "-" + std::to_string(now.tv_sec) + std::to_string(now.tv_nsec) +
                          "-" + std::to_string(++counter))};
}

void ArtifactCache::adopt(const fs::path& temporary, const CacheEntry& entry) {
    const auto target = blob(entry);
    const auto existing = status_of(target);
    if (existing && static_cast<std::uint64_t>(existing->st_size) == entry.size) {
        ::unlink(temporary.c_str());
        touch(target);
        return;
    }
    const int fd = ::open(temporary.c_str(), O_RDONLY | O_CLOEXEC);
    const bool synced = fd >= 0 && ::fdatasync(fd) == 0;
    if (fd >= 0) ::close(fd);
    ::chmod(temporary.c_str(), 0444);
    if (!synced || ::rename(temporary.c_str(), target.c_str()) != 0) {
        const auto why = disk_problem(errno);
        ::unlink(temporary.c_str());
        throw InfrastructureError{"cannot keep a download in '" + target.string() + "': " + why};
    }
    touch(target);
    evict(entry.digests.sha256);
}

bool ArtifactCache::place(const CacheEntry& entry, const fs::path& target, Placement how, const StopFlag& stop) {
    const auto source = blob(entry);
    ::unlink(target.c_str());
    if (how == Placement::shared) {
        if (::link(source.c_str(), target.c_str()) == 0) return true;
        if (errno == ENOENT) return false;
    }
    if (!status_of(source)) return false;
    copy_bytes(source, target, stop);
    return true;
}

void ArtifactCache::evict(const std::string& keep) {
    struct Blob {
        fs::path path;
        timespec used;
        std::uint64_t size;
    };
    std::vector<Blob> blobs;
    std::uint64_t sum = 0;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator{folder_ / "blobs", error}) {
        const auto status = status_of(entry.path());
        if (!status) continue;
        const auto size = static_cast<std::uint64_t>(status->st_size);
        sum += size;
        if (entry.path().filename() != keep) blobs.push_back({entry.path(), status->st_atim, size});
    }
    std::sort(blobs.begin(), blobs.end(), [](const Blob& a, const Blob& b) {
        return std::pair{a.used.tv_sec, a.used.tv_nsec} < std::pair{b.used.tv_sec, b.used.tv_nsec};
    });
    for (const auto& old : blobs) {
        if (sum <= limit_) break;
        if (::unlink(old.path.c_str()) == 0) sum -= old.size;
    }
    for (const auto& entry : fs::directory_iterator{folder_ / "tmp", error}) {
        const auto status = status_of(entry.path());
        if (status && status->st_mtim.tv_sec + abandoned_after < std::time(nullptr)) ::unlink(entry.path().c_str());
    }
}

ArtifactCache::Lock::~Lock() {
    if (fd_ >= 0) ::close(fd_);
}

std::optional<ArtifactCache::Lock> ArtifactCache::try_lock(const std::string& key) { return lock_named(path_of(key)); }

std::optional<ArtifactCache::Lock> ArtifactCache::lock_named(const std::string& name) {
    const auto path = folder_ / "locks" / name;
    for (;;) {
        const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
        if (fd < 0) {
            throw InfrastructureError{"cannot open the lock '" + path.string() + "': " + std::strerror(errno)};
        }
        Lock lock{fd};
        if (::flock(fd, LOCK_EX | LOCK_NB) != 0) return std::nullopt;
        // It may have been removed since it was opened: the next one would lock another file of that name.
        struct stat held {};
        const auto named = status_of(path);
        if (named && ::fstat(fd, &held) == 0 && held.st_ino == named->st_ino) return lock;
    }
}

}  // namespace patchbay
