// SPDX-License-Identifier: Apache-2.0
#include "core/process/beneath.hpp"

#include <limits.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <vector>

namespace patchbay {
namespace {

constexpr int most_links = 40;  // the kernel's own limit

FileDescriptor failed(int error) {
    errno = error;
    return {};
}

/// The text of the link that was opened. Empty: it cannot be read, see errno.
std::string target_of(const FileDescriptor& link) {
    std::string text(PATH_MAX, '\0');
    const auto length = ::readlinkat(link.get(), "", text.data(), text.size());
    text.resize(length < 0 ? 0 : static_cast<std::size_t>(length));
    return text;
}

}  // namespace

FileDescriptor open_beneath(int root, std::string_view path, int flags, Links links) {
    flags |= O_CLOEXEC | O_NOFOLLOW;
    std::vector<FileDescriptor> folders;  // from the root to where the path has come; ".." goes back to the one before
    std::string rest{path};
    int followed = 0;
    for (;;) {
        const int here = folders.empty() ? root : folders.back().get();
        const auto begin = rest.find_first_not_of('/');
        if (begin == std::string::npos) return FileDescriptor{::openat(here, ".", flags)};
        const auto end = std::min(rest.find('/', begin), rest.size());
        const auto part = rest.substr(begin, end - begin);
        rest.erase(0, end);
        if (part == ".") continue;
        if (part == "..") {
            if (!folders.empty()) {
                folders.pop_back();
            } else if (links == Links::refused) {
                return failed(EXDEV);
            }
            continue;
        }
        FileDescriptor next{::openat(here, part.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC)};
        struct stat status {};
        if (!next || ::fstat(next.get(), &status) != 0) return {};
        if (S_ISLNK(status.st_mode)) {
            if (links == Links::refused || ++followed > most_links) return failed(ELOOP);
            const auto target = target_of(next);
            if (target.empty()) return {};
            if (target.front() == '/') folders.clear();
            rest.insert(0, target);
        } else if (S_ISDIR(status.st_mode)) {
            folders.push_back(std::move(next));
        } else if (rest.empty()) {
            return FileDescriptor{::openat(here, part.c_str(), flags)};
        } else {
            return failed(ENOTDIR);
        }
    }
}

}  // namespace patchbay
