// SPDX-License-Identifier: Apache-2.0
#include "core/deadline.hpp"

namespace patchbay {

Task<> sleep_until(Clock::time_point at) {
    Timer timer{co_await asio::this_coro::executor, at};
    co_await timer.async_wait(asio::use_awaitable);
}

Task<> sleep_for(Clock::duration d) { return sleep_until(Clock::now() + d); }

}  // namespace patchbay
