// SPDX-License-Identifier: Apache-2.0
#include "drivers/storage/disk_writer.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <new>
#include <system_error>

#include "core/errors.hpp"
#include "drivers/storage/disk_use.hpp"

namespace patchbay {
namespace {

constexpr std::size_t alignment = 4096;

char* aligned_block() {
    if (auto* memory = static_cast<char*>(std::aligned_alloc(alignment, DiskWriter::block))) return memory;
    throw std::bad_alloc{};
}

std::string next_step(int error) {
    switch (error) {
        case EACCES:
        case EPERM:
            return "give the runner's user the right to this disk by a udev rule (not by the group disk, which may "
                   "write to all)";
        case EBUSY:
            return "it is in use: unmount it (lsblk shows where), or end what uses it";
        case ENOMEDIUM:
            return "there is no medium: connect it to the host first, and look whether a card is in it";
        case EROFS:
            return "it is write-protected: move the switch of the card, or take another one";
        case ENODEV:
        case ENXIO:
        case ENOENT:
            return "it was unplugged: check its cable";
        case EIO:
            return "it was unplugged, or the medium is worn out: the kernel's log says which";
        default:
            return "the kernel's log may say more";
    }
}

std::string megabytes(std::int64_t bytes) {
    return bytes >= 10'000'000 ? std::to_string(bytes / 1'000'000) + " MB" : std::to_string(bytes) + " bytes";
}

}  // namespace

void DiskWriter::Free::operator()(char* memory) const { std::free(memory); }

DiskWriter::DiskWriter(const UsbDisk& disk, const std::filesystem::path& image, std::optional<std::int64_t> most,
                       const std::function<bool()>& is_still_it, const std::filesystem::path& root, std::string what)
    : what_{std::move(what)}, ours_{aligned_block()}, theirs_{aligned_block()} {
    open_image(image);
    open_disk(disk, root);
    if (!is_still_it())
        throw InfrastructureError{what_ + " was plugged out or replaced meanwhile; nothing was written. Try again"};
    check_size(most);
}

void DiskWriter::open_image(const std::filesystem::path& image) {
    image_ = FileDescriptor{::open(image.c_str(), O_RDONLY | O_CLOEXEC)};
    struct stat facts {};
    if (!image_ || ::fstat(image_.get(), &facts) != 0)
        throw InfrastructureError{what_ + ": image " + image.string() + ": " + std::generic_category().message(errno) +
                                  "; was the lease's folder removed?"};
    if (!S_ISREG(facts.st_mode) || facts.st_size == 0)
        throw JobError{what_ + ": image " + image.filename().string() + " is empty or no file; give one with content"};
    size_ = facts.st_size;
}

void DiskWriter::open_disk(const UsbDisk& disk, const std::filesystem::path& root) {
    const auto use = use_of(disk, root);
    if (!use.empty()) {
        throw InfrastructureError{what_ + " is " + use +
                                  ", so nothing is written; unmount it, or end what uses it (lsblk shows what)"};
    }
    // O_EXCL: fails while it or a partition is mounted, swapped to or held, in whatever namespace, and keeps it so.
    disk_ = FileDescriptor{::open(disk.node.c_str(), O_RDWR | O_EXCL | O_DIRECT | O_NOFOLLOW | O_CLOEXEC)};
    if (!disk_) throw_failed("cannot open " + disk.node.string(), errno);
    struct stat facts {};
    if (::fstat(disk_.get(), &facts) != 0 || !S_ISBLK(facts.st_mode) || disk.number == 0 ||
        facts.st_rdev != disk.number) {
        throw InfrastructureError{what_ + ": " + disk.node.string() +
                                  " is not the node of this disk, so nothing is written; look at 'ls -l' of it, and "
                                  "plug the disk in again"};
    }
    int read_only = 0;
    if (::ioctl(disk_.get(), BLKROGET, &read_only) != 0) throw_failed("cannot be asked", errno);
    if (read_only != 0) throw_failed("cannot be written", EROFS);
    int sector = 0;
    if (::ioctl(disk_.get(), BLKSSZGET, &sector) != 0) throw_failed("cannot be asked", errno);
    if (sector < 512 || sector > static_cast<int>(alignment))
        throw_failed("has sectors of " + std::to_string(sector), EINVAL);
    sector_ = static_cast<std::size_t>(sector);
}

void DiskWriter::check_size(std::optional<std::int64_t> most) {
    std::uint64_t size = 0;
    if (::ioctl(disk_.get(), BLKGETSIZE64, &size) != 0) throw_failed("cannot be asked for its size", errno);
    const auto room = static_cast<std::int64_t>(size);
    if (most && room > *most) {
        throw InfrastructureError{what_ + " has " + megabytes(room) + ", more than max_size (" + megabytes(*most) +
                                  "): it is another one than is meant; look at what is plugged in there"};
    }
    if (room < size_) {
        throw JobError{what_ + " has " + megabytes(room) + ", and the image " + megabytes(size_) +
                       "; take a smaller image, or a larger medium"};
    }
}

std::size_t DiskWriter::fetch(std::int64_t at) {
    const auto want = static_cast<std::size_t>(std::min<std::int64_t>(block, size_ - at));
    std::size_t have = 0;
    while (have < want) {
        const auto got = ::pread(image_.get(), ours_.get() + have, want - have, at + static_cast<std::int64_t>(have));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0)
            throw InfrastructureError{what_ + ": the image cannot be read: " +
                                      (got < 0 ? std::generic_category().message(errno) : "it became shorter") +
                                      "; the medium holds a part of it"};
        have += static_cast<std::size_t>(got);
    }
    const auto whole = (have + sector_ - 1) / sector_ * sector_;
    std::memset(ours_.get() + have, 0, whole - have);
    return whole;
}

