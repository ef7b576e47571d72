// SPDX-License-Identifier: Apache-2.0
// The driver `serial-relay`: boards behind terminals of the kernel's.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <sys/file.h>
#include <termios.h>

#include <array>

#include "core/process/file_descriptor.hpp"
#include "tests/support/pty_shim.hpp"
#include "tests/support/switch_lab.hpp"
#include "tests/support/usb_tree.hpp"

namespace patchbay::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct SerialRelayDriver : ::testing::Test, SwitchLab {
    UsbTree tree{folder.path};
    FileDescriptor master, keeper;
    std::array<char, 128> terminal{};

    SerialRelayDriver() {
        int board_end = -1, port = -1;
        if (::openpty(&board_end, &port, terminal.data(), nullptr, nullptr) != 0) throw std::runtime_error{"openpty"};
        master = FileDescriptor{board_end};
        keeper = FileDescriptor{port};
        plug("1-2", "ttyUSB0", terminal.data());
    }

    void plug(const std::string& path, const std::string& name, const std::string& node) {
        tree.plug(path, {"1a86", "7523", "USB Serial"});
        tree.node("class/tty", path, 0, name + "/tty/" + name);
        std::filesystem::create_symlink(node, tree.root / "dev" / name);
    }

    /// What the board got.
    std::vector<int> frame() {
        std::array<unsigned char, 64> bytes{};
        const auto count = ::read(master.get(), bytes.data(), bytes.size());
        return {bytes.begin(), bytes.begin() + std::max<ssize_t>(count, 0)};
    }
};

TEST_F(SerialRelayDriver, SwitchesAndSaysThatItCannotBeReadBack) {
    auto device = board("driver: serial-relay, usb_path: 1-2, channel: 2");
    EXPECT_EQ(run(io, device.need<Power>().on()), Switched::unverified);
    EXPECT_THAT(frame(), ElementsAre(0xa0, 2, 1, 0xa3));
    EXPECT_EQ(run(io, device.need<Power>().is_on()), std::nullopt);
    run(io, device.make_safe());
    EXPECT_THAT(frame(), ElementsAre(0xa0, 2, 0, 0xa2));
    EXPECT_THAT(told,
                ElementsAre("device board: power: relay board with usb_path 1-2, channel 2 was switched, but what "
                            "it does cannot be read back"));

    termios line{};
    ASSERT_EQ(::tcgetattr(keeper.get(), &line), 0);
    EXPECT_EQ(::cfgetospeed(&line), static_cast<speed_t>(B9600));
    EXPECT_EQ(line.c_lflag & (ECHO | ICANON), 0U);
}

TEST_F(SerialRelayDriver, IsFoundAgainUnderAnotherNumber) {
    auto device = board("driver: serial-relay, usb_path: 1-2");
    tree.unplug("1-2");
    std::filesystem::remove(tree.root / "sys/class/tty/ttyUSB0");
    std::filesystem::remove(tree.root / "dev/ttyUSB0");
    EXPECT_THAT(failure_of(device.need<Power>().on()),
                HasSubstr("device board: power: relay board with usb_path 1-2, channel 1 is not there: is it plugged "
                          "in"));
    plug("1-2", "ttyUSB3", terminal.data());
    run(io, device.need<Power>().on());
    EXPECT_THAT(frame(), ElementsAre(0xa0, 1, 1, 0xa2));
}

TEST_F(SerialRelayDriver, WaitsForAnotherOrderAndThenSaysWhoIsInTheWay) {
    const FileDescriptor other{::open(terminal.data(), O_RDWR | O_NOCTTY)};
    ASSERT_EQ(::flock(other.get(), LOCK_EX), 0);
    EXPECT_THAT(failure_of_on("driver: serial-relay, usb_path: 1-2"),
                HasSubstr("another program holds it: 'fuser -v " + tree.root.string() + "/dev/ttyUSB0' shows which"));
}

TEST_F(SerialRelayDriver, WaitsForAProgramThatHasThePortAloneForAMoment) {
    // As ModemManager does with each new port; root is let in all the same.
    set_busy(terminal.data(), 3);
    EXPECT_EQ(failure_of_on("driver: serial-relay, usb_path: 1-2"), "");
    EXPECT_THAT(frame(), ElementsAre(0xa0, 1, 1, 0xa2));
    set_busy(terminal.data(), 1'000'000);
    EXPECT_THAT(failure_of_on("driver: serial-relay, usb_path: 1-2"),
                HasSubstr("Device or resource busy; another program holds it: 'fuser -v "));
    set_busy(terminal.data(), 0);
}

TEST_F(SerialRelayDriver, ABoardThatHangsIsNamedAndHoldsUpNobody) {
    set_wedged(terminal.data(), true);
    EXPECT_THAT(failure_of_on("driver: serial-relay, usb_path: 1-2"),
                HasSubstr("channel 1: the adapter has not taken the order for 1 s, so it hangs; unplug it and plug it "
                          "in again"));
    set_wedged(terminal.data(), false);
    EXPECT_EQ(failure_of_on("driver: serial-relay, usb_path: 1-2"), "");
}

TEST_F(SerialRelayDriver, APortThatWasPulledOrIsNoTerminalIsNamed) {
    plug("1-3", "ttyUSB1", "/dev/null");
    EXPECT_THAT(failure_of_on("driver: serial-relay, usb_path: 1-3, channel: 4"),
                HasSubstr("device board: power: relay board at 1-3 (1a86:7523 USB Serial) (" + tree.root.string() +
                          "/dev/ttyUSB1), channel 4: Inappropriate ioctl for device; is it still plugged in?"));
    std::filesystem::remove(tree.root / "dev/ttyUSB1");
    EXPECT_THAT(failure_of_on("driver: serial-relay, usb_path: 1-3"), HasSubstr("No such file or directory"));
}

TEST_F(SerialRelayDriver, PortsByNumberAreRefused) {
    EXPECT_THAT(refusal("driver: serial-relay, port: /dev/ttyUSB0"), HasSubstr("is counted anew at each plugging in"));
    EXPECT_THAT(refusal("driver: serial-relay, channel: 1"), HasSubstr("give usb_path or serial_number"));
    EXPECT_THAT(refusal("driver: serial-relay, usb_path: 1-2, channel: 0, speed: 1"), HasSubstr("must be 1 to 32"));
    EXPECT_EQ(refusal("driver: serial-relay, port: /dev/ttyS0"), "");
}

}  // namespace
}  // namespace patchbay::testing
