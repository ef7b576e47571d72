// SPDX-License-Identifier: Apache-2.0
#include "jobs/download/archive.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "core/errors.hpp"
#include "core/process/capabilities.hpp"
#include "core/process/file_descriptor.hpp"
#include "jobs/download/cache.hpp"
#include "jobs/download/decoding.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;

using Reader = std::unique_ptr<archive, decltype(&archive_read_free)>;
using Writer = std::unique_ptr<archive, decltype(&archive_write_free)>;

std::string text_of(archive* where, const char* otherwise) {
    const auto* text = archive_error_string(where);
    return text ? text : otherwise;
}

/// The path without its first components, "" when nothing is left. Throws for one that leads outside.
std::string inner_path(std::string_view path, unsigned strip, const std::string& archive_name) {
    if (path.starts_with('/')) {
        throw JobError{"'" + archive_name + "' holds the absolute path '" + std::string{path} + "'"};
    }
    std::string result;
    while (!path.empty()) {
        const auto slash = path.find('/');
        const auto part = path.substr(0, slash);
        path = slash == std::string_view::npos ? std::string_view{} : path.substr(slash + 1);
        if (part.empty() || part == ".") continue;
        if (part == "..") throw JobError{"'" + archive_name + "' holds a path with '..'"};
        if (strip > 0) {
            --strip;
            continue;
        }
        if (!result.empty()) result += '/';
        result += part;
    }
    return result;
}

class Extraction {
public:
    Extraction(const fs::path& archive_file, const fs::path& folder, const UnpackOptions& options, const StopFlag& stop)
        : name_{options.shown.empty() ? archive_file.filename().string() : options.shown},
          folder_{fs::canonical(folder)},
          options_{options},
          stop_{stop} {
        archive_read_support_format_tar(reader_.get());
        archive_read_support_format_zip(reader_.get());  // firmware of boards comes so
        archive_read_support_format_empty(reader_.get());
        archive_read_support_filter_gzip(reader_.get());
        archive_read_support_filter_xz(reader_.get());
        archive_read_support_filter_bzip2(reader_.get());
        archive_read_support_filter_zstd(reader_.get());
        archive_write_disk_set_options(writer_.get(), extract_flags());
        if (!open(archive_file)) broken();
    }

    UnpackReport run() {
        for (;;) {
            if (stop_) throw Stopped{};
            archive_entry* entry = nullptr;
            const int code = archive_read_next_header(reader_.get(), &entry);
            if (code == ARCHIVE_EOF) break;
            if (code < ARCHIVE_WARN) broken();
            if (++report_.entries > options_.limits.entries) {
                throw JobError{"'" + name_ + "' holds too many files: " + options_.limits.entries_text()};
            }
            if (prepare(entry)) unpack(entry);
        }
        check_rest();
        // Times and modes of folders are set only now, when nothing is written into them any more.
        if (archive_write_close(writer_.get()) < ARCHIVE_WARN) refused();
        if (whole()) finish_folder(folder_, top_);
        return report_;
    }

private:
    bool open(const fs::path& file) {
        decoder_ = make_decoder(options_.compression);
        if (!decoder_) return archive_read_open_filename(reader_.get(), file.c_str(), 256 * 1024) == ARCHIVE_OK;
        decoding_.emplace(file, *decoder_);
        return archive_read_open(reader_.get(), this, nullptr, read_decoded, nullptr) == ARCHIVE_OK;
    }

    /// No exception may cross libarchive.
    static la_ssize_t read_decoded(archive* reader, void* self, const void** bytes) {
        auto& extraction = *static_cast<Extraction*>(self);
        std::string why;
        try {
            const auto piece = extraction.decoding_->next();
            *bytes = piece.data();
            return static_cast<la_ssize_t>(piece.size());
        } catch (const BrokenData& data) {
            why = data.why;
        } catch (const std::exception& error) {
            why = error.what();
        }
        archive_set_error(reader, EINVAL, "%s", why.c_str());
        return -1;
    }

