// SPDX-License-Identifier: Apache-2.0
// One console of a lab, driven by words on the standard input; for the rig's tests.
// usage: patchbay-console-probe 'driver: serial, serial_number: A1'
//
//   open, close, write TEXT, expect TEXT, receive COUNT (bytes that count up), break, speed N, dtr 0|1, rts 0|1, lines
//
// Each word is answered by one line, `done …` or `error: …`; what a lease's log would say stands before it, as
// `told: …`. The end of the input makes the device safe.

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "core/deadline.hpp"
#include "devices/capability/console.hpp"
#include "devices/capability/serial_control.hpp"
#include "tests/rig/probe.hpp"
#include "tests/support/read_until.hpp"
#include "tests/support/run.hpp"

namespace patchbay::testing {
namespace {

double processor_seconds() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// Reads `count` bytes, of which each is by one more than the one before it, modulo 251.
Task<std::string> receive(Console& console, std::size_t count) {
    const auto processor = processor_seconds();
    const auto begin = Clock::now();
    std::size_t got = 0, wrong = 0;
    while (got < count) {
        const auto bytes = co_await console.read_some();
        if (bytes.empty()) break;
        for (const char byte : bytes) wrong += static_cast<unsigned char>(byte) != got++ % 251;
    }
    const auto took = std::chrono::duration<double>(Clock::now() - begin).count();
    char text[128];
    std::snprintf(text, sizeof text, "%zu wrong %zu seconds %.2f processor %.1f%%", got, wrong, took,
                  100 * (processor_seconds() - processor) / took);
    co_return text;
}

class Probe {
public:
    Probe(asio::io_context& io, Device& device)
        : device_{device}, console_{device.need<Console>()}, input_{io.get_executor(), ::dup(STDIN_FILENO)} {}

    Task<> obey() {
        for (auto line = co_await next_line(); !line.empty(); line = co_await next_line()) {
            const auto blank = std::min(line.find(' '), line.size());
            const auto word = line.substr(0, blank);
            const auto rest = line.substr(std::min(blank + 1, line.size()));
            std::string answer;
            try {
                const auto said = co_await perform(word, rest);
                answer = "done " + said;
            } catch (const std::exception& error) {
                answer = "error: " + describe(error);
            }
            say(answer);
        }
        co_await device_.make_safe();
    }

private:
    Task<std::string> next_line() {
        boost::system::error_code end;
        const auto size = co_await asio::async_read_until(input_, asio::dynamic_buffer(typed_), '\n',
                                                          asio::redirect_error(asio::use_awaitable, end));
        auto line = typed_.substr(0, end ? 0 : size - 1);
        typed_.erase(0, size);
        co_return line;
    }

    Task<std::string> perform(std::string word, std::string rest) {
        if (word == "open") {
            co_await console_.open();
        } else if (word == "close") {
            co_await console_.close();
        } else if (word == "write") {
            co_await console_.write(rest);
        } else if (word == "expect") {
            co_return co_await read_until(console_, rest);
        } else if (word == "receive") {
            co_return co_await receive(console_, std::stoul(rest));
        } else {
            co_return co_await control(word, rest);
        }
        co_return word;
    }

    Task<std::string> control(std::string word, std::string rest) {
        auto& control = device_.need<SerialControl>();
        if (word == "break") {
            co_await control.send_break();
        } else if (word == "speed") {
            co_await control.set_speed(std::stoi(rest));
        } else if (word == "dtr") {
            co_await control.set_dtr(rest == "1");
        } else if (word == "rts") {
            co_await control.set_rts(rest == "1");
        } else if (word == "lines") {
            const auto lines = co_await control.modem_lines();
            co_return std::string{"cts "} + (lines.cts ? "1" : "0") + " dsr " + (lines.dsr ? "1" : "0") + " dcd " +
                (lines.dcd ? "1" : "0");
        } else {
            throw std::runtime_error{"no such word"};
        }
        co_return word;
    }

    Device& device_;
    Console& console_;
    asio::posix::stream_descriptor input_;
    std::string typed_;
};

void probe(const std::string& keys) {
    asio::io_context io;
    auto device = probed_device(io, "console", keys);
    Probe probe{io, device};
    run(io, probe.obey());
}

}  // namespace
}  // namespace patchbay::testing

int main(int argc, char** argv) {
    if (argc != 2) return 2;
    return patchbay::testing::run_probe([&] { patchbay::testing::probe(argv[1]); });
}