std::int64_t DiskWriter::write_next() {
    const auto count = fetch(written_);
    for (std::size_t done = 0; done < count;) {
        const auto put =
            ::pwrite(disk_.get(), ours_.get() + done, count - done, written_ + static_cast<std::int64_t>(done));
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) {
            // There was room for all of it: the kernel took the size away with the disk.
            const int error = put == 0 || errno == ENOSPC ? ENODEV : errno;
            throw_failed("byte " + std::to_string(written_ + static_cast<std::int64_t>(done)) + " cannot be written",
                         error);
        }
        done += static_cast<std::size_t>(put);
    }
    written_ = std::min(size_, written_ + static_cast<std::int64_t>(count));
    return written_;
}

void DiskWriter::sync() {
    if (::fsync(disk_.get()) != 0) throw_failed("what was written cannot be flushed", errno);
}

std::int64_t DiskWriter::compare_next() {
    const auto count = fetch(compared_);
    for (std::size_t done = 0; done < count;) {
        const auto at = compared_ + static_cast<std::int64_t>(done);
        const auto got = ::pread(disk_.get(), theirs_.get() + done, count - done, at);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) throw_failed("byte " + std::to_string(at) + " cannot be read back", got < 0 ? errno : ENODEV);
        done += static_cast<std::size_t>(got);
    }
    const auto [ours, theirs] = std::mismatch(ours_.get(), ours_.get() + count, theirs_.get());
    if (ours != ours_.get() + count) {
        throw InfrastructureError{what_ + " reads back otherwise than it was written, from byte " +
                                  std::to_string(compared_ + (ours - ours_.get())) +
                                  " on: the medium is worn out or smaller than it says; take another one"};
    }
    compared_ = std::min(size_, compared_ + static_cast<std::int64_t>(count));
    return compared_;
}

void DiskWriter::throw_failed(const std::string& doing, int error) const {
    throw InfrastructureError{what_ + ": " + doing + ": " + std::generic_category().message(error) + "; " +
                              next_step(error)};
}

}  // namespace patchbay