    /// The sums stand behind the end of the archive.
    void check_rest() {
        try {
            while (decoding_ && !decoding_->next().empty()) {
                if (stop_) throw Stopped{};
            }
        } catch (const BrokenData& data) {
            throw JobError{"cannot unpack '" + name_ + "': " + data.why};
        }
    }

    bool whole() const { return options_.keep == Keep::root_file_system; }

    int extract_flags() const {
        // PERM: whatever our umask is.
        constexpr int always = ARCHIVE_EXTRACT_PERM | ARCHIVE_EXTRACT_TIME | ARCHIVE_EXTRACT_SECURE_SYMLINKS |
                               ARCHIVE_EXTRACT_SECURE_NODOTDOT | ARCHIVE_EXTRACT_SPARSE;
        if (!whole()) return always;
        constexpr int more = ARCHIVE_EXTRACT_ACL | ARCHIVE_EXTRACT_XATTR;
        return always | more | (owners_ ? ARCHIVE_EXTRACT_OWNER : 0);
    }

    [[noreturn]] void broken() const {
        throw JobError{"cannot unpack '" + name_ + "': " + text_of(reader_.get(), "it is no tar or zip archive")};
    }

    [[noreturn]] void too_large() const {
        throw JobError{"'" + name_ + "' is too large when unpacked: " + options_.limits.bytes_text()};
    }

    /// Moves the entry into our folder. False: it is left out.
    bool prepare(archive_entry* entry) {
        const auto* path = archive_entry_pathname(entry);
        if (!path) throw JobError{"'" + name_ + "' holds a file whose name cannot be read"};
        const auto inside = inner_path(path, options_.strip_components, name_);
        if (inside.empty()) {
            // Of the folder itself. Who unpacked must be able to go on in it.
            top_.mode = (archive_entry_perm(entry) & 0777) | 0700;
            top_.owner = static_cast<uid_t>(archive_entry_uid(entry));
            top_.group = static_cast<gid_t>(archive_entry_gid(entry));
            return false;
        }
        shown_ = path;
        archive_entry_copy_pathname(entry, (folder_ / inside).c_str());
        if (const auto* link = archive_entry_hardlink(entry)) {
            const auto target = inner_path(link, options_.strip_components, name_);
            if (target.empty()) throw JobError{"'" + name_ + "': '" + shown_ + "' is a link to nothing"};
            archive_entry_copy_hardlink(entry, (folder_ / target).c_str());
            archive_entry_set_size(entry, 0);  // the bytes are those of the first name
            return true;
        }
        const auto type = archive_entry_filetype(entry);
        if (!set_attributes(entry, type)) return false;
        if (archive_entry_size(entry) > 0 &&
            static_cast<std::uint64_t>(archive_entry_size(entry)) > options_.limits.bytes - bytes_) {
            too_large();
        }
        return true;
    }

    /// False: an entry of this type is left out.
    bool set_attributes(archive_entry* entry, mode_t type) {
        const bool plain = type == AE_IFREG || type == AE_IFDIR || type == AE_IFLNK;
        if (whole() && owners_) return plain || type == AE_IFIFO || type == AE_IFCHR || type == AE_IFBLK;
        if (whole() && (type == AE_IFCHR || type == AE_IFBLK)) ++report_.devices;
        if (!plain && !(whole() && type == AE_IFIFO)) return false;
        const auto mode = archive_entry_perm(entry);
        const bool foreign = archive_entry_uid(entry) != 0 || archive_entry_gid(entry) != 0;
        if (whole() && (foreign || (mode & (S_ISUID | S_ISGID)) != 0)) ++report_.owners;
        // Whoever unpacks must be able to read it, and to remove it again. Without its owner setuid means another user.
        const mode_t kept = whole() ? 01777 : 0777;
        archive_entry_set_perm(entry, (mode & kept) | (type == AE_IFDIR ? 0700 : 0600));
        return true;
    }

