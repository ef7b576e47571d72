// SPDX-License-Identifier: Apache-2.0
// The drivers `tcp` and `rfc2217` over loopback; for the latter pyserial is the console server.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "core/deadline.hpp"
#include "core/errors.hpp"
#include "core/process/process.hpp"
#include "devices/capability/console.hpp"
#include "devices/capability/serial_control.hpp"
#include "drivers/net/com_port.hpp"
#include "tests/support/network_lab.hpp"
#include "tests/support/read_until.hpp"
#include "tests/support/until.hpp"

namespace patchbay::testing {
namespace {

using asio::ip::tcp;
using namespace std::string_literals;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// -- servers that live in the test

Task<> say_and_close(tcp::acceptor& acceptor, std::string text) {
    auto client = co_await acceptor.async_accept(asio::use_awaitable);
    co_await asio::async_write(client, asio::buffer(text), asio::use_awaitable);
}

/// Says `text`, then echoes until the client goes.
Task<> say_and_echo(tcp::acceptor& acceptor, std::string text) {
    auto client = co_await acceptor.async_accept(asio::use_awaitable);
    co_await asio::async_write(client, asio::buffer(text), asio::use_awaitable);
    std::string bytes(65536, '\0');
    for (;;) {
        const auto size = co_await client.async_read_some(asio::buffer(bytes), asio::use_awaitable);
        co_await asio::async_write(client, asio::buffer(bytes, size), asio::use_awaitable);
    }
}

// -- raw TCP

TEST_F(NetworkConsole, TcpCarriesTheBytesAsTheyAre) {
    auto board = device("tcp", own_port());
    auto& console = board.need<Console>();
    EXPECT_EQ(console.description(), "tcp 127.0.0.1:" + own_port());
    EXPECT_EQ(board.find<SerialControl>(), nullptr);
    EXPECT_THAT(failure_of(console.write("x")), HasSubstr("the console is not open"));
    beside(say_and_echo(acceptor, "hello "));
    run(io, console.open());
    run(io, console.open());
    EXPECT_EQ(run(io, read_until(console, "hello ")), "hello ");
    const auto bytes = every_byte(1'000'000);
    EXPECT_EQ(run(io, echoed(console, bytes)), bytes);
    run(io, board.make_safe());
    EXPECT_EQ(run(io, console.read_some()), "");
    EXPECT_THAT(told, ElementsAre());
}

TEST_F(NetworkConsole, APlaceWhereNobodyListensIsNamed) {
    const auto port = own_port();
    acceptor.close();
    auto board = device("tcp", port);
    EXPECT_EQ(failure_of(board.need<Console>().open()),
              "device board: console: cannot connect to 127.0.0.1:" + port +
                  ": Connection refused; is the console server on, and 'port' "
                  "right?");
}

TEST_F(NetworkConsole, AnUnknownNameIsNamed) {
    auto board = described_device("  console: {driver: tcp, host: console-server.invalid, port: 7001}\n", context());
    EXPECT_THAT(failure_of(board.need<Console>().open()),
                AllOf(StartsWith("device board: console: cannot connect to console-server.invalid:7001: "),
                      HasSubstr("correct 'host'")));
}

TEST_F(NetworkConsole, ALostConnectionIsMadeAnewOnce) {
    auto board = device("tcp", own_port());
    auto& console = board.need<Console>();
    beside(say_and_close(acceptor, "one"));
    run(io, console.open());
    EXPECT_EQ(run(io, read_until(console, "one")), "one");
    beside(say_and_close(acceptor, "two"));
    EXPECT_EQ(run(io, read_until(console, "two")), "two");
    const auto place = "device board: console: 127.0.0.1:" + own_port();
    EXPECT_THAT(told, ElementsAre(place + " closed the connection; connecting again",
                                  "device board: console: connected to 127.0.0.1:" + own_port() +
                                      " again; what the board said meanwhile is lost"));
    EXPECT_EQ(failure_of(console.read_some()),
              place +
                  " closed the connection, and again as soon as it was connected anew; "
                  "does somebody else use this port of the console server?");
}

TEST_F(NetworkConsole, AServerThatStaysAwayIsAnError) {
    auto board = device("tcp", own_port());
    auto& console = board.need<Console>();
    beside(say_and_close(acceptor, "one"));
    run(io, console.open());
    EXPECT_EQ(run(io, read_until(console, "one")), "one");
    const auto port = own_port();
    acceptor.close();
    EXPECT_EQ(failure_of(console.read_some()), "device board: console: cannot connect to 127.0.0.1:" + port +
                                                   ": Connection refused; is the console server on, and 'port' right? "
                                                   "(before, it closed the connection)");
    EXPECT_THROW(run(io, console.write("x")), ConnectionClosedError);
}

TEST_F(NetworkConsole, MistakesAreListedTogetherWithTheirLines) {
    EXPECT_EQ(refusal_of("  console: {driver: tcp, port: 70000, speed: 9600}\n", context()),
              "board.yaml:2:12: hardware.console: the key 'host' is missing; it takes text\n"
              "board.yaml:2:32: hardware.console.port: must be from 1 to 65535\n"
              "board.yaml:2:39: hardware.console: unknown key 'speed'");
    EXPECT_EQ(refusal_of("  console: {driver: rfc2217, host: a, port: 1, parity: yes}\n", context()),
              "board.yaml:2:56: hardware.console.parity: text was expected, this is a boolean");
}

// -- RFC 2217, with pyserial

struct Pyserial : NetworkConsole {
    Process server{io.get_executor(), [] {
                       Command command;
                       command.argv = {"/usr/bin/python3", PATCHBAY_SOURCE_DIR "/tests/support/rfc2217_server.py"};
                       command.stdio = Stdio::pipe;
                       return command;
                   }()};
    std::string said;  ///< by the server: what was set

