// SPDX-License-Identifier: Apache-2.0
#include "core/config/duration.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

namespace patchbay::config {

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
    struct Unit {
        std::string_view name;
        std::int64_t milliseconds;
    };
    // "ms" stands before "m", so that the longer name is tried first.
    constexpr std::array<Unit, 5> units{{{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};
    constexpr std::int64_t century = 36'525LL * 86'400'000;
    if (text.empty()) return std::nullopt;
    std::int64_t total = 0;
    while (!text.empty()) {
        std::int64_t count = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
        if (error != std::errc{} || count < 0 || count > century) return std::nullopt;
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        const Unit* found = nullptr;
        for (const auto& unit : units)
            if (!found && text.starts_with(unit.name)) found = &unit;
        if (!found || count > century / found->milliseconds) return std::nullopt;
        text.remove_prefix(found->name.size());
        total += count * found->milliseconds;
        if (total > century) return std::nullopt;
    }
    return std::chrono::milliseconds{total};
}

std::chrono::seconds sum_of_units(const Map& units) {
    constexpr std::pair<const char*, std::int64_t> table[] = {
        {"days", 86400}, {"hours", 3600}, {"minutes", 60}, {"seconds", 1}};
    // A year is longer than any job; it also keeps the sum far from the limits of the type.
    constexpr std::int64_t longest = 366 * 86400;
    std::int64_t total = 0;
    for (const auto& [unit, seconds] : table) {
        const auto* count = units.find(unit);
        const auto* number = count ? count->as_int() : nullptr;
        if (number && *number > 0) total += std::min(*number, longest) * seconds;
    }
    return std::chrono::seconds{total == 0 ? 30 : std::min(total, longest)};
}

}  // namespace patchbay::config
