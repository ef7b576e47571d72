// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/enrolment.hpp"

#include "daemon/store/users.hpp"
#include "daemon/store/workers.hpp"

namespace patchbay {

Enrolled enrol(Database& db, const std::string& worker, Enrolment how) {
    Workers workers{db};
    const auto known = workers.find(worker);
    Enrolled enrolled;
    if (how == Enrolment::first && known && !known->token_hash.empty()) return enrolled;
    if (!known && workers.count_without_devices() >= most_idle_workers) {
        enrolled.full = true;
        return enrolled;
    }
    // LAVA's length; 165 bits.
    enrolled.token = make_secret().substr(0, 32);
    workers.enroll(worker, sha256_hex(enrolled.token));
    return enrolled;
}

}  // namespace patchbay
