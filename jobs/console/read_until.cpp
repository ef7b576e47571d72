// SPDX-License-Identifier: Apache-2.0
#include "jobs/console/read_until.hpp"

#include "core/errors.hpp"

namespace patchbay {

Task<> read_until(ConsoleSession& console, Deadline end) {
    try {
        co_await with_deadline(end, "console", console.keep_reading());
    } catch (const TimedOut&) {
    } catch (const ConnectionClosedError&) {
    }
}

}  // namespace patchbay
