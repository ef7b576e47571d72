// SPDX-License-Identifier: Apache-2.0
// The driver `serial` with the real libserialport on pseudo terminals: finding, settings, bytes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <termios.h>

#include <filesystem>

#include "core/deadline.hpp"
#include "devices/capability/serial_control.hpp"
#include "tests/support/pty_shim.hpp"
#include "tests/support/read_until.hpp"
#include "tests/support/serial_lab.hpp"

namespace patchbay::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

using SerialDriver = SerialLab;

/// Bytes of every value, in no order that a lost or doubled one would keep.
std::string many_bytes(std::size_t size) {
    std::string bytes(size, '\0');
    std::uint32_t state = 1;
    for (auto& byte : bytes) {
        state = state * 1664525 + 1013904223;
        byte = static_cast<char>(state >> 24);
    }
    return bytes;
}

// -- which adapter

TEST_F(SerialDriver, ReadsAndWritesThePortOfASerialNumber) {
    auto other = ports.plug("ttyUSB0", {.usb_path = "1-1.3", .serial_number = "OTHER"});
    auto port = ports.plug("ttyUSB1");
    auto board = device("serial_number: A50285BI");
    auto& console = board.need<Console>();
    EXPECT_EQ(console.description(), "serial port, the adapter with serial_number A50285BI, 115200 8n1");
    run(io, console.open());
    run(io, console.open());
    port.say("login: ");
    EXPECT_EQ(run(io, read_until(console, "login: ")), "login: ");
    run(io, console.write("root\n"));
    EXPECT_EQ(port.hear(5), "root\n");
    EXPECT_THAT(told, ElementsAre());
}

TEST_F(SerialDriver, FindsAPortByItsPlaceOnTheBusByALinkAndByItsOwnPath) {
    auto first = ports.plug("ttyUSB0", {.usb_path = "1-1.4", .serial_number = "X", .interface = 0});
    auto second = ports.plug("ttyUSB1", {.usb_path = "1-1.4", .serial_number = "X", .interface = 1});
    auto own = ports.add_platform_port("ttyS0");
    const auto speaks = [&](const std::string& keys, FakePort& port) {
        auto board = device(keys);
        auto& console = board.need<Console>();
        run(io, console.open());
        port.say("#");
        EXPECT_EQ(run(io, console.read_some()), "#") << keys;
        run(io, board.make_safe());
    };
    speaks("usb_path: 1-1.4, interface: 1", second);
    speaks("serial_number: X, vendor: \"0403\", product: \"6001\", interface: 0", first);
    speaks("by_id: usb-FTDI_X-if01-port0", second);
    speaks("by_id: /dev/serial/by-id/usb-FTDI_X-if00-port0", first);
    speaks("port: /dev/ttyS0", own);
}

TEST_F(SerialDriver, RefusesToChooseBetweenSeveralAdapters) {
    auto first = ports.plug("ttyUSB0", {.usb_path = "1-1.3", .serial_number = "0001"});
    auto second = ports.plug("ttyUSB1", {.usb_path = "1-1.4", .serial_number = "0001"});
    auto board = device("serial_number: \"0001\"");
    EXPECT_EQ(
        failure_of(board.need<Console>().open()),
        "device board: console: the adapter with serial_number 0001 is not a single one: /dev/ttyUSB0 is FTDI FT232R "
        "USB UART (serial number 0001, usb_path 1-1.3) interface 0, /dev/ttyUSB1 is FTDI FT232R USB UART (serial "
        "number 0001, usb_path 1-1.4) interface 0; add what tells them apart (usb_path, interface, port_number)");
}

TEST_F(SerialDriver, AnAdapterThatIsNotPluggedInIsNamed) {
    auto board = device("usb_path: 1-1.2, lost_after: 0");
    EXPECT_THAT(
        failure_of(board.need<Console>().open()),
        StartsWith("device board: console: the adapter with usb_path 1-1.2 is not plugged in; plug it in, or "));
    auto other = device("port: /dev/ttyAMA0, lost_after: 0");
    EXPECT_THAT(failure_of(other.need<Console>().open()), HasSubstr("there is no serial port /dev/ttyAMA0;"));
}

