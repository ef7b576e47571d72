// SPDX-License-Identifier: Apache-2.0
#pragma once
// The last bytes of a stream that has no end. Pure.

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

namespace patchbay {

/// Bytes are counted from the first that ever came; the oldest go when there are more than `most`.
class Scrollback {
public:
    explicit Scrollback(std::size_t most) : most_{most} {}

    void append(std::string_view bytes) {
        bytes_.append(bytes);
        // Half as much again, so that not every piece moves all of it.
        if (bytes_.size() > most_ + most_ / 2) drop(bytes_.size() - most_);
    }

    /// Forgets everything: the next byte is number `at`.
    void restart(std::int64_t at) {
        bytes_.clear();
        begin_ = at;
    }

    std::int64_t begin() const { return begin_; }
    std::int64_t end() const { return begin_ + static_cast<std::int64_t>(bytes_.size()); }

    /// From number `at` on, at most `limit` bytes; nothing when `at` is not among them.
    std::string read(std::int64_t at, std::size_t limit) const {
        if (at < begin_ || at >= end()) return {};
        return bytes_.substr(static_cast<std::size_t>(at - begin_), limit);
    }

private:
    void drop(std::size_t count) {
        bytes_.erase(0, count);
        begin_ += static_cast<std::int64_t>(count);
    }

    std::size_t most_;
    std::string bytes_;
    std::int64_t begin_ = 0;
};

}  // namespace patchbay