    void note_loss(int code) {
        if (!whole() || code != ARCHIVE_WARN) return;
        ++report_.attributes;
        if (report_.first_attribute.empty()) report_.first_attribute = text_of(writer_.get(), "unknown");
    }

    struct FolderRights {
        mode_t mode = 0755;
        uid_t owner = 0;
        gid_t group = 0;
    };

    /// Whatever our umask and user are.
    void finish_folder(const fs::path& folder, const FolderRights& rights) const {
        const FileDescriptor it{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
        const bool done = it && (!owners_ || ::fchown(it.get(), rights.owner, rights.group) == 0) &&
                          ::fchmod(it.get(), rights.mode) == 0;
        if (done) return;
        throw InfrastructureError{"cannot set mode and owner of '" + folder.string() + "': " + std::strerror(errno)};
    }

    /// The folders above an entry that the archive has not named yet, and may never name.
    std::vector<fs::path> implied_folders(archive_entry* entry) {
        std::vector<fs::path> implied;
        if (!whole()) return implied;
        auto folder = fs::path{archive_entry_pathname(entry)}.parent_path();
        if (folder == last_parent_) return implied;
        last_parent_ = folder;
        for (; folder != folder_; folder = folder.parent_path()) {
            std::error_code error;
            if (fs::symlink_status(folder, error).type() != fs::file_type::not_found) break;
            implied.push_back(folder);
        }
        return implied;
    }

    void unpack(archive_entry* entry) {
        const auto implied = implied_folders(entry);
        const int started = archive_write_header(writer_.get(), entry);
        const auto type = archive_entry_filetype(entry);
        if (started < ARCHIVE_WARN && whole() && (type == AE_IFCHR || type == AE_IFBLK)) {
            ++report_.devices;  // root of a container may have the capability and not the right
            return;
        }
        if (started < ARCHIVE_WARN) refused();
        for (const auto& folder : implied) finish_folder(folder, {});
        const void* block = nullptr;
        std::size_t size = 0;
        la_int64_t offset = 0;
        while (archive_entry_size(entry) > 0) {
            if (stop_) throw Stopped{};
            const int code = archive_read_data_block(reader_.get(), &block, &size, &offset);
            if (code == ARCHIVE_EOF) break;
            if (code < ARCHIVE_WARN) broken();
            bytes_ += size;
            if (bytes_ > options_.limits.bytes) too_large();
            // A full disk is no more than a warning to it.
            if (archive_write_data_block(writer_.get(), block, size, offset) < ARCHIVE_OK) refused();
        }
        const int finished = archive_write_finish_entry(writer_.get());
        if (finished < ARCHIVE_WARN) refused();
        note_loss(finished);
    }

    [[noreturn]] void refused() const {
        const int error = archive_errno(writer_.get());
        const auto text = "'" + name_ + "': cannot unpack '" + shown_ + "': " + text_of(writer_.get(), "write error");
        if (error == ENOSPC || error == EDQUOT) throw InfrastructureError{text + "; " + std::string{free_space_hint}};
        if (error == EIO) throw InfrastructureError{text};
        throw JobError{text};
    }

    std::string name_;
    fs::path folder_;
    UnpackOptions options_;
    const StopFlag& stop_;
    bool owners_ = may_set_owners();
    UnpackReport report_;
    FolderRights top_;
    fs::path last_parent_;
    std::unique_ptr<Decoder> decoder_;
    std::optional<Decoding> decoding_;
    Reader reader_{archive_read_new(), archive_read_free};
    Writer writer_{archive_write_disk_new(), archive_write_free};
    std::uint64_t bytes_ = 0;
    std::string shown_;
};

}  // namespace

bool may_set_owners() { return has_capabilities({CAP_CHOWN, CAP_FOWNER, CAP_FSETID, CAP_DAC_OVERRIDE}); }

UnpackReport extract_archive(const fs::path& archive_file, const fs::path& folder, const UnpackOptions& options,
                             const StopFlag& stop) {
    return Extraction{archive_file, folder, options, stop}.run();
}

}  // namespace patchbay
