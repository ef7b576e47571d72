// SPDX-License-Identifier: Apache-2.0
#include "jobs/download/iso_image.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <memory>
#include <set>
#include <string_view>

#include "core/errors.hpp"
#include "core/process/file_descriptor.hpp"
#include "jobs/download/cache.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;

using Reader = std::unique_ptr<archive, decltype(&archive_read_free)>;

/// As entries are called: "install.amd/vmlinuz".
std::string entry_name(std::string_view path) {
    while (path.starts_with('/') || path.starts_with("./")) path.remove_prefix(path.starts_with('/') ? 1 : 2);
    return std::string{path};
}

/// A name of letters that ISO 9660 itself has.
std::string small_letters(const std::string& name) {
    const bool plain = std::none_of(name.begin(), name.end(), [](char c) { return c >= 'a' && c <= 'z'; });
    if (!plain) return name;
    auto small = name;
    for (auto& c : small) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return small;
}

std::string folder_of(const std::string& name) { return fs::path{name}.parent_path().string(); }

/// One way through the image, in the order of the bytes.
class IsoReading {
public:
    IsoReading(const fs::path& image, const UnpackOptions& options, const StopFlag& stop)
        : shown_{options.shown.empty() ? image.filename().string() : options.shown},
          limits_{options.limits},
          stop_{stop} {
        archive_read_support_format_iso9660(reader_.get());
        if (archive_read_open_filename(reader_.get(), image.c_str(), 256 * 1024) != ARCHIVE_OK) broken();
    }

    /// Takes out of `wanted` what it copies. What turns out to be a second name of other bytes stays, under their name.
    void copy(std::map<std::string, IsoFile>& wanted) {
        std::uint64_t entries = 0;
        archive_entry* entry = nullptr;
        while (!wanted.empty() && next(entry)) {
            if (++entries > limits_.entries) {
                throw JobError{"'" + shown_ + "' holds too many files: " + limits_.entries_text()};
            }
            const auto* path = archive_entry_pathname(entry);
            if (!path) continue;
            const auto name = entry_name(path);
            note_neighbour(wanted, name);
            auto found = wanted.find(name);
            if (found == wanted.end()) found = wanted.find(small_letters(name));
            if (found == wanted.end()) continue;
            const auto file = found->second;
            wanted.erase(found);
            const auto* other = archive_entry_hardlink(entry);
            if (!other) {
                copy_one(entry, file);
            } else if (const auto [same, added] = aliases_.emplace(entry_name(other), file); !added) {
                throw JobError{"'" + same->second.path + "' and '" + file.path + "' of '" + shown_ + "' are one file"};
            }
        }
        wanted.merge(aliases_);
    }

    [[noreturn]] void not_there(const std::string& path) const {
        std::string beside;
        for (const auto& name : neighbours_) beside += (beside.empty() ? "" : ", ") + name;
        throw JobError{"'" + shown_ + "' has no file '" + path + "'; " +
                       (beside.empty() ? "it has no such folder either" : "in that folder it has " + beside)};
    }

private:
    bool next(archive_entry*& entry) {
        if (stop_) throw Stopped{};
        const int code = archive_read_next_header(reader_.get(), &entry);
        if (code < ARCHIVE_WARN) broken();
        return code != ARCHIVE_EOF;
    }

    [[noreturn]] void broken() const {
        const auto* text = archive_error_string(reader_.get());
        throw JobError{"cannot read '" + shown_ + "' as an ISO 9660 image: " + (text ? text : "it is none")};
    }

    void note_neighbour(const std::map<std::string, IsoFile>& wanted, const std::string& name) {
        constexpr std::size_t enough = 12;  // to see a slip of the pen
        if (name.empty() || name == "." || neighbours_.size() >= enough) return;
        const auto folder = folder_of(name);
        const bool near = std::any_of(wanted.begin(), wanted.end(), [&](const auto& each) {
            const auto other = folder_of(each.first);
            return other == folder || other == small_letters(folder);
        });
        if (near) neighbours_.insert("/" + name);
    }

    void copy_one(archive_entry* entry, const IsoFile& file) {
        if (archive_entry_filetype(entry) != AE_IFREG) {
            const auto* target = archive_entry_symlink(entry);
            throw JobError{"'" + file.path + "' of '" + shown_ + "' is no regular file" +
                           (target ? ", but a link to '" + std::string{target} + "': name that one" : "")};
        }
        const FileDescriptor out{::open(file.to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644)};
        if (!out) unwritable(file);
        std::vector<char> buffer(256 * 1024);
        for (;;) {
            if (stop_) throw Stopped{};
            const auto size = archive_read_data(reader_.get(), buffer.data(), buffer.size());
            if (size < 0) broken();
            if (size == 0) return;
            const auto bytes = static_cast<std::size_t>(size);
            if (bytes > limits_.bytes - written_) {
                throw JobError{"'" + file.path + "' of '" + shown_ + "' is too large: " + limits_.bytes_text()};
            }
            written_ += bytes;
            if (!write_all(out.get(), {buffer.data(), bytes})) unwritable(file);
        }
    }

    [[noreturn]] void unwritable(const IsoFile& file) const {
        throw InfrastructureError{"cannot write '" + file.to.string() + "': " + disk_problem(errno)};
    }

    std::string shown_;
    UnpackLimits limits_;
    const StopFlag& stop_;
    Reader reader_{archive_read_new(), archive_read_free};
    std::map<std::string, IsoFile> aliases_;
    std::set<std::string> neighbours_;
    std::uint64_t written_ = 0;
};

}  // namespace

void copy_from_iso(const fs::path& image, const std::vector<IsoFile>& files, const UnpackOptions& options,
                   const StopFlag& stop) {
    std::map<std::string, IsoFile> wanted;
    for (const auto& file : files) wanted.emplace(entry_name(file.path), file);
    while (!wanted.empty()) {
        const auto before = wanted;
        IsoReading reading{image, options, stop};
        reading.copy(wanted);
        const bool other = std::any_of(wanted.begin(), wanted.end(),
                                       [&before](const auto& each) { return !before.contains(each.first); });
        if (!wanted.empty() && !other) reading.not_there(wanted.begin()->second.path);
    }
}

}  // namespace patchbay
