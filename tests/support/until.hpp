// SPDX-License-Identifier: Apache-2.0
#pragma once
// Waits, in real time, for what programs and threads beside the io_context bring about.

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "core/deadline.hpp"

namespace patchbay::testing {

/// Lets `io` work until `condition()` holds; fails the test after a minute.
template <class Condition>
void until(asio::io_context& io, Condition condition) {
    const auto limit = Deadline::in(60s);
    io.restart();
    while (!condition()) {
        ASSERT_FALSE(limit.passed()) << "it never came to that";
        io.run_one_for(20ms);
        if (io.stopped()) io.restart();
    }
}

}  // namespace patchbay::testing
