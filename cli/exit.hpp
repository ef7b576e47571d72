// SPDX-License-Identifier: Apache-2.0
#pragma once
// How `patchbay` ends. Scripts branch on these numbers; patchbay(1) lists them.

#include <stdexcept>
#include <string>

namespace patchbay::cli {

enum class Exit : int {
    ok = 0,            ///< done; of a job that was waited for: Complete and no failed case
    trouble = 1,       ///< wrong usage, or the server could not be reached or refused
    rejected = 2,      ///< the server did not accept the job
    broken = 3,        ///< the job ended Incomplete or Canceled
    failed_cases = 4,  ///< the job is Complete, at least one test case failed
    interrupted = 130  ///< Ctrl-C while waiting
};

/// Of two ends the one that a script must hear about: interrupted, trouble, rejected, broken, failed cases, ok.
Exit worse(Exit a, Exit b);

/// Exit::trouble with a message that names the thing, the fact and the next step.
struct UserError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// The server's words about a job that it did not take (Exit::rejected).
struct Rejected : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Ctrl-C while waiting for the server.
struct Interrupted : std::runtime_error {
    Interrupted() : std::runtime_error{"interrupted"} {}
};

}  // namespace patchbay::cli
