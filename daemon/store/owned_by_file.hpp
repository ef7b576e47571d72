// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/errors.hpp"

namespace patchbay {

/// A change at run time of what the lab's configuration file says: the next start would undo it.
/// `what`: "the description of device type 'qemu'"; `key`: where in the file.
struct OwnedByFile : JobError {
    OwnedByFile(const std::string& what, const std::string& key)
        : JobError{what + " comes from the lab's configuration file (" + key +
                   "); change it there and restart patchbayd"} {}
};

}  // namespace patchbay
