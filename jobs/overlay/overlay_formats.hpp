// SPDX-License-Identifier: Apache-2.0
#pragma once
// The ways an overlay reaches the target. What is no Task blocks: it is work for a worker's thread.

#include <boost/asio/thread_pool.hpp>
#include <cstdint>
#include <filesystem>
#include <string>

#include "core/deadline.hpp"
#include "core/task.hpp"
#include "jobs/download/stop_flag.hpp"
#include "jobs/overlay/overlay_tree.hpp"

namespace patchbay {

/// A whole newc cpio archive with its trailer. `start` is the length of what comes before it: the result begins with
/// the zero bytes that the kernel wants there (init/initramfs.c skips zeros between archives, aligned to 4).
std::string make_cpio(const OverlayTree& tree, std::uint64_t start = 0);

/// Adds the tree to an initial ramdisk without unpacking it: the kernel accepts several archives in a row, each
/// compressed or not. A hard link to other users' bytes becomes a copy first.
/// `compression` is that of the ramdisk (gz, xz, bz2, zstd), which its kernel is known to undo: a large tree is added
/// in it, since boot loaders fetch slowly; a small one, and one with another compression, as it is. Throws: JobError (a
/// file of 4 GiB), InfrastructureError, Stopped.
void append_to_initramfs(const std::filesystem::path& initramfs, const OverlayTree& tree, const StopFlag& stop,
                         const std::string& compression = {});

/// overlay-<level>.tar.gz. Throws: InfrastructureError, Stopped.
void write_tar_gz(const OverlayTree& tree, const std::filesystem::path& path, const StopFlag& stop);

/// Adds the tree to an uncompressed tar archive (before its end mark). Throws: JobError (no tar), InfrastructureError,
/// Stopped.
void append_to_tar(const std::filesystem::path& tar, const OverlayTree& tree, const StopFlag& stop);

/// A drive with an ext2 file system labelled LAVA that holds the tree at its root. Sparse; mke2fs makes it, without
/// root rights or mounts. `scratch` is a folder that may be used meanwhile. Returns the file system's UUID.
/// Throws: InfrastructureError with what mke2fs said.
Task<std::string> write_ext2(asio::thread_pool& workers, OverlayTree tree, std::filesystem::path image,
                             std::uint64_t bytes, std::filesystem::path scratch, Deadline deadline);

/// Writes the tree into an ext2, ext3 or ext4 image with debugfs. `offset` is where the file system begins, in bytes.
/// Throws: JobError (the image holds no such file system, or is full), InfrastructureError.
Task<> write_into_ext4(asio::thread_pool& workers, std::filesystem::path image, std::uint64_t offset, OverlayTree tree,
                       std::filesystem::path scratch, Deadline deadline);

/// Where partition `index` (counted from 0) of a disk image begins, in bytes: MBR or GPT. Throws: JobError.
std::uint64_t partition_offset(const std::filesystem::path& image, unsigned index);

}  // namespace patchbay
