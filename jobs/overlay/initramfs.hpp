// SPDX-License-Identifier: Apache-2.0
#pragma once
// An initial ramdisk before anything is appended to it (overlay_formats.hpp, append_to_initramfs).

#include <filesystem>
#include <string>

#include "jobs/download/archive.hpp"

namespace patchbay {

/// Makes sure that archives may follow this one. Appending is what unpacking, changing and packing would be, for the
/// kernel, which unpacks archives in a row over one another, each compressed or not (Documentation/driver-api/
/// early-userspace/buffer-format.rst). Two things need more than that, and are done here:
/// - U-Boot's header of 64 bytes names the length of what follows: with `header` it is taken off, for mkimage to make
///   it anew;
/// - LZ4's old form, the only one that the kernel reads, has no end: older kernels take what follows for a part of it,
///   so such a ramdisk is decompressed.
/// Throws: JobError (`shown` is no cpio archive, has no such header, is over the limit), InfrastructureError, Stopped.
enum class UBootHeader { absent, present };
void make_appendable(const std::filesystem::path& ramdisk, UBootHeader header, const UnpackOptions& options,
                     const StopFlag& stop);

}  // namespace patchbay
