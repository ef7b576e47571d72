// SPDX-License-Identifier: Apache-2.0
// The driver `serial` when its adapter goes, and when it comes back.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <filesystem>

#include "core/deadline.hpp"
#include "devices/capability/serial_control.hpp"
#include "tests/support/read_until.hpp"
#include "tests/support/serial_lab.hpp"

namespace patchbay::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

using SerialLoss = SerialLab;

TEST_F(SerialLoss, GoesOnWithTheSameAdapterUnderAnotherNumber) {
    auto port = ports.plug("ttyUSB0");
    auto board = device("serial_number: A50285BI, speed: 9600");
    auto& console = board.need<Console>();
    run(io, console.open());
    run(io, board.need<SerialControl>().set_speed(460800));
    port.say("before");
    EXPECT_EQ(run(io, read_until(console, "before")), "before");
    const auto reading = start(read_until(console, "after"));
    ports.unplug("ttyUSB0", port);
    until(io, [&] { return told.size() == 1; });
    EXPECT_EQ(told[0],
              "device board: console: FTDI FT232R USB UART (serial number A50285BI, usb_path 1-1.4) is gone from "
              "/dev/ttyUSB0; waiting 10 s for it");
    auto other = ports.plug("ttyUSB0", {.usb_path = "1-1.3", .serial_number = "OTHER"});
    auto back = ports.plug("ttyUSB1", {.usb_path = "1-2"});
    until(io, [&] { return told.size() == 2; });
    EXPECT_THAT(
        told[1],
        AllOf(StartsWith("device board: console: FTDI FT232R USB UART (serial number A50285BI, usb_path "
                         "1-2) is back as /dev/ttyUSB1 after "),
              HasSubstr("; it is in another place than before, where it was FTDI FT232R USB UART (serial number "
                        "A50285BI, usb_path 1-1.4); what the board said meanwhile is lost")));
    back.say("and after");
    until_done(reading);
    EXPECT_EQ(reading->error, "");
    EXPECT_EQ(reading->text, "and after");
    EXPECT_EQ(speed_of(back), 460800);
    run(io, console.write("x"));
    EXPECT_EQ(back.hear(1), "x");
}

TEST_F(SerialLoss, AnAdapterThatStaysAwayEndsTheConsoleAndSaysWhatToDo) {
    auto port = ports.plug("ttyUSB0");
    auto board = device("usb_path: 1-1.4, lost_after: 200ms");
    auto& console = board.need<Console>();
    run(io, console.open());
    const auto reading = start(console.read_some());
    ports.unplug("ttyUSB0", port);
    until(io, [&] { return told.size() == 1; });
    EXPECT_THAT(
        failure_of(console.write("reboot\n")),
        AllOf(StartsWith("device board: console: FTDI FT232R USB UART (serial number A50285BI, usb_path 1-1.4) is "
                         "gone from /dev/ttyUSB0 since "),
              HasSubstr("; plug it in again, or check the hub")));
    until_done(reading);
    const std::string lost =
        "device board: console: FTDI FT232R USB UART (serial number A50285BI, usb_path 1-1.4) was unplugged from "
        "/dev/ttyUSB0 and has not come back within 0.2 s; plug it in again, or check the hub";
    EXPECT_EQ(reading->error, lost);
    EXPECT_THROW(run(io, console.read_some()), ConnectionClosedError);
    EXPECT_EQ(failure_of(console.write("x")), lost);
    EXPECT_EQ(failure_of(board.need<SerialControl>().send_break(1ms)), lost);
    run(io, board.make_safe());

    auto again = ports.plug("ttyUSB0");
    run(io, console.open());
    again.say("#");
    EXPECT_EQ(run(io, console.read_some()), "#");
}

TEST_F(SerialLoss, ALossIsNoticedWhileNobodyReads) {
    auto port = ports.plug("ttyUSB0");
    auto board = device("usb_path: 1-1.4");
    auto& console = board.need<Console>();
    run(io, console.open());
    ports.unplug("ttyUSB0", port);
    until(io, [&] { return told.size() == 1; });
    EXPECT_THROW(run(io, with_deadline(Deadline::in(20ms), "read", console.read_some())), TimedOut);
    auto back = ports.plug("ttyUSB0");
    back.say("first words");
    EXPECT_EQ(run(io, console.read_some()), "first words");
    EXPECT_EQ(told.size(), 2u);
}

