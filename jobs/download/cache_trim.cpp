// SPDX-License-Identifier: Apache-2.0
// Notes and locks are small, but every url of every night would leave some. Other processes use the cache meanwhile: a
// note is removed by who holds its lock, and a lock that somebody holds stays.
#include <chrono>
#include <fstream>
#include <vector>

#include "core/errors.hpp"
#include "jobs/download/cache.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;

constexpr auto pause = std::chrono::hours{24};
constexpr auto forgotten_after = std::chrono::hours{30 * 24};  // also the sums of the lab's own files

bool is_older(const fs::path& file, std::chrono::hours age) {
    std::error_code error;
    const auto changed = fs::last_write_time(file, error);
    return !error && changed + age < fs::file_time_type::clock::now();
}

/// The names first: what is removed while a folder is read may hide others.
std::vector<std::string> old_files(const fs::path& folder) {
    std::vector<std::string> names;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator{folder, error}) {
        if (is_older(entry.path(), forgotten_after)) names.push_back(entry.path().filename().string());
    }
    return names;
}

void forget(const fs::path& file) {
    std::error_code ignored;
    fs::remove(file, ignored);
}

}  // namespace

void ArtifactCache::trim_notes() {
    const auto mark = folder_ / "trimmed";
    std::error_code error;
    if (fs::exists(mark, error) && !is_older(mark, pause)) return;
    std::ofstream{mark};
    for (const auto& name : old_files(folder_ / "variants")) {
        // Without a lock: who makes it anew at this moment will make it once more.
        if (!has_bytes(folder_ / "variants" / name)) forget(folder_ / "variants" / name);
    }
    try {
        trim_index();
        trim_locks();
    } catch (const InfrastructureError&) {  // a lock that cannot be opened is no fault of this download
    }
}

void ArtifactCache::trim_index() {
    for (const auto& name : old_files(folder_ / "index")) {
        const auto note = folder_ / "index" / name;
        const auto lock = lock_named(name);
        if (!lock || !is_older(note, forgotten_after) || has_bytes(note)) continue;
        forget(note);
        forget(folder_ / "locks" / name);
    }
}

void ArtifactCache::trim_locks() {
    for (const auto& name : old_files(folder_ / "locks")) {
        const auto lock = lock_named(name);
        std::error_code error;
        if (lock && !fs::exists(folder_ / "index" / name, error)) forget(folder_ / "locks" / name);
    }
}

bool ArtifactCache::has_bytes(const fs::path& note) const {
    const auto entry = read_note(note);
    std::error_code error;
    return entry && fs::exists(blob(*entry), error);
}

}  // namespace patchbay
