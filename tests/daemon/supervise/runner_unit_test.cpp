// SPDX-License-Identifier: Apache-2.0
// The daemon's end of a socket at which a runner is started; tests/daemon/program/units_test.py has both ends.
#include "daemon/supervise/runner_unit.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "core/errors.hpp"
#include "core/task_group.hpp"
#include "tests/daemon/store/temporary_store.hpp"
#include "tests/support/eventually.hpp"

namespace patchbay {
namespace {

using namespace testing;
using Local = asio::local::stream_protocol;

class RunnerUnitTest : public ::testing::Test {
protected:
    TemporaryFolder folder;
    asio::io_context io;
    std::filesystem::path socket = folder / "board-01";
    TaskGroup group{io.get_executor()};
    std::string heard;

    /// The runner of this test's own process says `answer`.
    Task<> serve(Local::acceptor& acceptor, std::string answer) {
        auto connection = co_await acceptor.async_accept(asio::use_awaitable);
        auto buffer = asio::dynamic_buffer(heard);
        co_await asio::async_read_until(connection, buffer, '\n', asio::use_awaitable);
        if (!answer.empty()) co_await asio::async_write(connection, asio::buffer(answer), asio::use_awaitable);
    }

    std::optional<RunnerProcess> runner;
    Task<> start(RunnerWork work, Clock::duration patience) {
        auto started = co_await start_in_unit(io.get_executor(), socket, work, "/state/leases/7", patience);
        runner.emplace(std::move(started));
    }

    std::string failure(const std::string& answer, Clock::duration patience = 60s) {
        std::filesystem::remove(socket);
        Local::acceptor acceptor{io, Local::endpoint{socket.string()}};
        group.spawn("runner", serve(acceptor, answer));
        return failure_of(patience);
    }

    std::string failure_of(Clock::duration patience = 60s) {
        try {
            run(io, start(RunnerWork::make_safe, patience));
        } catch (const Error& error) {
            return std::string{to_string(error.type())} + ": " + error.what();
        }
        return "";
    }
};

TEST_F(RunnerUnitTest, ItSaysWhichFolderAndWhatFor) {
    failure("refused: no\n");
    EXPECT_EQ(heard, "{\"run\":\"make-safe\",\"folder\":\"/state/leases/7\"}\n");
}

TEST_F(RunnerUnitTest, ARefusalIsPassedOnWithTheUnitsName) {
    EXPECT_EQ(
        failure("refused: of device board-02\n"),
        "Infrastructure: patchbay-runner@board-01.service does not start the runner: refused: of device board-02");
    EXPECT_NE(failure("pid x\n").find("does not start the runner: pid x"), std::string::npos);
    EXPECT_NE(failure(std::string(100'000, 'x')).find("did not start"), std::string::npos);
}

TEST_F(RunnerUnitTest, OneThatHangsUpNamesWhereToLook) {
    EXPECT_NE(failure("").find("`journalctl -u patchbay-runner@board-01` says why"), std::string::npos);
}

TEST_F(RunnerUnitTest, AProcessThatIsNotOursIsNoRunner) {
    EXPECT_NE(failure("pid 999999999\n").find("the unit's User= must be the daemon's"), std::string::npos);
}

TEST_F(RunnerUnitTest, OneThatSaysNothingIsGivenUp) {
    const Local::acceptor acceptor{io, Local::endpoint{socket.string()}};  // systemd listens, and starts nothing
    EXPECT_NE(failure_of(10ms).find("has not started a runner within"), std::string::npos);
}

TEST_F(RunnerUnitTest, WithoutASocketTheConfigurationIsWrong) {
    EXPECT_NE(failure_of().find("Configuration: cannot start a runner: " + socket.string()), std::string::npos);
    socket = folder / std::string(150, 'x');
    EXPECT_NE(failure_of().find("Configuration"), std::string::npos);
    socket = folder / "board-01";
    { const Local::acceptor closed{io, Local::endpoint{socket.string()}}; }
    EXPECT_NE(failure_of().find("Infrastructure: cannot start a runner: " + socket.string() + ": Connection refused"),
              std::string::npos);
}

TEST_F(RunnerUnitTest, TheProcessIsFoundAndItsEndHeard) {
    const Local::acceptor listening{io, Local::endpoint{socket.string()}};
    const auto pid = ::fork();
    if (pid == 0) {  // another process, whose parent it will not be
        if (::fork() == 0) {
            const int connection = ::accept(const_cast<Local::acceptor&>(listening).native_handle(), nullptr, nullptr);
            char buffer[256];
            bool good = ::read(connection, buffer, sizeof buffer) > 0;
            const auto line = "pid " + std::to_string(::getpid()) + "\n";
            good = good && ::write(connection, line.data(), line.size()) > 0;
            good = good && ::read(connection, buffer, sizeof buffer) == 3;
            good = good && ::write(connection, "exit 3\n", 7) == 7;
            ::_exit(good ? 3 : 4);
        }
        ::_exit(0);
    }
    run(io, start(RunnerWork::lease, 60s));
    EXPECT_EQ(describe(run(io, runner->wait())), "exited with code 3");
}

}  // namespace
}  // namespace patchbay
