// SPDX-License-Identifier: Apache-2.0
#include "core/config/closest.hpp"

#include <algorithm>
#include <numeric>

namespace patchbay::config {
namespace {

/// '-' and '_' are the same, so are upper and lower case.
std::string folded(std::string_view text) {
    std::string out{text.substr(0, 64)};
    for (auto& c : out) {
        if (c == '-') c = '_';
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    }
    return out;
}

/// Insertions, removals, replacements and swaps of neighbours that lead from one text to the other.
std::size_t distance(const std::string& from, const std::string& to) {
    std::vector<std::size_t> before(to.size() + 1);
    std::vector<std::size_t> last(to.size() + 1);
    std::vector<std::size_t> row(to.size() + 1);
    std::iota(last.begin(), last.end(), std::size_t{0});
    for (std::size_t i = 1; i <= from.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= to.size(); ++j) {
            const std::size_t replaced = last[j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
            if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
                row[j] = std::min(row[j], before[j - 2] + 1);
        }
        before.swap(last);
        last.swap(row);
    }
    return last[to.size()];
}

}  // namespace

const std::string* closest(std::string_view word, const std::vector<std::string>& known) {
    const auto wanted = folded(word);
    const std::string* best = nullptr;
    // A third of the letters may be wrong.
    std::size_t bound = std::max<std::size_t>(1, wanted.size() / 3) + 1;
    for (const auto& candidate : known) {
        const auto far = distance(wanted, folded(candidate));
        if (far >= bound || far >= candidate.size()) continue;
        bound = far;
        best = &candidate;
    }
    return best;
}

}  // namespace patchbay::config
