// SPDX-License-Identifier: Apache-2.0
#include "core/worker.hpp"

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <thread>

#include "core/errors.hpp"
#include "tests/core/support.hpp"
#include "tests/support/run.hpp"

namespace patchbay {
namespace {

using testing::run;

TEST(OnWorker, RunsOnAnotherThreadAndComesBackToOurs) {
    asio::io_context io;
    asio::thread_pool pool{1};
    std::thread::id worker, back;
    const auto both = [](asio::thread_pool& p, std::thread::id& w, std::thread::id& b) -> Task<> {
        auto work = [&w] { w = std::this_thread::get_id(); };
        co_await on_worker(p, std::move(work));
        b = std::this_thread::get_id();
    };
    run(io, both(pool, worker, back));
    EXPECT_NE(worker, std::this_thread::get_id());
    EXPECT_EQ(back, std::this_thread::get_id());
}

TEST(OnWorker, BringsItsValueHome) {
    asio::io_context io;
    asio::thread_pool pool{1};
    auto answer = [text = std::make_unique<std::string>("row")] { return *text + " 42"; };
    EXPECT_EQ(run(io, on_worker(pool, std::move(answer))), "row 42");
}

TEST(OnWorker, BringsItsExceptionHomeWithItsClassAndChain) {
    asio::io_context io;
    asio::thread_pool pool{1};
    auto work = [] {
        try {
            throw std::runtime_error{"disk full"};
        } catch (...) {
            std::throw_with_nested(InfrastructureError{"lab.db"});
        }
    };
    try {
        run(io, on_worker(pool, std::move(work)));
        FAIL();
    } catch (const InfrastructureError& error) {
        EXPECT_EQ(describe(error), "lab.db: disk full");
    }
}

TEST(OnWorker, WorkThatHasBegunIsFinishedAlsoWhenNobodyWantsItAnyMore) {
    asio::io_context io;
    asio::thread_pool pool{1};
    std::promise<void> begun, go_on;
    bool finished = false;
    auto work = [&begun, &finished, gate = go_on.get_future().share()] {
        begun.set_value();
        gate.wait();
        finished = true;
    };
    testing::Running query{io, on_worker(pool, std::move(work))};
    io.poll();
    begun.get_future().wait();
    query.cancel();
    io.restart();
    io.poll();
    EXPECT_EQ(query.outcome(), "running");
    go_on.set_value();
    io.restart();
    while (query.outcome() == "running") io.run_one();
    EXPECT_TRUE(finished);
    EXPECT_EQ(query.outcome(), "done");
}

TEST(OnWorker, CancelledWhileItWaitsForAFreeWorkerItIsStillDone) {
    // A row that was handed over is written: half of them would be worse than late.
    asio::io_context io;
    asio::thread_pool pool{1};
    std::promise<void> go_on;
    asio::post(pool, [gate = go_on.get_future().share()] { gate.wait(); });
    bool written = false;
    auto work = [&written] { written = true; };
    testing::Running query{io, on_worker(pool, std::move(work))};
    io.poll();
    query.cancel();
    io.restart();
    io.poll();
    go_on.set_value();
    while (query.outcome() == "running") {
        io.restart();
        io.run_one();
    }
    EXPECT_TRUE(written);
    pool.join();
}

}  // namespace
}  // namespace patchbay