    std::string port = [this] {
        said = run(io, read_until(server, "\n"));
        return said.substr(0, said.find('\n'));
    }();

    /// Waits until the server has said it.
    void expect_set(const std::string& line) {
        while (said.find(line + "\n") == std::string::npos) {
            const auto more = run(io, server.read_some());
            ASSERT_FALSE(more.empty()) << "the server ended after:\n" << said;
            said += more;
        }
    }

    Device open_device(const std::string& keys = {}) {
        auto board = device("rfc2217", port, keys);
        run(io, board.need<Console>().open());
        return board;
    }
};

TEST_F(Pyserial, SetsThePortAsItIsDescribed) {
    auto board =
        open_device("speed: 57600, data_bits: 7, parity: even, stop_bits: 2, flow_control: xonxoff, dtr: false");
    for (const auto* line : {"baudrate 57600", "bytesize 7", "parity E", "stopbits 2", "xonxoff True", "dtr False"})
        expect_set(line);
    EXPECT_EQ(board.need<Console>().description(), "rfc2217 127.0.0.1:" + port);
}

TEST_F(Pyserial, LeavesToTheServerWhatIsNotDescribed) {
    auto board = open_device();
    run(io, board.need<SerialControl>().set_dtr(true));
    expect_set("dtr True");
    EXPECT_EQ(said.find("baudrate"), std::string::npos) << said;
}

TEST_F(Pyserial, EveryByteComesBack) {
    auto board = open_device();
    const auto bytes = every_byte(100'000);
    EXPECT_EQ(run(io, echoed(board.need<Console>(), bytes)), bytes);
}

TEST_F(Pyserial, BreakSpeedAndModemLines) {
    auto board = open_device("speed: 9600");
    auto& control = board.need<SerialControl>();
    run(io, control.send_break(1ms));
    expect_set("break_condition True");
    expect_set("break_condition False");
    run(io, control.set_speed(3000000));
    expect_set("baudrate 3000000");
    // RTS is wired to CTS, DTR to DSR.
    run(io, control.set_rts(true));
    run(io, control.set_dtr(true));
    run(io, echoed(board.need<Console>(), "x"));  // the server looks at the lines after each command
    EXPECT_EQ(run(io, control.modem_lines()), (ModemLines{true, true, true, false}));
    run(io, control.set_rts(false));
    run(io, echoed(board.need<Console>(), "x"));
    EXPECT_EQ(run(io, control.modem_lines()), (ModemLines{false, true, true, false}));
}

TEST_F(Pyserial, AnAnswerIsFoundWhileAnotherReads) {
    auto board = open_device();
    auto& console = board.need<Console>();
    std::string read;
    asio::co_spawn(io, read_until(console, "mark"),
                   [&](std::exception_ptr, std::string text) { read = std::move(text); });
    io.poll();
    run(io, board.need<SerialControl>().set_speed(19200));
    expect_set("baudrate 19200");
    run(io, console.write("mark"));
    until(io, [&] { return !read.empty(); });
    EXPECT_EQ(read, "mark");
}

TEST_F(Pyserial, ALostConnectionIsMadeAnewWithTheSameSettings) {
    auto board = open_device("speed: 9600");
    auto& console = board.need<Console>();
    run(io, board.need<SerialControl>().set_speed(38400));
    expect_set("baudrate 38400");
    said.clear();
    std::string read;
    asio::co_spawn(io, read_until(console, "mark"),
                   [&](std::exception_ptr, std::string text) { read = std::move(text); });
    run(io, server.write("drop\n"));
    until(io, [&] { return told.size() == 2; });
    EXPECT_THAT(told[0], HasSubstr("closed the connection; connecting again"));
    expect_set("baudrate 38400");
    run(io, console.write("mark"));
    until(io, [&] { return !read.empty(); });
    EXPECT_EQ(read, "mark");
}

TEST_F(Pyserial, APortThatIsTakenAwayEndsTheConsole) {
    auto board = open_device();
    auto& console = board.need<Console>();
    run(io, server.write("stop\n"));
    const auto failure = failure_of(console.read_some());
    EXPECT_THAT(failure, AllOf(StartsWith("device board: console: 127.0.0.1:" + port + " "),
                               HasSubstr("does not speak RFC 2217 on this port")));
    EXPECT_EQ(failure_of(console.read_some()), failure);
    EXPECT_EQ(failure_of(console.write("x")), failure);
}

// -- RFC 2217, with servers that do not do it

const auto do_com_port = telnet::command(telnet::do_, 44);

TEST_F(NetworkConsole, AServerThatRefusesComPortIsNamed) {
    auto board = device("rfc2217", own_port());
    beside(say_and_echo(acceptor, telnet::command(telnet::dont, 44)));
    EXPECT_EQ(
        failure_of(board.need<Console>().open()),
        "device board: console: 127.0.0.1:" + own_port() +
            " refuses the COM-PORT option: it does not speak RFC 2217 on this port; correct 'port', or use the driver "
            "tcp");
}

TEST_F(NetworkConsole, AServerThatEndsAtOnceIsNamed) {
    auto board = device("rfc2217", own_port());
    beside(say_and_close(acceptor, "Port busy\r\n"));
    EXPECT_THAT(failure_of(board.need<Console>().open()),
                HasSubstr("ends the connection at once, saying 'Port busy': it does not speak RFC 2217 on this port"));
}

TEST_F(NetworkConsole, AServerThatSetsSomethingElseIsNamed) {
    auto board = device("rfc2217", own_port(), "speed: 115200");
    beside(say_and_echo(acceptor, do_com_port));
    // What is echoed is no answer; this is one, of 9600. It comes after the question, or is forgotten.
    auto console_opens = board.need<Console>().open();
    EXPECT_THAT(failure_of(std::move(console_opens)),
                HasSubstr("was asked to set speed 115200, and did not answer within 3 s"));
}

/// Agrees to COM-PORT and suspends; resumes after `resume` was called.
Task<> suspend_then_resume(tcp::acceptor& acceptor, std::shared_ptr<tcp::socket> client,
                           std::shared_ptr<std::string> got) {
    *client = co_await acceptor.async_accept(asio::use_awaitable);
    const auto greeting = do_com_port + telnet::subnegotiation(44, "\x6c") + "#";
    co_await asio::async_write(*client, asio::buffer(greeting), asio::use_awaitable);
    std::string bytes(1024, '\0');
    for (;;) {
        const auto size = co_await client->async_read_some(asio::buffer(bytes), asio::use_awaitable);
        got->append(bytes, 0, size);
    }
}

TEST_F(NetworkConsole, NothingIsSentWhileTheServerHasSuspended) {
    auto client = std::make_shared<tcp::socket>(io);
    auto got = std::make_shared<std::string>();
    beside(suspend_then_resume(acceptor, client, got));
    auto board = device("rfc2217", own_port());
    auto& console = board.need<Console>();
    run(io, console.open());
    EXPECT_EQ(run(io, console.read_some()), "#");
    bool written = false;
    asio::co_spawn(io, console.write("typed"), [&](std::exception_ptr) { written = true; });
    io.run_for(20ms);
    EXPECT_FALSE(written);
    EXPECT_THAT(*got, ::testing::Not(HasSubstr("typed")));
    const auto resume = telnet::subnegotiation(44, "\x6d");
    asio::write(*client, asio::buffer(resume));
    until(io, [&] { return got->find("typed") != std::string::npos; });
    EXPECT_TRUE(written);
}

/// Agrees to COM-PORT, and answers to nothing but the end of a break.
Task<> answer_the_end_of_a_break(tcp::acceptor& acceptor, std::shared_ptr<std::string> got) {
    auto client = co_await acceptor.async_accept(asio::use_awaitable);
    co_await asio::async_write(client, asio::buffer(do_com_port), asio::use_awaitable);
    const auto answer = telnet::subnegotiation(44, "\x69\x06");
    std::string bytes(1024, '\0');
    for (;;) {
        const auto size = co_await client.async_read_some(asio::buffer(bytes), asio::use_awaitable);
        got->append(bytes, 0, size);
        if (got->find("\x2c\x05\x06") == std::string::npos) continue;
        co_await asio::async_write(client, asio::buffer(answer), asio::use_awaitable);
    }
}

TEST_F(NetworkConsole, ABreakEndsAlsoWhenItsBeginIsNotAnsweredBeforeItIsCancelled) {
    auto got = std::make_shared<std::string>();
    beside(answer_the_end_of_a_break(acceptor, got));
    auto board = device("rfc2217", own_port());
    run(io, board.need<Console>().open());
    auto cancelled = with_deadline(Deadline::in(50ms), "break", board.need<SerialControl>().send_break(1ms));
    EXPECT_THROW(run(io, std::move(cancelled)), TimedOut);
    EXPECT_THAT(*got, HasSubstr("\x2c\x05\x05"));
    EXPECT_THAT(*got, HasSubstr("\x2c\x05\x06"));
}

}  // namespace
}  // namespace patchbay::testing
