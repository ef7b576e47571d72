// SPDX-License-Identifier: Apache-2.0
// A lease that is cancelled at any of its suspension points leaves an outcome, and the device free for the next lease.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <iostream>

#include "core/clock.hpp"
#include "core/errors.hpp"
#include "jobs/journal/journal_reader.hpp"
#include "jobs/runner/fence.hpp"
#include "jobs/runner/runner.hpp"
#include "tests/jobs/runner/lease_files.hpp"

namespace patchbay {
namespace {

using ::testing::HasSubstr;

/// Runs the lease and cancels it when `point` handlers of the event loop have run; returns whether that came to pass.
bool run_canceled(const std::filesystem::path& lease, std::size_t point) {
    Cancellation cancellation;
    asio::io_context io;
    bool done = false;
    std::exception_ptr failure;
    asio::co_spawn(io, run_lease(lease, cancellation), [&](std::exception_ptr error) {
        failure = error;
        done = true;
    });
    std::size_t handlers = 0;
    while (!done && io.run_one() > 0) {
        if (!done && ++handlers == point) cancellation.request("The job was canceled");
    }
    if (failure) std::rethrow_exception(failure);
    return handlers >= point;
}

TEST(LeaseCancel, LeavesAnOutcomeAndTheDeviceFreeWhereverItComes) {
    std::size_t points = 0, canceled = 0;
    for (bool stopped = true; stopped; points += stopped) {
        SCOPED_TRACE("canceled at suspension point " + std::to_string(points + 1));
        const TemporaryFolder folder;
        const auto lease = folder / "lease", state = folder / "state";
        write_lease(lease, state);
        stopped = run_canceled(lease, points + 1);
        JournalReader reader{lease / "journal"};
        const auto batch = reader.read(0, 10'000'000);
        ASSERT_EQ(batch.tail, JournalReader::Tail::end);
        ASSERT_FALSE(batch.records.empty());
        ASSERT_EQ(batch.records.back().kind, RecordKind::outcome);
        const std::string outcome{batch.records.back().payload};
        if (outcome != R"({"result": "pass"})") {
            ASSERT_TRUE(stopped);
            ASSERT_THAT(outcome, HasSubstr(R"("error_type": "Canceled", "error_msg": "The job was canceled")"));
            ++canceled;
        }
        ASSERT_FALSE(std::filesystem::exists(lease / "control"));
        ASSERT_FALSE(std::filesystem::exists(lease / "tmp" / "42"));
        const FenceLock next{state, "qemu-01", Fence{13}};  // throws when the lease still holds the device
    }
    std::cout << "stopped at each of " << points << " suspension points of a lease, " << canceled << " canceled it\n";
    EXPECT_GT(canceled, 0u);
}

}  // namespace
}  // namespace patchbay
