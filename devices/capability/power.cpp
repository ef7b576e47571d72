// SPDX-License-Identifier: Apache-2.0
#include "devices/capability/power.hpp"

#include "core/deadline.hpp"

namespace patchbay {

Task<> cycle(Power& power, std::chrono::milliseconds dark) {
    co_await power.off();
    co_await sleep_for(dark);
    co_await power.on();
}

}  // namespace patchbay
