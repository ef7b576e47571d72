// SPDX-License-Identifier: Apache-2.0
// The drivers `tcp` and `rfc2217` with ser2net, which most labs export their serial ports with, on a pseudo terminal.

#include <gmock/gmock.h>
#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <optional>

#include "core/process/process.hpp"
#include "devices/capability/serial_control.hpp"
#include "tests/support/fake_ports.hpp"
#include "tests/support/network_lab.hpp"
#include "tests/support/serial_lab.hpp"
#include "tests/support/until.hpp"

namespace patchbay::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr auto program = "/usr/sbin/ser2net";

/// Does somebody listen there? Asked of the kernel: a connection would be the one that ser2net allows.
bool is_listened_at(int port) {
    std::ifstream sockets{"/proc/net/tcp"};
    const std::string all{std::istreambuf_iterator<char>{sockets}, {}};
    char wanted[32];
    std::snprintf(wanted, sizeof wanted, "0100007F:%04X 00000000:0000 0A", static_cast<unsigned>(port));
    return all.find(wanted) != std::string::npos;
}

/// ser2net with one port, as the driver named by the parameter wants it.
struct Ser2net : NetworkConsole, ::testing::WithParamInterface<const char*> {
    const std::string driver = GetParam();
    const bool is_rfc2217 = driver == "rfc2217";
    FakePorts ports;
    FakePort board = ports.plug("ttyUSB0");
    const std::string port = own_port();
    const std::string place = "device board: console: 127.0.0.1:" + port;
    std::optional<Process> server;

    void SetUp() override {
        if (::access(program, X_OK) != 0) GTEST_SKIP() << "no ser2net; scripts/install-deps test installs it";
        acceptor.close();
        start();
    }

    void start() {
        const auto file = ports.root() / "ser2net.yaml";
        std::ofstream{file} << "%YAML 1.1\n---\nconnection: &board\n  accepter: "
                            << (is_rfc2217 ? "telnet(rfc2217),tcp,127.0.0.1," : "tcp,127.0.0.1,") << port
                            << "\n  connector: serialdev," << board.terminal() << ",115200n81,local\n";
        Command command;
        // -u: no lock in /var/lock.
        command.argv = {program, "-n", "-u", "-c", file};
        server.emplace(io.get_executor(), command);
        until(io, [&] { return is_listened_at(std::stoi(port)); });
    }

    void kill_server() {
        server->signal_group(SIGKILL);
        run(io, server->wait());
    }

    Device described(const std::string& keys = {}) { return device(driver, port, keys); }
    Device opened(const std::string& keys = {}) {
        auto device = described(keys);
        run(io, device.need<Console>().open());
        return device;
    }

    /// The board hears `bytes`, and the console reads them when the board says them.
    void passes(Console& console, const std::string& bytes) {
        run(io, console.write(bytes));
        EXPECT_EQ(board.hear(bytes.size()), bytes);
        board.say(bytes);
        EXPECT_EQ(run(io, read_bytes(console, bytes.size())), bytes);
    }

    termios settings() const {
        termios settings{};
        ::tcgetattr(board.board(), &settings);
        return settings;
    }
};

using Ser2netRfc2217 = Ser2net;
const auto by_name = [](const auto& info) { return std::string{info.param}; };
INSTANTIATE_TEST_SUITE_P(By, Ser2net, ::testing::Values("tcp", "rfc2217"), by_name);
INSTANTIATE_TEST_SUITE_P(By, Ser2netRfc2217, ::testing::Values("rfc2217"), by_name);

TEST_P(Ser2net, BytesOfEveryValuePassBothWays) {
    auto device = opened();
    passes(device.need<Console>(), every_byte(3000) + std::string(300, '\xff') + "\r\r\n\n" + '\0');
    run(io, device.make_safe());
}

TEST_P(Ser2net, AConsoleIsOpenedAgainAsSoonAsItWasClosed) {
    auto device = opened();
    run(io, device.need<Console>().close());
    run(io, device.need<Console>().open());
    passes(device.need<Console>(), "again");
    EXPECT_THAT(told, ElementsAre());
}

TEST_P(Ser2net, AServerThatIsKilledIsNamed) {
    auto device = opened();
    auto& console = device.need<Console>();
    passes(console, "before it");
    kill_server();
    const auto failure = "device board: console: cannot connect to 127.0.0.1:" + port +
                         ": Connection refused; is the console server on, and 'port' right? (before, it closed the "
                         "connection)";
    EXPECT_EQ(failure_of(console.read_some()), failure);
    EXPECT_EQ(failure_of(console.write("x")), failure);
    EXPECT_THAT(told, ElementsAre(place + " closed the connection; connecting again"));
    start();
    run(io, console.open());
    passes(console, "after it");
}

TEST_P(Ser2net, AServerThatWasStartedAnewIsConnectedToAgain) {
    auto device = opened(is_rfc2217 ? "speed: 57600" : "");
    auto& console = device.need<Console>();
    passes(console, "before it");
    kill_server();
    start();
    std::string read;
    asio::co_spawn(io, read_bytes(console, 5), [&](std::exception_ptr, std::string text) { read = std::move(text); });
    until(io, [&] { return told.size() == 2 && (!is_rfc2217 || speed_of(board) == 57600); });
    board.say("again");
    until(io, [&] { return !read.empty(); });
    EXPECT_EQ(read, "again");
    EXPECT_THAT(told[1], HasSubstr("connected to 127.0.0.1:" + port + " again; what the board said meanwhile is lost"));
}

TEST_P(Ser2net, APortThatSomebodyElseHasIsSaid) {
    auto first = opened();
    auto second = described(is_rfc2217 ? "speed: 57600" : "");
    const auto use = [](Console& console) -> Task<std::string> {
        co_await console.open();
        for (;;) co_await console.read_some();
    };
    const auto failure = failure_of(use(second.need<Console>()));
    if (is_rfc2217) {
        EXPECT_EQ(failure, place +
                               " ends the connection at once, saying 'Port already in use': does somebody else use "
                               "this port of the console server?");
    } else {
        EXPECT_THAT(failure,
                    AllOf(StartsWith(place), EndsWith("does somebody else use this port of the console server?")));
    }
    passes(first.need<Console>(), "undisturbed");
}

TEST_P(Ser2netRfc2217, ThePortIsSetAsItIsDescribed) {
    auto device = opened("speed: 57600, data_bits: 7, parity: even, stop_bits: 2, flow_control: xonxoff");
    EXPECT_EQ(speed_of(board), 57600);
    EXPECT_NE(settings().c_cflag & CSTOPB, 0U);  // bits and parity of a pseudo terminal do not change
    EXPECT_EQ(settings().c_iflag & (IXON | IXOFF), static_cast<tcflag_t>(IXON | IXOFF));
}

TEST_P(Ser2netRfc2217, ItsSpeedIsChangedWhileItIsOpen) {
    auto device = opened();
    EXPECT_EQ(speed_of(board), 115200);
    for (const int speed : {9600, 74880, 3000000}) {
        run(io, device.need<SerialControl>().set_speed(speed));
        EXPECT_EQ(speed_of(board), speed);
    }
    passes(device.need<Console>(), "after it");
}

// A pseudo terminal shows no break. ser2net takes it and answers.
TEST_P(Ser2netRfc2217, ABreakIsSentAndBytesPassAfterIt) {
    auto device = opened();
    run(io, device.need<SerialControl>().send_break(1ms));
    passes(device.need<Console>(), "after it");
}

}  // namespace
}  // namespace patchbay::testing
