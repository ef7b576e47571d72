// SPDX-License-Identifier: Apache-2.0
#include "jobs/runner/session_witness.hpp"

#include <algorithm>

#include "core/deadline.hpp"

namespace patchbay {
namespace {

constexpr std::size_t most_heard = 4096;

}  // namespace

Task<std::string> SessionWitness::hear(Clock::duration time) {
    const auto begin = said_.end();
    const auto opening = openings_;
    co_await sleep_for(time);
    // What a console says when it is opened again is its server's greeting.
    if (!open_ || opening != openings_) co_return std::string{};
    co_return said_.read(std::max(begin, said_.begin()), most_heard);
}

Task<> SessionWitness::call() {
    type_("\r");
    co_return;
}

}  // namespace patchbay
