// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/asker.hpp"

#include "daemon/api/api_error.hpp"
#include "daemon/api/authenticate.hpp"
#include "daemon/store/jobs.hpp"
#include "daemon/store/rights.hpp"
#include "daemon/store/store.hpp"

namespace patchbay {

Asker::Asker(const Call& call) : lab_{&call.lab} {
    if (const auto* header = call.request.header("authorization")) authorization_ = *header;
}

std::optional<UserRow> Asker::user() const {
    Request again;
    if (authorization_) again.headers.emplace_back("authorization", *authorization_);
    return authenticate(again, lab_->store.reader());
}

bool Asker::sees(JobId job) const {
    auto& db = lab_->store.reader();
    try {
        return Jobs{db}.is_seen(job, viewer_of(db, user()));
    } catch (const ApiError&) {  // nobody's token any more
        return false;
    }
}

bool Asker::may_change(JobId job) const {
    auto& db = lab_->store.reader();
    try {
        const auto row = Jobs{db}.find(job);
        return row && Rights{db, user()}.change_job(*row);
    } catch (const ApiError&) {  // nobody's token any more
        return false;
    }
}

}  // namespace patchbay
