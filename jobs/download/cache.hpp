// SPDX-License-Identifier: Apache-2.0
#pragma once
// Downloaded bytes, kept by their content and shared by all runners of one host through the file system alone.
//
//   blobs/<sha256>             the bytes; never modified, only unlinked
//   index/<sha256 of key>      what a source had when it was last fetched: validators, size, sums
//   variants/<sha256>.<gz|..>  which blob is the decompressed form
//   locks/<sha256 of key>      flock: one process fetches, the others wait and use its bytes
//   tmp/                       files being written
//   trimmed                    its time: when notes and locks of what is gone were last removed

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "jobs/download/digest.hpp"

namespace patchbay {

/// A file in the making; removed when this goes, unless it was moved to its place.
class TemporaryFile {
public:
    explicit TemporaryFile(std::filesystem::path path) : path_{std::move(path)} {}
    TemporaryFile(TemporaryFile&& other) noexcept : path_{std::exchange(other.path_, {})} {}
    TemporaryFile& operator=(TemporaryFile&&) = delete;
    ~TemporaryFile();
    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

/// What a source had when it was fetched.
struct CacheEntry {
    Digests digests;  ///< complete
    std::uint64_t size = 0;
    std::string etag;
    std::string last_modified;
    bool operator==(const CacheEntry&) const = default;
};

/// How a file of the cache gets into a job's folder.
enum class Placement {
    shared,       ///< a hard link where possible: for readers only (kernel, initial ramdisk)
    private_copy  ///< a reflink or a copy: the job may write to it
};

/// Open files and links stay valid whatever others do to the cache. Blocking; safe from any thread and process.
class ArtifactCache {
public:
    /// Makes the folders. `limit` in bytes, of all blobs; the one just added always stays.
    /// Throws: InfrastructureError naming the folder that cannot be made.
    ArtifactCache(std::filesystem::path folder, std::uint64_t limit);

    /// What is known about `key` (a URL with its headers, or a file's identity), if its blob is whole.
    /// A blob of another size than noted is a leftover of a crash: it is removed.
    /// With BlobIs::elsewhere only the note counts: the bytes are a file of this host.
    enum class BlobIs { here, elsewhere };
    std::optional<CacheEntry> find(const std::string& key, BlobIs where = BlobIs::here);
    /// The same, only if it was noted at or after `since`.
    std::optional<CacheEntry> find_since(const std::string& key, std::filesystem::file_time_type since);
    /// Once a day this also removes what the cache remembers of bytes that are gone, a month after it was last of use.
    void remember(const std::string& key, const CacheEntry& entry);

    /// The decompressed form of `sha256`, if it was made before and is whole. Its blob is named after what it was made
    /// from, so entry.digests.sha256 is that name and no sum; the others are empty.
    static std::string variant_name(const std::string& sha256, const std::string& compression);
    std::optional<CacheEntry> find_variant(const std::string& sha256, const std::string& compression);
    void remember_variant(const std::string& sha256, const std::string& compression, const CacheEntry& entry);

    /// A new name in tmp/, on the same file system as the blobs.
    TemporaryFile temporary();
    /// Moves a file of tmp/ to its place; durable before it is visible. Evicts the least recently used beyond the
    /// limit.
    void adopt(const std::filesystem::path& temporary, const CacheEntry& entry);
    /// Makes `target` (replacing what is there).
    /// Returns false when the blob is gone meanwhile. Throws: InfrastructureError, Stopped.
    bool place(const CacheEntry& entry, const std::filesystem::path& target, Placement how, const StopFlag& stop);
    std::filesystem::path blob(const CacheEntry& entry) const;

    /// Holds the right to fetch `key`; given back by the destructor, and by the kernel when the process dies.
    class Lock {
    public:
        explicit Lock(int fd) : fd_{fd} {}
        Lock(Lock&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {}
        Lock& operator=(Lock&&) = delete;
        ~Lock();

    private:
        int fd_;
    };
    /// nullopt: somebody else fetches it now.
    std::optional<Lock> try_lock(const std::string& key);

    const std::filesystem::path& folder() const { return folder_; }

private:
    void evict(const std::string& keep);
    void trim_notes();
    void trim_index();
    void trim_locks();
    bool has_bytes(const std::filesystem::path& note) const;
    std::optional<Lock> lock_named(const std::string& name);
    static std::optional<CacheEntry> read_note(const std::filesystem::path& file);
    std::optional<CacheEntry> read(const std::filesystem::path& file, BlobIs where);
    void write(const std::filesystem::path& file, const CacheEntry& entry);

    std::filesystem::path folder_;
    std::uint64_t limit_;
};

/// Writes all of it. False: errno says why not.
bool write_all(int fd, std::string_view bytes);

inline constexpr std::string_view free_space_hint = "free space there, or lower 'cache_limit' in lab.yaml";
/// "No space left on device; <what can be done>" of an error number.
std::string disk_problem(int error);

/// Copies bytes as cheaply as the file systems allow: reflink, else copy_file_range, else read and write.
/// Throws: InfrastructureError, Stopped; then `to` is gone.
void copy_bytes(const std::filesystem::path& from, const std::filesystem::path& to, const StopFlag& stop);

/// After this nobody else sees what is written to `path`: a hard link becomes a copy.
/// Throws: InfrastructureError, Stopped.
void make_private(const std::filesystem::path& path, const StopFlag& stop);

}  // namespace patchbay
