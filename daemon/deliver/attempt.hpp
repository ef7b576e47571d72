// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace patchbay {

/// How long a receiver may take.
struct Patience {
    std::chrono::milliseconds connect{10'000};
    std::chrono::seconds stall{30};   ///< without a byte in either direction
    std::chrono::seconds whole{600};  ///< with all redirects
};

/// What one try at sending came to.
struct Attempt {
    enum class Kind {
        sent,
        again,     ///< what failed may pass: the network, a busy server
        hopeless,  ///< it would fail the same way again
        stopped,   ///< the daemon ends; it was no attempt
    };
    Kind kind = Kind::sent;
    long status = 0;      ///< as HTTP or SMTP number it; 0: no answer
    std::string problem;  ///< for people who may see the job: no secret, and nothing of the answer's text
    std::optional<std::chrono::seconds> retry_after;  ///< what the receiver asks for
};

}  // namespace patchbay