TEST_F(SerialLoss, AnAdapterThatIsBackAndNotYetUsableIsTriedAgain) {
    auto port = ports.plug("ttyUSB0");
    auto board = device("usb_path: 1-1.4");
    auto& console = board.need<Console>();
    run(io, console.open());
    const auto reading = start(console.read_some());
    ports.unplug("ttyUSB0", port);
    until(io, [&] { return told.size() == 1; });
    auto back = ports.plug("ttyUSB0");
    std::filesystem::permissions(ports.node("ttyUSB0"), std::filesystem::perms::none);
    io.run_for(20ms);
    EXPECT_EQ(told.size(), 1u);
    std::filesystem::permissions(ports.node("ttyUSB0"), std::filesystem::perms::owner_all);
    back.say("#");
    until_done(reading);
    EXPECT_EQ(reading->error + reading->text, "#");
}

TEST_F(SerialLoss, AnotherAdapterInTheSamePlaceIsTold) {
    auto port = ports.plug("ttyUSB0");
    auto board = device("usb_path: 1-1.4");
    run(io, board.need<Console>().open());
    const auto reading = start(board.need<Console>().read_some());
    ports.unplug("ttyUSB0", port);
    until(io, [&] { return told.size() == 1; });
    auto other = ports.plug("ttyUSB0", {.serial_number = "SWAPPED"});
    until(io, [&] { return told.size() == 2; });
    EXPECT_THAT(told[1],
                HasSubstr("it is another one than before, which was FTDI FT232R USB UART (serial number A50285BI"));
    other.say("#");
    until_done(reading);
}

TEST_F(SerialLoss, AnotherBoardsAdapterWithTheSameSerialNumberIsNotTaken) {
    const std::string twin_serial = "0001";
    auto port = ports.plug("ttyUSB0", {.serial_number = twin_serial});
    auto board = device("serial_number: \"0001\"");
    run(io, board.need<Console>().open());
    auto twin = ports.plug("ttyUSB1", {.usb_path = "1-1.3", .serial_number = twin_serial});
    const auto reading = start(board.need<Console>().read_some());
    io.poll();
    ports.unplug("ttyUSB0", port);
    until_done(reading);
    EXPECT_THAT(
        reading->error,
        HasSubstr("; then: /dev/ttyUSB1 is FTDI FT232R USB UART (serial number 0001, usb_path 1-1.3), which was "
                  "there beside the one that is gone, so it is another board's; name the adapter by usb_path"));
    twin.say("not yours");
    EXPECT_THROW(run(io, board.need<Console>().read_some()), ConnectionClosedError);
}

TEST_F(SerialLoss, AnAdapterThatTheBoardFeedsIsNamedByItsPlace) {
    EXPECT_THAT(refusal_of("  console: {driver: serial, serial_number: \"0001\", board_powered: true}\n", context()),
                HasSubstr("hardware.console.board_powered: needs usb_path: while this board has no supply"));
    for (const auto* place : {"usb_path: 1-1.4, serial_number: A", "by_path: pci-0000:00:14.0-usb-0:1.4:1.0-port0"})
        EXPECT_EQ(
            refusal_of("  console: {driver: serial, board_powered: true, " + std::string{place} + "}\n", context()),
            "");
}

TEST_F(SerialLoss, AnAdapterThatTheBoardFeedsMayBeAwayAsLongAsTheBoardIsOff) {
    auto board = device("usb_path: 1-1.4, board_powered: true, lost_after: 0");
    auto& console = board.need<Console>();
    run(io, console.open());
    EXPECT_THAT(failure_of(console.write("x")), HasSubstr("is not there, as long as the board has no supply"));
    const auto reading = start(read_until(console, "again"));
    io.poll();
    auto port = ports.plug("ttyACM0");
    until(io, [&] { return told.size() == 1; });
    EXPECT_THAT(told[0], HasSubstr("(serial number A50285BI, usb_path 1-1.4) is there as /dev/ttyACM0 after "));
    ports.unplug("ttyACM0", port);
    until(io, [&] { return told.size() == 2; });
    EXPECT_THAT(told[1], HasSubstr("is gone from /dev/ttyACM0; it has its supply from the board, and is waited for"));
    auto back = ports.plug("ttyACM0");
    back.say("again");
    until_done(reading);
    EXPECT_EQ(reading->error + reading->text, "again");
}

TEST_F(SerialLoss, ClosingEndsAPendingRead) {
    auto port = ports.plug("ttyUSB0");
    auto board = device("usb_path: 1-1.4");
    run(io, board.need<Console>().open());
    const auto reading = start(board.need<Console>().read_some());
    io.poll();
    run(io, board.make_safe());
    until_done(reading);
    EXPECT_EQ(reading->error + reading->text, "");
    EXPECT_THAT(told, ElementsAre());
}

}  // namespace
}  // namespace patchbay::testing
