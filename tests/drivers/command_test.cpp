// SPDX-License-Identifier: Apache-2.0
// Drivers that run programs of the lab's; and what every switch shares: read-back, inversion, safe state.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <fstream>

#include "core/deadline.hpp"
#include "core/whole_file.hpp"
#include "devices/capability/console.hpp"
#include "devices/capability/line.hpp"
#include "devices/capability/power.hpp"
#include "tests/support/described.hpp"
#include "tests/support/read_until.hpp"
#include "tests/support/run.hpp"
#include "tests/support/temporary_folder.hpp"

namespace patchbay::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

/// A relay board of shell commands: the file `state` is its contact.
struct CommandDriver : ::testing::Test {
    asio::io_context io;
    TemporaryFolder folder;
    std::vector<std::string> told;

    std::string contact() { return read_whole_file(folder / "state"); }
    void set_contact(const std::string& state) { std::ofstream{folder / "state"} << state; }

    /// `$F` stands for the folder.
    Device device(std::string hardware) {
        for (std::size_t at = 0; (at = hardware.find("$F")) != std::string::npos;)
            hardware.replace(at, 2, folder.path.string());
        DriverContext context{io.get_executor(), nullptr, folder.path, folder.path};
        context.tell = [this](const std::string& text) { told.push_back(text); };
        return described_device(hardware, context);
    }

    std::string refusal(const std::string& hardware) {
        try {
            device(hardware);
        } catch (const ConfigurationError& error) {
            return error.what();
        }
        return "";
    }
};

const std::string relay =
    "  power: {driver: command, on_command: sh -c 'printf on >$F/state', off_command: sh -c 'printf off >$F/state'";

TEST_F(CommandDriver, SwitchesAndReadsBack) {
    auto board = device(relay + ", status_command: cat $F/state}\n");
    auto& power = board.need<Power>();
    EXPECT_EQ(run(io, power.on()), Switched::verified);
    EXPECT_EQ(contact(), "on");
    EXPECT_EQ(run(io, power.is_on()), true);
    EXPECT_EQ(run(io, cycle(power, 1ms)), Switched::verified);
    EXPECT_EQ(contact(), "on");
    run(io, board.make_safe());
    EXPECT_EQ(contact(), "off");
    EXPECT_THAT(told, ElementsAre());
}

TEST_F(CommandDriver, SaysOnceThatASwitchCannotBeReadBack) {
    auto board = device(relay + "}\n");
    auto& power = board.need<Power>();
    EXPECT_EQ(run(io, power.on()), Switched::unverified);
    EXPECT_EQ(run(io, power.off()), Switched::unverified);
    EXPECT_EQ(run(io, power.is_on()), std::nullopt);
    EXPECT_THAT(told,
                ElementsAre(MatchesRegex(
                    "device board: power: contact of the commands 'sh -c .+on.+' and 'sh -c .+off.+' was.*cannot be "
                    "read back")));
}

TEST_F(CommandDriver, ASwitchThatSticksIsAnError) {
    auto board =
        device("  power: {driver: command, on_command: 'true', off_command: 'true', status_command: cat $F/state}\n");
    set_contact("on\n");
    EXPECT_EQ(run(io, board.need<Power>().on()), Switched::verified);
    try {
        run(io, board.make_safe());
        FAIL() << "the board is on, and nobody was told";
    } catch (const InfrastructureError& error) {
        EXPECT_THAT(
            error.what(),
            HasSubstr(
                "device board: power: contact of the commands 'true' and 'true' was switched off, but reads back on"));
    }
}

TEST_F(CommandDriver, ACommandThatFailsIsQuoted) {
    auto board =
        device("  power: {driver: command, on_command: sh -c 'echo no such outlet; exit 3', off_command: 'true'}\n");
    try {
        run(io, board.need<Power>().on());
        FAIL() << "the command failed, and nobody was told";
    } catch (const InfrastructureError& error) {
        EXPECT_THAT(error.what(), HasSubstr("ended with 3: no such outlet; run it by hand"));
    }
}

TEST_F(CommandDriver, AnInvertedContactIsClosedWhenTheBoardIsOff) {
    auto board = device(relay + ", status_command: cat $F/state, inverted: true}\n");
    EXPECT_EQ(run(io, board.need<Power>().on()), Switched::verified);
    EXPECT_EQ(contact(), "off");
    EXPECT_EQ(run(io, board.need<Power>().is_on()), true);
    run(io, board.make_safe());
    EXPECT_EQ(contact(), "on");
}

