// SPDX-License-Identifier: Apache-2.0
#pragma once
// Recently read log chunks, decompressed. Only sealed chunks come here, and those never change.

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/ids.hpp"

namespace patchbay {

/// Lines of one chunk: whole, each with its "\n".
struct LogChunk {
    std::string text;
    std::vector<std::uint32_t> line_starts;  ///< offset of each line, and the size of the text at the end

    explicit LogChunk(std::string lines);
    std::size_t line_count() const { return line_starts.size() - 1; }
};

/// Least recently used first out. Belongs to one thread.
class LogCache {
public:
    explicit LogCache(std::size_t chunks = 64) : limit_{chunks} {}
    std::shared_ptr<const LogChunk> find(JobId job, std::int64_t first_line);
    void put(JobId job, std::int64_t first_line, std::shared_ptr<const LogChunk> chunk);
    std::size_t size() const { return order_.size(); }

private:
    struct Key {
        JobId job;
        std::int64_t first_line;
        bool operator==(const Key&) const = default;
    };
    struct Hash {
        std::size_t operator()(const Key& key) const {
            return static_cast<std::size_t>(key.job.value * 1'000'003 + key.first_line);
        }
    };
    using Entry = std::pair<Key, std::shared_ptr<const LogChunk>>;
    std::size_t limit_;
    std::list<Entry> order_;  // most recent first
    std::unordered_map<Key, std::list<Entry>::iterator, Hash> places_;
};

}  // namespace patchbay
