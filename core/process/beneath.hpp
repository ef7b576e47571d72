// SPDX-License-Identifier: Apache-2.0
#pragma once
// A file below a folder, whatever a stranger's path says, and whoever exchanges parts of it meanwhile.

#include <string_view>

#include "core/process/file_descriptor.hpp"

namespace patchbay {

enum class Links {
    refused,     ///< a symbolic link anywhere in the path is ELOOP, a ".." above the folder EXDEV
    in_the_root  ///< as a system sees them whose root the folder is: "/usr" and ".." stay inside; at most 40
};

/// Opens `path` below the folder `root` with `flags` of open(2), which create nothing; slashes at its front mean the
/// folder. Not by openat2(2): systemd denies it to a service that may not make setuid programs (RestrictSUIDSGID=).
/// Returns nothing, and the reason in errno, when it cannot be opened.
FileDescriptor open_beneath(int root, std::string_view path, int flags, Links links);

}  // namespace patchbay