TEST_F(CommandDriver, TheSafeStateIsTheLabs) {
    auto keep = device(relay + ", safe_state: keep}\n");
    run(io, keep.need<Power>().on());
    run(io, keep.make_safe());
    EXPECT_EQ(contact(), "on");
    run(io, device(relay + ", safe_state: on}\n").make_safe());
    EXPECT_EQ(contact(), "on");
    run(io, device(relay + ", safe_state: off}\n").make_safe());
    EXPECT_EQ(contact(), "off");
}

TEST_F(CommandDriver, AStatusMayAlsoBeAnExitCode) {
    auto board = device(
        "  power: {driver: command, on_command: 'true', off_command: 'true', status_command: test -e $F/state}\n");
    EXPECT_EQ(run(io, board.need<Power>().is_on()), false);
    set_contact("");
    EXPECT_EQ(run(io, board.need<Power>().is_on()), true);
}

TEST_F(CommandDriver, ALineIsPressedAndReleasedAlsoWhenCancelled) {
    auto board = device(
        "  line:\n    reset: {driver: command, on_command: sh -c 'printf on >$F/state', off_command: sh -c 'printf off "
        ">$F/state', "
        "status_command: cat $F/state}\n");
    auto& reset = board.need<Line>("reset");
    EXPECT_EQ(run(io, press(reset, 1ms)), Switched::verified);
    EXPECT_EQ(contact(), "off");
    auto held = press(reset, 1h);
    EXPECT_THROW(run(io, with_deadline(Deadline::in(300ms), "press", std::move(held))), TimedOut);
    EXPECT_EQ(contact(), "off");
}

TEST_F(CommandDriver, MistakesAreListedTogetherWithTheirLines) {
    EXPECT_EQ(refusal("  power: {driver: command, on_comand: a, off_command: \"'\", safe_state: dim}\n"
                      "  console: {driver: comand}\n"
                      "  line: {reset: {driver: command, on_command: a, off_command: b, safe_state: off}}\n"),
              "board.yaml:2:10: hardware.power.on_command: missing: a command, or a list of them\n"
              "board.yaml:2:28: hardware.power: unknown key 'on_comand' (did you mean 'on_command'?)\n"
              "board.yaml:2:55: hardware.power.off_command: cannot split ''' into words: the quote ' is not closed\n"
              "board.yaml:2:72: hardware.power.safe_state: must be off, on or keep: what the board's supply is between "
              "leases\n"
              "board.yaml:3:12: hardware.console: unknown driver 'comand'; for console there are command, serial, "
              "ssh, tcp, rfc2217\n"
              "board.yaml:4:66: hardware.line.reset: unknown key 'safe_state'");
}

TEST_F(CommandDriver, AProgramIsAConsole) {
    auto board = device("  console: {driver: command, command: sh -c 'read line; echo got $line; cat'}\n");
    auto& console = board.need<Console>();
    EXPECT_EQ(console.description(), "sh -c 'read line; echo got $line; cat'");
    EXPECT_THROW(run(io, console.write("x")), ConnectionClosedError);
    run(io, console.open());
    run(io, console.open());
    run(io, console.write("hello\n"));
    EXPECT_THAT(run(io, read_until(console, "got hello\r\n")), HasSubstr("got hello"));
    run(io, board.make_safe());
    EXPECT_EQ(run(io, console.read_some()), "");
}

TEST_F(CommandDriver, AConsoleProgramThatEndsClosesTheConsoleAndCanBeOpenedAgain) {
    auto board = device("  console: {driver: command, command: echo Connection refused}\n");
    auto& console = board.need<Console>();
    for (int round = 0; round < 2; ++round) {
        run(io, console.open());
        EXPECT_EQ(run(io, read_until(console, "refused\r\n")), "Connection refused\r\n");
        EXPECT_EQ(run(io, console.read_some()), "");
        run(io, console.close());
    }
}

TEST_F(CommandDriver, AProgramThatThereIsNotIsNamed) {
    auto board = device("  console: {driver: command, command: /nonexistent/telnet}\n");
    try {
        run(io, board.need<Console>().open());
        FAIL() << "there is no such program";
    } catch (const InfrastructureError& error) {
        EXPECT_THAT(error.what(), HasSubstr("/nonexistent/telnet"));
    }
}

}  // namespace
}  // namespace patchbay::testing
