// SPDX-License-Identifier: Apache-2.0
// The "newc" cpio format, as the kernel's Documentation/driver-api/early-userspace/buffer-format.rst has it.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <limits>

#include "core/errors.hpp"
#include "jobs/download/cache.hpp"
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

void add_padding(std::string& out, std::size_t base) {
    while ((out.size() - base) % 4 != 0) out += '\0';
}

void add_entry(std::string& out, std::size_t base, const Header& header, std::string_view name, std::string_view body) {
    char text[111];
    std::snprintf(text, sizeof text, "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X", header.inode,
                  header.mode, 0U, 0U, header.links, 0U, header.size, 0U, 0U, 0U, 0U,
                  static_cast<unsigned>(name.size() + 1), 0U);
    out.append(text, 110);
    out.append(name);
    out += '\0';
    add_padding(out, base);
    out.append(body);
    add_padding(out, base);
}

[[noreturn]] void fail(const std::filesystem::path& path) {
    throw InfrastructureError{"cannot add the overlay to '" + path.string() + "': " + std::strerror(errno)};
}

}  // namespace

std::string make_cpio(const OverlayTree& tree, std::uint64_t start) {
    std::string out((4 - start % 4) % 4, '\0');
    const auto base = out.size();
    Header header;
    for (const auto& [path, node] : tree.nodes()) {
        if (node.size > std::numeric_limits<std::uint32_t>::max()) {
            throw JobError{"'" + path + "' is too large for a cpio archive: the format ends at 4 GiB"};
        }
        ++header.inode;
        header.size = static_cast<std::uint32_t>(node.size);
        header.links = node.kind == OverlayTree::Kind::directory ? 2 : 1;
        switch (node.kind) {
            case OverlayTree::Kind::directory:
                header.mode = S_IFDIR | node.mode;
                add_entry(out, base, header, path, {});
                break;
            case OverlayTree::Kind::symlink:
                header.mode = S_IFLNK | 0777;
                add_entry(out, base, header, path, node.text);
                break;
            case OverlayTree::Kind::file:
                header.mode = S_IFREG | node.mode;
                add_entry(out, base, header, path, node.text);
                break;
            case OverlayTree::Kind::host_file: {
                header.mode = S_IFREG | node.mode;
                const auto body = tree.read(path);
                if (body.size() != node.size) {
                    throw InfrastructureError{"'" + node.host.string() + "' changed while the overlay was written"};
                }
                add_entry(out, base, header, path, body);
                break;
            }
        }
    }
    add_entry(out, base, Header{}, "TRAILER!!!", {});
    return out;
}

void append_to_initramfs(const std::filesystem::path& initramfs, const OverlayTree& tree) {
    make_private(initramfs);
    const int fd = ::open(initramfs.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
    if (fd < 0) fail(initramfs);
    struct stat status {};
    if (::fstat(fd, &status) != 0) {
        ::close(fd);
        fail(initramfs);
    }
    const auto bytes = make_cpio(tree, static_cast<std::uint64_t>(status.st_size));
    for (std::size_t done = 0; done < bytes.size();) {
        const auto n = ::write(fd, bytes.data() + done, bytes.size() - done);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) {
            ::close(fd);
            fail(initramfs);
        }
        done += static_cast<std::size_t>(n);
    }
    ::close(fd);
}

}  // namespace patchbay
