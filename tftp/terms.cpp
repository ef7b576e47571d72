// SPDX-License-Identifier: Apache-2.0
#include "tftp/terms.hpp"

#include <algorithm>
#include <optional>

#include "core/text.hpp"

namespace patchbay::tftp {
namespace {

constexpr std::int64_t smallest_block = 8;  // RFC 2348

std::optional<std::int64_t> at_least(std::int64_t least, const Option& option) {
    const auto value = whole_number(option.value);
    return value && *value >= least ? value : std::nullopt;
}

}  // namespace

Terms agree(const Options& wanted, std::uint64_t file_size) {
    Terms terms;
    std::optional<std::int64_t> window;
    const auto agreed = [&terms](const Option& option, std::uint64_t value) {
        terms.agreed.push_back({option.name, std::to_string(value)});
    };
    for (const auto& option : wanted) {
        if (option.name == "blksize") {
            if (const auto size = at_least(smallest_block, option)) {
                terms.block_size = static_cast<std::size_t>(std::min<std::int64_t>(*size, largest_block));
                agreed(option, terms.block_size);
            }
        } else if (option.name == "timeout") {
            if (const auto seconds = at_least(1, option); seconds && *seconds <= longest_timeout.count()) {
                terms.timeout = std::chrono::seconds{*seconds};
                agreed(option, static_cast<std::uint64_t>(*seconds));
            }
        } else if (option.name == "tsize") {
            if (at_least(0, option)) agreed(option, file_size);
        } else if (option.name == "windowsize") {
            window = at_least(1, option);
            if (window) agreed(option, 0);  // its value depends on the size of blocks, which may come behind it
        }
    }
    if (window) {
        const auto most = std::clamp<std::int64_t>(static_cast<std::int64_t>(largest_window / terms.block_size), 1,
                                                   most_blocks_in_window);
        terms.window = static_cast<unsigned>(std::min(*window, most));
        for (auto& option : terms.agreed) {
            if (option.name == "windowsize") option.value = std::to_string(terms.window);
        }
    }
    return terms;
}

}  // namespace patchbay::tftp
