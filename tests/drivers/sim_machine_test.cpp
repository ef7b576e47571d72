// SPDX-License-Identifier: Apache-2.0
// The simulated machine itself: tests of whole jobs rest on it.
#include "tests/support/sim_machine.hpp"

#include <gtest/gtest.h>

#include "core/deadline.hpp"
#include "devices/capability/console.hpp"
#include "devices/capability/direct_boot.hpp"
#include "devices/capability/power.hpp"
#include "tests/support/read_until.hpp"
#include "tests/support/virtual_time.hpp"

namespace patchbay::testing {
namespace {

struct SimTest : ::testing::Test {
    asio::io_context io;
    VirtualTime time{io};
    std::shared_ptr<SimBoard> board = std::make_shared<SimBoard>();
    Device device = make_sim_device(io.get_executor(), "sim-01", board);
    DirectBoot& direct = device.need<DirectBoot>();
    Console& console = device.need<Console>();
    Power& power = device.need<Power>();

    void boot() { time.run(direct.boot(direct.command({"-kernel \"a b\""}))); }
};

TEST_F(SimTest, BootsSlowlyInNoTimeAndAnswersItsShell) {
    board->boot = {say("Linux version 6.1\r\n"), pause(90s), say("login: "), expect_line("root"), say_prompt()};
    board->answers = {{"uname", "Linux\r\n", 5s}};
    boot();
    EXPECT_EQ(board->commands.at(0), (std::vector<std::string>{"sim-machine", "-kernel", "a b"}));
    const auto begin = Clock::now();
    EXPECT_EQ(time.run(read_until(console, "login: ")), "Linux version 6.1\r\nlogin: ");
    EXPECT_GE(Clock::now() - begin, 90s);
    time.run(console.write("root\n"));
    EXPECT_EQ(time.run(read_until(console, "# ")), "root\r\n" + board->prompt);
    time.run(console.write("uname -a\n"));
    EXPECT_EQ(time.run(read_until(console, "# ")), "uname -a\r\nLinux\r\n" + board->prompt);
    EXPECT_EQ(board->typed, "root\nuname -a\n");
    time.run(power.off());
    EXPECT_FALSE(board->powered);
    EXPECT_EQ(time.run(console.read_some()), "");
}

TEST_F(SimTest, GoesSilentAndAReadCanBeCancelled) {
    board->boot = {say("Starting kernel\r\n"), silence()};
    boot();
    EXPECT_THROW(time.run(with_deadline(Deadline::in(60s), "prompt", read_until(console, "# "))), TimedOut);
    EXPECT_TRUE(board->powered);
    time.run(device.make_safe());
    EXPECT_FALSE(board->powered);
}

TEST_F(SimTest, ClosesItsConsoleAndRefusesToPowerOff) {
    board->boot = {say("Kernel panic - not syncing\r\n"), hang_up()};
    board->off_fails = "relay is gone";
    boot();
    EXPECT_EQ(time.run(read_until(console, "# ")), "Kernel panic - not syncing\r\n");
    EXPECT_THROW(time.run(power.off()), InfrastructureError);
    EXPECT_TRUE(board->powered);
    board->off_fails.clear();
    time.run(power.off());
    EXPECT_THROW(time.run(console.write("x")), ConnectionClosedError);
}

TEST_F(SimTest, BootsDifferentlyInTurnAndGivesItsBytesInPieces) {
    board->boots_in_turn = {{silence()}};
    board->boot = {say("up")};
    board->chunk = 1;
    boot();
    boot();
    EXPECT_EQ(time.run(console.read_some()), "u");
    EXPECT_EQ(time.run(console.read_some()), "p");
    EXPECT_EQ(board->boots, 2);
    time.run(power.off());
}

}  // namespace
}  // namespace patchbay::testing