TEST_F(SerialDriver, OpeningWaitsForTheNodeOfAnAdapterThatTheKernelHasToldOf) {
    auto port = ports.plug("ttyUSB3");
    const auto node = ports.root() / "dev/ttyUSB3";
    std::filesystem::rename(node, ports.root() / "later");
    auto board = device("serial_number: A50285BI");
    const auto opening = start(then_nothing(board.need<Console>().open()));
    io.run_for(200ms);
    EXPECT_FALSE(opening->done);
    std::filesystem::rename(ports.root() / "later", node);
    until_done(opening);
    EXPECT_EQ(opening->error, "");
}

TEST_F(SerialDriver, OpeningWaitsForAnAdapterThatIsJustComing) {
    auto board = device("serial_number: A50285BI");
    const auto opening = start(then_nothing(board.need<Console>().open()));
    io.poll();
    EXPECT_FALSE(opening->done);
    auto port = ports.plug("ttyUSB3");
    until_done(opening);
    EXPECT_EQ(opening->error, "");
}

TEST_F(SerialDriver, AMissingPermissionNamesAdapterPortAndGroup) {
    auto port = ports.plug("ttyUSB0");
    std::filesystem::permissions(ports.node("ttyUSB0"), std::filesystem::perms::none);
    auto board = device("usb_path: 1-1.4");
    EXPECT_EQ(
        failure_of(board.need<Console>().open()),
        "device board: console: FTDI FT232R USB UART (serial number A50285BI, usb_path 1-1.4): cannot open "
        "/dev/ttyUSB0: Permission denied; give its user the right to use it: 'ls -l /dev/ttyUSB0' shows the group, "
        "most often dialout");
}

TEST_F(SerialDriver, ABusyPortIsNotShared) {
    auto port = ports.plug("ttyUSB0");
    auto board = device("usb_path: 1-1.4"), second = device("usb_path: 1-1.4");
    run(io, board.need<Console>().open());
    EXPECT_THAT(
        failure_of(second.need<Console>().open()),
        AllOf(HasSubstr("cannot open /dev/ttyUSB0: "), HasSubstr("'fuser -v /dev/ttyUSB0' shows which program")));
    run(io, board.make_safe());
    EXPECT_EQ(failure_of(second.need<Console>().open()), "");
    auto third = device("usb_path: 1-1.4, exclusive: false");
    run(io, second.make_safe());
    run(io, third.need<Console>().open());
    auto fourth = device("usb_path: 1-1.4, exclusive: false");
    EXPECT_EQ(failure_of(fourth.need<Console>().open()), "");
}

// -- settings

TEST_F(SerialDriver, TheLineIsSetAsItIsDescribed) {
    auto port = ports.plug("ttyUSB0");
    auto board = device("usb_path: 1-1.4, speed: 3000000, stop_bits: 2, flow_control: rtscts, dtr: false");
    run(io, board.need<Console>().open());
    struct termios line {};
    ASSERT_EQ(::tcgetattr(port.board(), &line), 0);
    EXPECT_EQ(speed_of(port), 3000000);
    EXPECT_TRUE(line.c_cflag & CSTOPB);
    EXPECT_TRUE(line.c_cflag & CRTSCTS);
    EXPECT_FALSE(line.c_lflag & (ICANON | ECHO | ISIG));
    EXPECT_EQ(line.c_cc[VMIN], 1);
    EXPECT_EQ(lines_of(port.terminal()).set & TIOCM_DTR, 0);
    run(io, board.make_safe());

    auto soft = device("usb_path: 1-1.4, speed: 250000, flow_control: xonxoff, rts: false");
    run(io, soft.need<Console>().open());
    ASSERT_EQ(::tcgetattr(port.board(), &line), 0);
    EXPECT_TRUE(line.c_iflag & IXON);
    EXPECT_FALSE(line.c_cflag & CRTSCTS);
    EXPECT_EQ(lines_of(port.terminal()).set & TIOCM_RTS, 0);
    EXPECT_EQ(speed_of(port), 250000);
}

