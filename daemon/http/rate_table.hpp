// SPDX-License-Identifier: Apache-2.0
#pragma once
// How often each of many does something. No clock, and memory that has a bound whoever comes.

#include <cstdint>
#include <map>

#include "daemon/http/limits.hpp"

namespace patchbay {

class RateTable {
public:
    /// At most `keys` are remembered: when there are more, those go that have their whole rate left, and if that is not
    /// enough, all. A crowd can so make us forgetful, but not large.
    explicit RateTable(Rate rate, std::size_t keys = 16'384);

    /// How long until `key` may do it once more; zero: now.
    Clock::duration wait(std::uint64_t key, Clock::time_point now) const;
    /// Counts one, if it may be done now. Returns wait().
    Clock::duration take(std::uint64_t key, Clock::time_point now);

    /// As if `key` had just done all that it may do at once.
    void use_up(std::uint64_t key, Clock::time_point now);

    std::size_t size() const { return full_again_.size(); }

private:
    Clock::time_point& entry(std::uint64_t key, Clock::time_point now);
    void make_room(Clock::time_point now);

    Clock::duration interval_;   ///< zero: no limit
    Clock::duration tolerance_;  ///< what may be done at once, as time
    std::size_t keys_;
    /// When each will have its whole rate left. Ordered: no choice of keys makes a look-up slow.
    std::map<std::uint64_t, Clock::time_point> full_again_;
};

}  // namespace patchbay
