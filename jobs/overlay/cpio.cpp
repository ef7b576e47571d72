// SPDX-License-Identifier: Apache-2.0
// The "newc" cpio format, as the kernel's Documentation/driver-api/early-userspace/buffer-format.rst has it.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <functional>
#include <limits>
#include <set>

#include "core/errors.hpp"
#include "core/process/file_descriptor.hpp"
#include "jobs/download/cache.hpp"
#include "jobs/download/compressor.hpp"
#include "jobs/overlay/initramfs_folders.hpp"
#include "jobs/overlay/overlay_formats.hpp"

namespace patchbay {
namespace {

/// Every archive of a row is its own stream: inode numbers start anew, so none is used twice in one.
struct Header {
    unsigned inode = 0;
    unsigned mode = 0;
    unsigned links = 1;
    std::uint32_t size = 0;
};

using Sink = std::function<void(std::string_view)>;

/// One archive, written piece by piece.
class Writer {
public:
    Writer(const Sink& sink, std::uint64_t start) : sink_{sink}, at_{start} { pad(); }

    void entry(const Header& header, std::string_view name) {
        char text[111];
        std::snprintf(text, sizeof text, "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X", header.inode,
                      header.mode, 0U, 0U, header.links, 0U, header.size, 0U, 0U, 0U, 0U,
                      static_cast<unsigned>(name.size() + 1), 0U);
        add({text, 110});
        add(name);
        add(std::string_view{"\0", 1});
        pad();
    }
    void add(std::string_view bytes) {
        sink_(bytes);
        at_ += bytes.size();
    }
    void pad() { add(std::string_view{"\0\0\0", (4 - at_ % 4) % 4}); }

private:
    const Sink& sink_;
    std::uint64_t at_;
};

/// Without the folders `there`: the kernel would set their modes anew, and replace links of these names.
void write_cpio(const OverlayTree& tree, const std::set<std::string>& there, std::uint64_t start, const Sink& sink,
                const StopFlag& stop) {
    Writer writer{sink, start};
    Header header;
    for (const auto& [path, node] : tree.nodes()) {
        if (stop) throw Stopped{};
        if (node.kind == OverlayTree::Kind::directory && there.contains(path)) continue;
        if (node.size > std::numeric_limits<std::uint32_t>::max()) {
            throw JobError{"'" + path + "' is too large for a cpio archive: the format ends at 4 GiB"};
        }
        ++header.inode;
        header.size = static_cast<std::uint32_t>(node.size);
        header.links = node.kind == OverlayTree::Kind::directory ? 2 : 1;
        switch (node.kind) {
            case OverlayTree::Kind::directory:
                header.mode = S_IFDIR | node.mode;
                break;
            case OverlayTree::Kind::symlink:
                header.mode = S_IFLNK | 0777;
                break;
            case OverlayTree::Kind::file:
            case OverlayTree::Kind::host_file:
                header.mode = S_IFREG | node.mode;
                break;
        }
        writer.entry(header, path);
        if (node.kind == OverlayTree::Kind::host_file) {
            read_host_file(node, stop, [&writer](std::string_view piece) { writer.add(piece); });
        } else {
            writer.add(node.text);
        }
        writer.pad();
    }
    writer.entry(Header{}, "TRAILER!!!");
}

constexpr std::uint64_t worth_compressing = 1 << 20;  // modules are; the test overlay is not

[[noreturn]] void fail(const std::filesystem::path& path) {
    throw InfrastructureError{"cannot add the overlay to '" + path.string() + "': " + std::strerror(errno)};
}

}  // namespace

std::string make_cpio(const OverlayTree& tree, std::uint64_t start) {
    std::string out;
    const StopFlag never{false};
    write_cpio(
        tree, {}, start, [&out](std::string_view bytes) { out += bytes; }, never);
    return out;
}

void append_to_initramfs(const std::filesystem::path& initramfs, const OverlayTree& tree, const StopFlag& stop,
                         const std::string& compression) {
    const auto is_foreign = [](const auto& entry) {
        return entry.second.kind == OverlayTree::Kind::directory && !entry.second.ours;
    };
    // Reading it takes time; the test overlay, which most jobs add, is in folders of its own.
    const bool look = std::any_of(tree.nodes().begin(), tree.nodes().end(), is_foreign);
    const auto there = look ? folders_of_initramfs(initramfs, stop) : std::set<std::string>{};
    make_private(initramfs, stop);
    const FileDescriptor file{::open(initramfs.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC)};
    struct stat status {};
    if (!file || ::fstat(file.get(), &status) != 0) fail(initramfs);
    std::string waiting;  // many entries are smaller than a write is worth
    const auto write = [&] {
        if (!write_all(file.get(), waiting)) fail(initramfs);
        waiting.clear();
    };
    const auto sink = [&](std::string_view bytes) {
        waiting += bytes;
        if (waiting.size() >= 256 * 1024) write();
    };
    if (tree.size() < worth_compressing || !can_compress(compression)) {
        write_cpio(tree, there, static_cast<std::uint64_t>(status.st_size), sink, stop);
    } else {
        Compressor compressor{compression, sink};
        const auto compressed = [&compressor](std::string_view bytes) { compressor.add(bytes); };
        write_cpio(tree, there, 0, compressed, stop);
        compressor.finish();
    }
    write();
}

}  // namespace patchbay
