// SPDX-License-Identifier: Apache-2.0
// What is left of a lease when its runner was killed, and what is done about it.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <fstream>

#include "core/errors.hpp"
#include "core/process/process.hpp"
#include "core/process/scope.hpp"
#include "jobs/runner/lease_folder.hpp"
#include "jobs/runner/runner.hpp"
#include "tests/jobs/runner/lease_files.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/run.hpp"

namespace patchbay {
namespace {

using testing::run;

struct MakeSafe : ::testing::Test {
    TemporaryFolder folder;
    std::filesystem::path lease = folder / "lease", state = folder / "state";
    asio::io_context io;
};

TEST_F(MakeSafe, KillsTheProcessesOfALeaseAlsoWhenItsDeviceFails) {
    write_lease(lease, state);
    ProcessScope scope{scope_token(read_lease_folder(lease))};
    const AdmitAll all{scope};
    Command command;
    command.argv = {"sleep", "300"};
    Process left{io.get_executor(), command};
    std::ofstream{lease / "device.yaml", std::ios::app} << "driver: warp\n";
    EXPECT_THROW(run(io, make_lease_safe(lease)), ConfigurationError);
    EXPECT_EQ(run(io, left.wait()), 128 + SIGKILL);
}

TEST_F(MakeSafe, KillsWhatACommandOfTheJobStartedAfterItsRunnerWasKilled) {
    const auto pid_file = folder / "pid";
    write_lease(lease, state, passing_job, "sh -c 'echo $$ > " + pid_file.string() + "; exec sleep 300'");
    const auto runner = ::fork();
    if (runner == 0) {
        Cancellation nobody;
        run(io, run_lease(lease, nobody));
        ::_exit(0);
    }
    pid_t sleeper = 0;
    ASSERT_TRUE(eventually([&] { return static_cast<bool>(std::ifstream{pid_file} >> sleeper); }));
    ::kill(runner, SIGKILL);
    ::waitpid(runner, nullptr, 0);
    EXPECT_EQ(::kill(sleeper, 0), 0);
    run(io, make_lease_safe(lease));
    // A killed orphan is a zombie, without a program, until the init process looks.
    const auto program = "/proc/" + std::to_string(sleeper) + "/exe";
    EXPECT_TRUE(eventually([&program] { return ::access(program.c_str(), F_OK) != 0; }));
}

TEST_F(MakeSafe, RunsTheCommandThatSwitchesTheDeviceOff) {
    write_lease(lease, state);
    const auto off = folder / "off";
    set_command(lease, "power_off", "touch " + off.string());
    run(io, make_lease_safe(lease));
    EXPECT_TRUE(std::filesystem::exists(off));
}

TEST_F(MakeSafe, FailsWhenTheCommandThatSwitchesTheDeviceOffDoes) {
    write_lease(lease, state);
    set_command(lease, "power_off", "false");
    EXPECT_THROW(run(io, make_lease_safe(lease)), InfrastructureError);
    EXPECT_EQ(read_file(lease / "unsafe"),
              "device qemu-01: its power_off command 'false' ended with 1; run it by hand "
              "and see what it says")
        << "for the daemon";
    set_command(lease, "power_off", "false " + std::string(9000, 'x'));
    EXPECT_THROW(run(io, make_lease_safe(lease)), InfrastructureError);
    EXPECT_EQ(read_file(lease / "unsafe").size(), 4096U);
}

}  // namespace
}  // namespace patchbay
