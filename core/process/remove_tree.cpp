// SPDX-License-Identifier: Apache-2.0
#include "core/process/remove_tree.hpp"

#include <dirent.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

#include "core/deleter.hpp"
#include "core/process/file_descriptor.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;

class Removal {
public:
    void remove(int parent, const std::string& name, const std::string& shown) {
        struct stat status {};
        if (::fstatat(parent, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return note(shown);
        const bool folder = S_ISDIR(status.st_mode);
        const auto before = left_;
        if (folder) empty(parent, name, shown);
        // A folder of which something stays is not what to look at.
        if (::unlinkat(parent, name.c_str(), folder ? AT_REMOVEDIR : 0) != 0 && left_ == before) note(shown);
    }

    std::string problem(const fs::path& path) const {
        if (left_ == 0) return {};
        return "cannot remove '" + path.string() + "': " + std::to_string(left_) + " of its files or folders stay; '" +
               first_ + "': " + why_ + "; remove it as root: rm -rf --one-file-system '" + path.string() + "'";
    }

private:
    void empty(int parent, const std::string& name, const std::string& shown) {
        auto folder = opened(parent, name);
        if (!folder) return note(shown);
        const int fd = folder.get();
        const std::unique_ptr<DIR, Deleter<::closedir>> list{::fdopendir(fd)};
        if (!list) return note(shown);
        folder.release();
        std::vector<std::string> names;
        while (const auto* entry = ::readdir(list.get())) {
            const std::string each{entry->d_name};
            if (each != "." && each != "..") names.push_back(each);
        }
        for (const auto& each : names) remove(fd, each, shown + "/" + each);
    }

    /// A folder with all rights of its owner's, if that can be had.
    static FileDescriptor opened(int parent, const std::string& name) {
        const FileDescriptor folder{::openat(parent, name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
        struct stat status {};
        if (!folder || ::fstat(folder.get(), &status) != 0) return {};
        // Such a descriptor has no fchmod(2), and the name may mean another file by now.
        const auto itself = "/proc/self/fd/" + std::to_string(folder.get());
        // If it fails: root needs no mode, and others are told by what fails next.
        if ((status.st_mode & S_IRWXU) != S_IRWXU) ::chmod(itself.c_str(), (status.st_mode & 07777) | S_IRWXU);
        return FileDescriptor{::openat(folder.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    }

    void note(const std::string& shown) {
        if (errno == ENOENT) return;
        if (left_++ > 0) return;
        why_ = std::strerror(errno);
        first_ = shown;
    }

    std::size_t left_ = 0;
    std::string first_, why_;
};

}  // namespace

std::string remove_tree(const fs::path& path) {
    Removal removal;
    removal.remove(AT_FDCWD, path.string(), path.string());
    return removal.problem(path);
}

}  // namespace patchbay
