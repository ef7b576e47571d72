// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/jobs/job_cache.hpp"

#include <utility>

namespace patchbay {
namespace {

// Some hundred jobs, a few pages; small beside the 30 MB that the daemon may use.
constexpr std::size_t most_bytes = 2 * 1024 * 1024;

}  // namespace

void JobCache::keep_for(std::int64_t version) {
    if (version == std::exchange(version_, version)) return;
    jobs_.clear();
    bytes_ = 0;
}

const std::string* JobCache::find(JobId job, UserId reader) const {
    const auto found = jobs_.find({job, reader});
    return found == jobs_.end() ? nullptr : &found->second;
}

void JobCache::put(JobId job, UserId reader, std::string json) {
    if (bytes_ + json.size() > most_bytes) {
        jobs_.clear();
        bytes_ = 0;
    }
    bytes_ += json.size();
    jobs_.insert_or_assign({job, reader}, std::move(json));
}

}  // namespace patchbay
