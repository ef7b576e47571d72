// SPDX-License-Identifier: Apache-2.0
#pragma once
// How a remote worker comes to its token.

#include <string>

#include "daemon/store/database.hpp"

namespace patchbay {

/// So many may have a token and no device that names them: whoever may register could fill the store otherwise.
inline constexpr int most_idle_workers = 256;

enum class Enrolment {
    first,  ///< not of a worker that has a token already
    anew,   ///< its token is good no longer
};

struct Enrolled {
    std::string token;  ///< 32 characters; shown once, only its hash is stored. Empty: it has one already, or `full`
    bool full = false;  ///< most_idle_workers are there
};

/// Throws: StoreError.
Enrolled enrol(Database& db, const std::string& worker, Enrolment how);

}  // namespace patchbay
