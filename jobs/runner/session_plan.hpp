// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace patchbay {

/// A person's lease, as the daemon asks for it.
struct SessionPlan {
    std::string user;
    std::string note;              ///< why; may be empty
    std::chrono::seconds time{0};  ///< from its beginning; the daemon may say otherwise meanwhile
    std::optional<std::chrono::seconds> idle_release = {};  ///< unused for so long it ends; nullopt: it does not
};

}  // namespace patchbay
