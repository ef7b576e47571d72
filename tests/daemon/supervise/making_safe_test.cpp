// SPDX-License-Identifier: Apache-2.0
// What becomes of a device whose runner for the safe state hangs.
#include <fcntl.h>
#include <unistd.h>

#include "daemon/supervise/runner_process.hpp"
#include "tests/daemon/supervise/lab_fixture.hpp"
#include "tests/support/eventually.hpp"

namespace patchbay {
namespace {

using namespace testing;
using MakingSafeTest = LabTest;

TEST_F(MakingSafeTest, AnAttemptToMakeADeviceSafeThatSurvivesKillMakesItBadAndIsNotWaitedFor) {
    const auto job = submit("running\nwait-for never\n");
    until([&] { return job_row(job).state == JobState::running; });
    const auto runner = runner_pid(job);
    stop_daemon();
    // A process that leads no group stands for one that hangs in a driver: no signal to its group reaches it.
    const auto lease = settings.leases_dir() / std::to_string(Leases{lab.reader()}.attempts(job).back().id.value);
    int input[2];
    ASSERT_EQ(::pipe2(input, O_CLOEXEC), 0);
    const auto stuck = ::fork();
    if (stuck == 0) {
        ::dup2(input[0], 0);
        ::execl("/bin/sh", "sh", "-c", "read forever", "--make-safe", lease.c_str(), nullptr);
        ::_exit(1);
    }
    ::close(input[0]);
    const std::vector<std::string> arguments{"--make-safe", lease.string()};
    ASSERT_TRUE(eventually([&] { return RunnerProcess::find(lab.io.get_executor(), arguments).has_value(); }));
    ::kill(-runner, SIGKILL);
    times.safe_limit = 200ms;
    times.kill_patience = 10ms;
    start_daemon();
    until([&] { return device_row().health == DeviceHealth::bad; });
    EXPECT_NE(Devices{lab.reader()}.health_history("qemu-01").at(0).reason.text.find(
                  "process " + std::to_string(stuck) + " survived KILL"),
              std::string::npos);
    EXPECT_EQ(safe_runs(), 0) << "two at once would only refuse each other";
    ::kill(stuck, SIGKILL);
    ::close(input[1]);
    until_finished(job);
    EXPECT_EQ(device_row().health, DeviceHealth::unknown);
}

}  // namespace
}  // namespace patchbay
