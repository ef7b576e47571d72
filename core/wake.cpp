// SPDX-License-Identifier: Apache-2.0
#include "core/wake.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace patchbay {

Task<> sleep_until_woken(Timer& timer, Clock::time_point until) {
    timer.expires_at(until);
    boost::system::error_code woken;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    // Being woken and being cancelled end the wait with the same error.
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none)
        throw boost::system::system_error{asio::error::operation_aborted};
}

}  // namespace patchbay
