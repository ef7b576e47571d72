// SPDX-License-Identifier: Apache-2.0
#include "core/config/duration.hpp"

#include <array>
#include <charconv>
#include <cstdint>

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

}  // namespace patchbay::config
