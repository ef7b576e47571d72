// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/asker.hpp"

#include "daemon/api/api_error.hpp"
#include "daemon/api/authenticate.hpp"
#include "daemon/store/jobs.hpp"
#include "daemon/store/store.hpp"

namespace patchbay {

Asker::Asker(const Call& call) : lab_{&call.lab} {
    if (const auto* header = call.request.header("authorization")) authorization_ = *header;
}

bool Asker::sees(JobId job) const {
    auto& db = lab_->store.reader();
    Request again;
    if (authorization_) again.headers.emplace_back("authorization", *authorization_);
    try {
        return Jobs{db}.is_seen(job, viewer_of(db, authenticate(again, db)));
    } catch (const ApiError&) {  // nobody's token any more
        return false;
    }
}

}  // namespace patchbay
