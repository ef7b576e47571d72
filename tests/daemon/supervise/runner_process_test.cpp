// SPDX-License-Identifier: Apache-2.0
#include "daemon/supervise/runner_process.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "core/errors.hpp"
#include "tests/daemon/store/temporary_store.hpp"
#include "tests/support/eventually.hpp"

namespace patchbay {
namespace {

using namespace testing;

class RunnerProcessTest : public ::testing::Test {
protected:
    TemporaryFolder folder;
    asio::io_context io;
    std::vector<pid_t> started;
    RunnerProcess start(std::vector<std::string> argv) {
        auto process = RunnerProcess::start(io.get_executor(), argv, folder.path);
        started.push_back(process.pid());
        return process;
    }
    void TearDown() override {
        for (const auto pid : started) {
            // Not one that was waited for: its number may be another's by now.
            if (::waitid(P_PID, static_cast<id_t>(pid), nullptr, WEXITED | WNOHANG | WNOWAIT) == 0)
                ::kill(-pid, SIGKILL);
        }
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
    EXPECT_THROW(start({"/nonexistent/runner"}), ConfigurationError);
}

TEST_F(RunnerProcessTest, AProcessIsFoundByPidAndStartOrByItsArguments) {
    const auto unique = "0." + std::to_string(::getpid());  // another run of this test must not be found
    auto process = start({"/bin/sleep", "61", unique});
    EXPECT_TRUE(RunnerProcess::find(io.get_executor(), process.pid(), process.start_time()));
    EXPECT_FALSE(RunnerProcess::find(io.get_executor(), process.pid(), process.start_time() + 1));
    EXPECT_FALSE(RunnerProcess::find(io.get_executor(), 0, 0));
    std::optional<RunnerProcess> found;
    // A process has its new arguments a moment after we may go on, when the kernel has built its memory.
    EXPECT_TRUE(eventually([&] {
        found = RunnerProcess::find(io.get_executor(), {"61", unique});
        return found.has_value();
    }));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->pid(), process.pid());
    process.kill_group();
    run(io, process.wait());
    EXPECT_FALSE(RunnerProcess::find(io.get_executor(), {"61", unique}));
}

TEST_F(RunnerProcessTest, ItsAgeIsCountedFromItsStartWhoeverAsks) {
    constexpr auto tick = 10ms;  // starts are known no finer
    const auto before = Clock::now();
    auto process = start({"/bin/sleep", "63"});
    const auto found = RunnerProcess::find(io.get_executor(), process.pid(), process.start_time());
    ASSERT_TRUE(found);
    const auto age = found->age();
    EXPECT_GE(age, 0ms);
    EXPECT_LE(age, Clock::now() - before + tick);
    const auto we = RunnerProcess::find(io.get_executor(), ::getpid(), process_start_time(::getpid()));
    ASSERT_TRUE(we);
    EXPECT_GE(we->age(), age);
    process.kill_group();
    run(io, process.wait());
}

TEST_F(RunnerProcessTest, AnotherUsersProcessIsNoRunnerOfOurs) {
    if (::geteuid() != 0) {
        EXPECT_FALSE(RunnerProcess::find(io.get_executor(), 1, process_start_time(1))) << "root's";
        return;
    }
    const auto unique = "0." + std::to_string(::getpid());
    auto process = start({"/usr/bin/setpriv", "--reuid=65534", "/bin/sleep", "62", unique});
    ASSERT_TRUE(eventually([&] {
        std::ifstream file{"/proc/" + std::to_string(process.pid()) + "/comm"};
        std::string name;
        return std::getline(file, name) && name == "sleep";
    }));
    EXPECT_FALSE(RunnerProcess::find(io.get_executor(), process.pid(), process.start_time()));
    EXPECT_FALSE(RunnerProcess::find(io.get_executor(), {"62", unique}));
    process.kill_group();
    run(io, process.wait());
}

TEST_F(RunnerProcessTest, ProcessesThatEndWhileWeLookThroughAllOfThemAreNoError) {
    auto come_and_go = start({"/bin/sh", "-c", "while :; do /bin/true; done"});
    for (int look = 0; look < 200; ++look)
        EXPECT_FALSE(RunnerProcess::find(io.get_executor(), {"an argument", "that nobody has"}));
    come_and_go.kill_group();
    run(io, come_and_go.wait());
}

TEST_F(RunnerProcessTest, TheStartTimeOfAProcessIsReadBehindItsName) {
    EXPECT_GT(process_start_time(::getpid()), 0);
    EXPECT_EQ(process_start_time(-1), 0);
}

}  // namespace
}  // namespace patchbay