TEST_F(SerialDriver, WhatCameBeforeIsDroppedUnlessItIsWanted) {
    auto port = ports.plug("ttyUSB0");
    port.say("old news");
    auto board = device("usb_path: 1-1.4");
    run(io, board.need<Console>().open());
    port.say("#");
    EXPECT_EQ(run(io, board.need<Console>().read_some()), "#");
    run(io, board.make_safe());
    EXPECT_EQ(run(io, board.need<Console>().read_some()), "");
    EXPECT_THAT(failure_of(board.need<Console>().write("x")), HasSubstr("the console is not open"));
}

TEST_F(SerialDriver, BreakSpeedAndModemLines) {
    auto port = ports.plug("ttyUSB0");
    set_lines(port.terminal(), TIOCM_CTS | TIOCM_DSR);
    auto board = device("usb_path: 1-1.4");
    auto& control = board.need<SerialControl>();
    EXPECT_THAT(failure_of(control.set_speed(9600)), HasSubstr("the console is not open"));
    run(io, board.need<Console>().open());
    EXPECT_EQ(run(io, control.modem_lines()), (ModemLines{true, true, false, false}));

    auto held = start(then_nothing(control.send_break(1h)));
    io.poll();
    EXPECT_TRUE(lines_of(port.terminal()).in_break);
    run(io, board.need<Console>().close());  // the port has gone: nothing is left to be ended
    run(io, board.need<Console>().open());
    run(io, control.send_break(1ms));
    EXPECT_FALSE(lines_of(port.terminal()).in_break);
    EXPECT_EQ(lines_of(port.terminal()).breaks, 2);
    EXPECT_THROW(run(io, with_deadline(Deadline::in(20ms), "break", control.send_break(1h))), TimedOut);
    EXPECT_FALSE(lines_of(port.terminal()).in_break);

    run(io, control.set_dtr(false));
    run(io, control.set_rts(false));
    EXPECT_EQ(lines_of(port.terminal()).set, 0);
    run(io, control.set_rts(true));
    EXPECT_EQ(lines_of(port.terminal()).set, TIOCM_RTS);
    run(io, control.set_speed(1500000));
    struct termios line {};
    ASSERT_EQ(::tcgetattr(port.board(), &line), 0);
    EXPECT_EQ(line.c_cc[VMIN], 1);
    EXPECT_EQ(speed_of(port), 1500000);
}

TEST_F(SerialDriver, MistakesAreListedTogetherWithTheirLines) {
    EXPECT_EQ(
        refusal_of("  console:\n"
                   "    driver: serial\n"
                   "    port: /dev/ttyUSB0\n"
                   "    vendor: 0403\n"
                   "    speed: 0\n"
                   "    parity: odd?\n"
                   "    data_bits: 9\n"
                   "    flow_control: rtscts\n"
                   "    rts: true\n"
                   "    baud: 9600\n",
                   context()),
        "board.yaml:4:11: hardware.console.port: /dev/ttyUSB0 is a number that changes with the order of plugging in; "
        "write serial_number or usb_path instead ('udevadm info /dev/ttyUSB0' shows ID_USB_SERIAL_SHORT, and the "
        "path in DEVPATH)\n"
        "board.yaml:4:11: hardware.console.port: names the adapter alone, without other keys for it\n"
        "board.yaml:5:13: hardware.console.vendor: YAML takes this for a number or a date: put it into quotes\n"
        "board.yaml:6:12: hardware.console.speed: must be from 1 to 24000000\n"
        "board.yaml:7:13: hardware.console.parity: must be one of none, odd, even, mark, space\n"
        "board.yaml:8:16: hardware.console.data_bits: must be from 5 to 8\n"
        "board.yaml:10:10: hardware.console.rts: cannot be set: with flow_control rtscts the adapter moves it\n"
        "board.yaml:11:5: hardware.console: unknown key 'baud'");
    EXPECT_EQ(
        refusal_of("  console: {driver: serial, speed: 9600}\n", context()),
        "board.yaml:2:12: hardware.console.serial_number: missing: name the adapter by it or by usb_path, or by by_id, "
        "by_path or port");
    EXPECT_EQ(refusal_of("  console: {driver: serial, port: /dev/ttyS0, usb_path: usb1}\n", context()),
              "board.yaml:2:35: hardware.console.port: names the adapter alone, without other keys for it\n"
              "board.yaml:2:57: hardware.console.usb_path: is no USB path: write the device's name under "
              "/sys/bus/usb/devices, such as 1-1.4, or what udevadm info shows as ID_PATH, such as "
              "pci-0000:00:14.0-usb-0:1.4");
    EXPECT_THAT(refusal_of("  console: {driver: serial, port: /dev/ttyACM12}\n", context()), HasSubstr("changes with"));
    EXPECT_THAT(refusal_of("  console: {driver: serial, by_path: ../../x}\n", context()),
                HasSubstr("must be the name of a link in /dev/serial/by-path/"));
}

