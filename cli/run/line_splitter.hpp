// SPDX-License-Identifier: Apache-2.0
#pragma once
// Bytes into lines. No I/O.

#include <cstddef>
#include <string>
#include <string_view>

namespace patchbay::cli {

class LineSplitter {
public:
    /// A line longer than this is handed over in pieces; no record is.
    static constexpr std::size_t limit = 4 * 1024 * 1024;

    /// Calls `take(line)` for each line that `bytes` completes, without its "\n".
    template <class Take>
    void feed(std::string_view bytes, const Take& take) {
        while (!bytes.empty()) {
            const auto end = bytes.find('\n');
            rest_ += bytes.substr(0, end);
            bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 1);
            if (end == std::string_view::npos && rest_.size() < limit) return;
            take(std::string_view{rest_});
            rest_.clear();
        }
    }

    /// The last line, when it had no line end.
    template <class Take>
    void finish(const Take& take) {
        if (!rest_.empty()) take(std::string_view{rest_});
        rest_.clear();
    }

private:
    std::string rest_;
};

}  // namespace patchbay::cli
