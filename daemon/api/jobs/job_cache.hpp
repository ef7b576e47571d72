// SPDX-License-Identifier: Apache-2.0
#pragma once
// Jobs as JSON: dashboards ask for the same page of jobs again and again. Belongs to the io thread.

#include <cstdint>
#include <string>
#include <unordered_map>

#include "core/ids.hpp"

namespace patchbay {

class JobCache {
public:
    /// Forgets everything unless the store still has this version (Database::version).
    void keep_for(std::int64_t version);
    /// What was put for this job and reader; null when there is nothing.
    const std::string* find(JobId job, UserId reader) const;
    /// `reader`: who sees what depends on who asks.
    void put(JobId job, UserId reader, std::string json);

private:
    struct Key {
        JobId job;
        UserId reader;
        bool operator==(const Key&) const = default;
    };
    struct Hash {
        std::size_t operator()(const Key& key) const {
            return static_cast<std::size_t>(key.job.value * 1'000'003 + key.reader.value);
        }
    };
    std::unordered_map<Key, std::string, Hash> jobs_;
    std::size_t bytes_ = 0;
    std::int64_t version_ = 0;
};

}  // namespace patchbay
