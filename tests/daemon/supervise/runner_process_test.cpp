// SPDX-License-Identifier: Apache-2.0
#include "daemon/supervise/runner_process.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "core/errors.hpp"
#include "tests/daemon/store/temporary_store.hpp"

namespace patchbay {
namespace {

using namespace testing;

class RunnerProcessTest : public ::testing::Test {
protected:
    TemporaryFolder folder;
    asio::io_context io;
    RunnerProcess start(std::vector<std::string> argv) {
        return RunnerProcess::start(io.get_executor(), argv, folder.path);
    }
};

TEST_F(RunnerProcessTest, HowItEndedIsKnown) {
    auto exits = start({"/bin/sh", "-c", "exit 3"});
    EXPECT_EQ(describe(run(io, exits.wait())), "exited with code 3");
    auto dies = start({"/bin/sh", "-c", "kill -9 $$"});
    EXPECT_EQ(describe(run(io, dies.wait())), "killed by signal 9");
    auto good = start({"/bin/true"});
    EXPECT_TRUE(run(io, good.wait()).clean());
    EXPECT_EQ(describe(RunnerEnd{}), "ended while no daemon watched it");
}

TEST_F(RunnerProcessTest, ItsOutputIsAppendedToTheLog) {
    for (const auto* text : {"one", "two"}) {
        auto process = start({"/bin/sh", "-c", std::string{"echo "} + text + " >&2"});
        run(io, process.wait());
    }
    std::ifstream file{folder.path / "runner.log"};
    EXPECT_EQ((std::string{std::istreambuf_iterator<char>{file}, {}}), "one\ntwo\n");
}

TEST_F(RunnerProcessTest, ItIsTheLeaderOfItsOwnSession) {
    auto process = start({"/bin/sleep", "60"});
    EXPECT_EQ(::getsid(process.pid()), process.pid());
    process.kill_group();
    EXPECT_EQ(run(io, process.wait()).number, SIGKILL);
    process.kill_group();  // gone: nothing happens
    process.signal(SIGTERM);
}

TEST_F(RunnerProcessTest, AProgramThatIsNotThereIsNamed) {
    EXPECT_THROW(start({"/nonexistent/runner"}), InfrastructureError);
}

TEST_F(RunnerProcessTest, AProcessIsFoundByPidAndStartOrByItsArguments) {
    auto process = start({"/bin/sleep", "61", "0.125"});
    EXPECT_TRUE(RunnerProcess::find(io.get_executor(), process.pid(), process.start_time()));
    EXPECT_FALSE(RunnerProcess::find(io.get_executor(), process.pid(), process.start_time() + 1));
    EXPECT_FALSE(RunnerProcess::find(io.get_executor(), 0, 0));
    const auto found = RunnerProcess::find(io.get_executor(), {"61", "0.125"});
    ASSERT_TRUE(found);
    EXPECT_EQ(found->pid(), process.pid());
    process.kill_group();
    run(io, process.wait());
    EXPECT_FALSE(RunnerProcess::find(io.get_executor(), {"61", "0.125"}));
}

TEST_F(RunnerProcessTest, TheStartTimeOfAProcessIsReadBehindItsName) {
    EXPECT_GT(process_start_time(::getpid()), 0);
    EXPECT_EQ(process_start_time(-1), 0);
}

}  // namespace
}  // namespace patchbay
