// SPDX-License-Identifier: Apache-2.0
#include "core/telnet/negotiation.hpp"

#include <algorithm>
#include <utility>

namespace patchbay::telnet {

Negotiation::Negotiation(Options ours, Options wanted, Options allowed)
    : ours_may_{std::move(ours)}, wanted_{std::move(wanted)}, theirs_may_{std::move(allowed)} {
    theirs_may_.insert(theirs_may_.end(), wanted_.begin(), wanted_.end());
}

std::string Negotiation::hello() {
    std::string bytes;
    for (const auto option : ours_may_) {
        ours_[option] = State::asked;
        bytes += command(will, option);
    }
    for (const auto option : wanted_) {
        theirs_[option] = State::asked;
        bytes += command(do_, option);
    }
    return bytes;
}

void Negotiation::hear(const Command& heard, std::string& reply) {
    const bool about_us = heard.verb == do_ || heard.verb == dont;
    const bool yes = heard.verb == do_ || heard.verb == will;
    auto& state = (about_us ? ours_ : theirs_)[heard.option];
    const auto before = state;
    const bool may = std::ranges::count(about_us ? ours_may_ : theirs_may_, heard.option) > 0;
    state = yes && may ? State::agreed : State::off;
    const bool is_news = yes ? before != State::agreed : before == State::agreed;
    if (before == State::asked || !is_news) return;
    const auto agree = about_us ? will : do_;
    const auto refuse = about_us ? wont : dont;
    reply += command(yes && may ? agree : refuse, heard.option);
}

}  // namespace patchbay::telnet
