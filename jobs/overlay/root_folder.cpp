// SPDX-License-Identifier: Apache-2.0
#include "jobs/overlay/root_folder.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/errors.hpp"
#include "core/process/beneath.hpp"
#include "jobs/download/cache.hpp"

namespace patchbay {
namespace {

class RootFolder {
public:
    RootFolder(const std::filesystem::path& folder, const StopFlag& stop)
        : shown_{folder.string()}, stop_{stop}, root_{::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)} {
        if (!root_) fail("");
    }

    void put(const std::string& path, const OverlayTree::Node& node) {
        const auto slash = path.rfind('/');
        const auto above = slash == std::string::npos ? std::string{"."} : path.substr(0, slash);
        const auto name = path.substr(slash == std::string::npos ? 0 : slash + 1);
        const auto parent = open_folder(above);
        if (!parent) fail(above);
        switch (node.kind) {
            case OverlayTree::Kind::directory:
                put_folder(parent.get(), path, name, node.mode);
                break;
            case OverlayTree::Kind::symlink:
                remove(parent.get(), path, name);
                if (::symlinkat(node.text.c_str(), parent.get(), name.c_str()) != 0) fail(path);
                give_to_root(parent.get(), path, name);
                break;
            case OverlayTree::Kind::file:
            case OverlayTree::Kind::host_file:
                put_file(parent.get(), path, name, node);
                break;
        }
    }

private:
    [[noreturn]] void fail(const std::string& path) const {
        const int error = errno;
        const auto text = "cannot write '" + path + "' into the root file system '" + shown_ + "': ";
        if (error == ENOTDIR || error == EISDIR || error == EEXIST || error == ELOOP) {
            throw JobError{text + std::strerror(error)};
        }
        throw InfrastructureError{text + disk_problem(error)};
    }

    FileDescriptor open_folder(const std::string& path) const {
        return open_beneath(root_.get(), path, O_PATH | O_DIRECTORY, Links::in_the_root);
    }

    void put_folder(int parent, const std::string& path, const std::string& name, unsigned mode) const {
        if (open_folder(path)) return;
        if (errno != ENOENT) fail(path);
        if (::mkdirat(parent, name.c_str(), 0700) != 0) fail(path);
        if (::fchmodat(parent, name.c_str(), static_cast<mode_t>(mode), 0) != 0) fail(path);
        give_to_root(parent, path, name);
    }

    void remove(int parent, const std::string& path, const std::string& name) const {
        if (::unlinkat(parent, name.c_str(), 0) != 0 && errno != ENOENT) fail(path);
    }

    /// Without the right to do so it stays ours: the server has to map us to root then (docs/boards-over-network.md).
    void give_to_root(int parent, const std::string& path, const std::string& name) const {
        if (::fchownat(parent, name.c_str(), 0, 0, AT_SYMLINK_NOFOLLOW) != 0 && errno != EPERM) fail(path);
    }

    void put_file(int parent, const std::string& path, const std::string& name, const OverlayTree::Node& node) const {
        remove(parent, path, name);
        const FileDescriptor file{
            ::openat(parent, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)};
        if (!file) fail(path);
        const auto write = [&](std::string_view bytes) {
            if (!write_all(file.get(), bytes)) fail(path);
        };
        if (node.kind == OverlayTree::Kind::host_file) {
            read_host_file(node, stop_, write);
        } else {
            write(node.text);
        }
        give_to_root(parent, path, name);
        // After the owner, since that takes setuid away.
        if (::fchmod(file.get(), static_cast<mode_t>(node.mode)) != 0) fail(path);
    }

    std::string shown_;
    const StopFlag& stop_;
    FileDescriptor root_;
};

}  // namespace

void write_into_root(const OverlayTree& tree, const std::filesystem::path& root, const StopFlag& stop) {
    RootFolder folder{root, stop};
    for (const auto& [path, node] : tree.nodes()) {
        if (stop) throw Stopped{};
        folder.put(path, node);
    }
}

}  // namespace patchbay
