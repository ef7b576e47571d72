// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/log_cache.hpp"

namespace patchbay {

LogChunk::LogChunk(std::string lines) : text{std::move(lines)} {
    line_starts.push_back(0);
    for (std::size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 1))
        line_starts.push_back(static_cast<std::uint32_t>(at + 1));
}

std::shared_ptr<const LogChunk> LogCache::find(JobId job, std::int64_t first_line) {
    const auto place = places_.find(Key{job, first_line});
    if (place == places_.end()) return nullptr;
    order_.splice(order_.begin(), order_, place->second);
    return place->second->second;
}

void LogCache::put(JobId job, std::int64_t first_line, std::shared_ptr<const LogChunk> chunk) {
    const Key key{job, first_line};
    if (places_.contains(key)) return;
    order_.emplace_front(key, std::move(chunk));
    places_.emplace(key, order_.begin());
    if (order_.size() > limit_) {
        places_.erase(order_.back().first);
        order_.pop_back();
    }
}

}  // namespace patchbay
