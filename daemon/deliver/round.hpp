// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <utility>

namespace patchbay {

/// Once around an ordered set that is only known by its seeks, from behind `begin` to `begin`, so that all have their
/// turn wherever the last round ended. `Key{}` comes before all of it.
template <class Key>
class Round {
public:
    explicit Round(Key begin) : begin_{begin}, at_{std::move(begin)} {}

    /// `seek(key)`: the first one behind `key`, if there is one. nullopt: all had their turn.
    template <class Seek>
    std::optional<Key> next(Seek seek) {
        auto found = seek(at_);
        if (!found && !wrapped_) {
            wrapped_ = true;
            found = seek(Key{});
        }
        if (!found || (wrapped_ && *found > begin_)) return std::nullopt;
        at_ = *found;
        return found;
    }

private:
    Key begin_, at_;
    bool wrapped_ = false;
};

}  // namespace patchbay