TEST_F(SerialDriver, ARefusedSecondOneLeavesTheFirstAsItIs) {
    auto port = ports.plug("ttyUSB0");
    auto first = device("usb_path: 1-1.4, speed: 9600");
    auto& console = first.need<Console>();
    run(io, console.open());
    auto second = device("usb_path: 1-1.4, speed: 1500000");
    EXPECT_THAT(failure_of(second.need<Console>().open()), HasSubstr("another program uses it"));
    struct termios line {};
    ASSERT_EQ(::tcgetattr(port.board(), &line), 0);
    EXPECT_EQ(line.c_cc[VMIN], 1) << "the first console would take silence for the end";
    EXPECT_EQ(line.c_cflag & HUPCL, 0U);
    EXPECT_EQ(speed_of(port), 9600);
    port.say("#");
    EXPECT_EQ(run(io, console.read_some()), "#");
}

TEST_F(SerialDriver, OpeningAndClosingDoNotHoldUpTheEventLoop) {
    auto port = ports.plug("ttyUSB0");
    auto board = device("usb_path: 1-1.4");
    const auto here = std::this_thread::get_id();
    bool on_the_loop = false;
    set_on_open([&] { on_the_loop = on_the_loop || std::this_thread::get_id() == here; });
    run(io, board.need<Console>().open());
    set_on_open({});
    EXPECT_FALSE(on_the_loop);
    set_on_close([&] { on_the_loop = on_the_loop || std::this_thread::get_id() == here; });
    run(io, board.need<Console>().close());
    set_on_close({});
    EXPECT_FALSE(on_the_loop);
}

TEST_F(SerialDriver, ClosingLeavesDtrAndRtsAsTheyAre) {
    auto port = ports.plug("ttyUSB0");
    auto board = device("usb_path: 1-1.4");
    run(io, board.need<Console>().open());
    run(io, board.need<SerialControl>().set_dtr(true));
    run(io, board.need<SerialControl>().set_speed(9600));
    run(io, board.need<Console>().close());
    struct termios line {};
    ASSERT_EQ(::tcgetattr(port.board(), &line), 0);
    EXPECT_EQ(line.c_cflag & HUPCL, 0U);
}

// -- bytes

TEST_F(SerialDriver, NoByteIsLostInEitherDirection) {
    auto port = ports.plug("ttyUSB0");
    auto board = device("usb_path: 1-1.4, speed: 3000000");
    auto& console = board.need<Console>();
    run(io, console.open());
    const auto bytes = many_bytes(200'000);
    std::thread speaker{[&] { port.say(bytes); }};
    EXPECT_EQ(run(io, read_bytes(console, bytes.size())), bytes);
    speaker.join();
    std::string heard;
    std::thread listener{[&] { heard = port.hear(bytes.size()); }};
    run(io, console.write(bytes));
    listener.join();
    EXPECT_EQ(heard, bytes);
}

TEST_F(SerialDriver, ACancelledReadLosesNothing) {
    auto port = ports.plug("ttyUSB0");
    auto board = device("usb_path: 1-1.4");
    auto& console = board.need<Console>();
    run(io, console.open());
    const auto bytes = many_bytes(50'000);
    std::thread speaker{[&] { port.say(bytes); }};
    std::string read;
    while (read.size() < bytes.size()) {
        try {
            read += run(io, with_deadline(Deadline::in(50us), "read", console.read_some()));
        } catch (const TimedOut&) {
        }
    }
    speaker.join();
    EXPECT_EQ(read, bytes);
}

}  // namespace
}  // namespace patchbay::testing
