// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/heartbeat.hpp"

#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace patchbay {

Task<> beat(JobLog& log) {
    Timer timer{co_await asio::this_coro::executor};
    auto last_word = log.newest();  // of somebody else
    auto last_beat = last_word;
    for (;;) {
        if (log.newest() > last_beat) last_word = last_beat = log.newest();
        const auto due = last_beat + longest_silence;
        if (Clock::now() < due) {
            timer.expires_at(due);
            co_await timer.async_wait(asio::use_awaitable);
            continue;
        }
        const auto silence = std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - last_word);
        log.debug("The job goes on; nothing was said for " + std::to_string(silence.count()) + " seconds");
        log.flush();
        last_beat = log.newest();
    }
}

}  // namespace patchbay
