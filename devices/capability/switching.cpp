// SPDX-License-Identifier: Apache-2.0
#include "core/deadline.hpp"
#include "devices/capability/line.hpp"
#include "devices/capability/power.hpp"

namespace patchbay {
namespace {

Task<> activate(Line& line, Clock::duration held) {
    co_await line.set(true);
    co_await sleep_for(held);
}

Task<> deactivate(Line& line, Switched& switched) { switched = co_await line.set(false); }

}  // namespace

Task<Switched> cycle(Power& power, Clock::duration dark) {
    co_await power.off();
    co_await sleep_for(dark);
    co_return co_await power.on();
}

Task<Switched> press(Line& line, Clock::duration held) {
    auto switched = Switched::unverified;
    co_await and_finally(activate(line, held), deactivate(line, switched));
    co_return switched;
}

}  // namespace patchbay
