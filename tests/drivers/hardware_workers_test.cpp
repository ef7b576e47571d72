// SPDX-License-Identifier: Apache-2.0
#include "drivers/hardware_workers.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "tests/support/run.hpp"

namespace patchbay::testing {
namespace {

TEST(HardwareWorkers, RunOnAnotherThreadAndHandBackValuesAndFailures) {
    asio::io_context io;
    auto other = [here = std::this_thread::get_id()] { return here != std::this_thread::get_id(); };
    EXPECT_TRUE(run(io, on_hardware_worker(other)));
    auto failing = [] { throw std::runtime_error{"unplugged"}; };
    EXPECT_THROW(run(io, on_hardware_worker(failing)), std::runtime_error);
}

TEST(HardwareWorkers, AContextMayGoAtTheMomentWhenItHasTheResult) {
    // A thread that still held a piece of the context crashed about one program in twenty, at its end.
    for (int round = 0; round < 300; ++round) {
        asio::io_context io;
        auto work = [text = std::string(100, 'x')] { return text; };
        EXPECT_EQ(run(io, on_hardware_worker(std::move(work))).size(), 100U);
    }
}

}  // namespace
}  // namespace patchbay::testing
