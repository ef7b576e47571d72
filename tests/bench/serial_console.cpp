// SPDX-License-Identifier: Apache-2.0
// The driver `serial` on pseudo terminals, beside what does the same without it. Prints one JSON object.
// usage: patchbay_bench_serial latency ROUNDS | throughput BYTES | consoles COUNT SECONDS

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "devices/capability/console.hpp"
#include "jobs/console/session.hpp"
#include "tests/support/described.hpp"
#include "tests/support/fake_ports.hpp"
#include "tests/support/run.hpp"

namespace patchbay::testing {
namespace {

using SteadyClock = std::chrono::steady_clock;

double seconds_since(SteadyClock::time_point begin) {
    return std::chrono::duration<double>(SteadyClock::now() - begin).count();
}

double processor_seconds() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// Another process, so that its processor time is not ours.
class Child {
public:
    explicit Child(const std::function<void()>& work) : pid_{::fork()} {
        if (pid_ != 0) return;
        work();
        ::_exit(0);
    }
    ~Child() { stop(); }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    void stop() {
        if (pid_ <= 0) return;
        ::kill(pid_, SIGTERM);
        ::waitpid(pid_, nullptr, 0);
        pid_ = 0;
    }

private:
    pid_t pid_;
};

Device console_on(const FakePorts& ports, asio::io_context& io, const std::string& usb_path) {
    DriverContext context{io.get_executor(), nullptr, "/", "/"};
    context.root = ports.root();
    return described_device("  console: {driver: serial, usb_path: " + usb_path + ", flush: false}\n", context);
}

/// The terminal of a port as a plain descriptor, raw.
FileDescriptor raw_terminal(const FakePort& port) {
    FileDescriptor terminal{::open(port.terminal().c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC)};
    struct termios line {};
    ::tcgetattr(terminal.get(), &line);
    ::cfmakeraw(&line);
    ::tcsetattr(terminal.get(), TCSANOW, &line);
    return terminal;
}

class CountingLog final : public ConsoleLog {
public:
    explicit CountingLog(std::size_t& lines) : lines_{lines} {}
    void target(std::string_view line) override { lines_ += line.starts_with("console line"); }
    void feedback(std::string_view, std::string_view) override {}
    void input(std::string_view) override {}
    void pause() override {}

private:
    std::size_t& lines_;
};

// -- latency: byte in, match, answer out

constexpr std::string_view prompt = "\r\nboard# ";

/// The board: shows its prompt and waits for an answer, `rounds` times. Returns the median in microseconds.
double answer_time(const FakePort& port, int rounds) {
    std::vector<double> times;
    for (int round = 0; round < rounds; ++round) {
        const auto begin = SteadyClock::now();
        port.say(prompt);
        port.hear(2);  // "x\n"
        times.push_back(seconds_since(begin) * 1e6);
    }
    std::ranges::nth_element(times, times.begin() + rounds / 2);
    return times[static_cast<std::size_t>(rounds) / 2];
}

Task<> answer_prompts(Console& console, int rounds) {
    std::size_t lines = 0;
    CountingLog log{lines};
    ConsoleSession session{console, log};
    const std::vector<std::string> prompts{"login: ", "board# "};
    const auto patterns = PatternSet::of(prompts);
    for (int round = 0; round < rounds; ++round) {
        co_await session.wait(patterns, Deadline::in(1min));
        co_await session.send_line("x");
    }
}

void answer_barely(const FileDescriptor& terminal, int rounds) {
    std::string bytes(4096, '\0');
    for (int round = 0; round < rounds; ++round) {
        std::size_t got = 0;
        while (got < prompt.size()) {
            const auto size = ::read(terminal.get(), bytes.data(), bytes.size());
            if (size <= 0) return;
            got += static_cast<std::size_t>(size);
        }
        if (::write(terminal.get(), "x\n", 2) != 2) return;
    }
}

void measure_latency(int rounds) {
    FakePorts ports;
    const auto port = ports.plug("ttyUSB0");
    double ours = 0, bare = 0;
    {
        asio::io_context io;
        auto board = console_on(ports, io, "1-1.4");
        run(io, board.need<Console>().open());
        // The board is this process: it measures. Who answers is a child in both cases.
        const Child answerer{[&] {
            io.notify_fork(asio::io_context::fork_child);
            run(io, answer_prompts(board.need<Console>(), rounds));
        }};
        ours = answer_time(port, rounds);
    }
    {
        const auto terminal = raw_terminal(port);
        const Child answerer{[&] { answer_barely(terminal, rounds); }};
        bare = answer_time(port, rounds);
    }
    std::printf("{\"ours\": %.3f, \"bare\": %.3f}\n", ours, bare);
}

// -- throughput

Task<> read_all(Console& console, std::size_t bytes) {
    for (std::size_t read = 0; read < bytes;) {
        const auto some = co_await console.read_some();
        if (some.empty()) co_return;
        read += some.size();
    }
}

void feed(const FakePort& port, std::size_t bytes) {
    const std::string block(16384, 'u');
    for (std::size_t sent = 0; sent < bytes;) {
        const auto size = std::min(block.size(), bytes - sent);
        port.say(std::string_view{block}.substr(0, size));
        sent += size;
    }
}

double time_of_driver(std::size_t bytes) {
    FakePorts ports;
    const auto port = ports.plug("ttyUSB0");
    asio::io_context io;
    auto board = console_on(ports, io, "1-1.4");
    run(io, board.need<Console>().open());
    const Child feeder{[&] {
        feed(port, bytes);
        ::pause();
    }};
    const auto begin = SteadyClock::now();
    run(io, read_all(board.need<Console>(), bytes));
    return seconds_since(begin);
}

/// `cat` copies the terminal into a pipe, whose bytes are counted here.
double time_of_cat(std::size_t bytes) {
    FakePorts ports;
    const auto port = ports.plug("ttyUSB0");
    const auto terminal = raw_terminal(port);
    int ends[2] = {-1, -1};
    if (::pipe(ends) != 0) std::abort();
    const FileDescriptor out{ends[0]};
    FileDescriptor in{ends[1]};
    const Child feeder{[&] {
        feed(port, bytes);
        ::pause();
    }};
    const auto begin = SteadyClock::now();
    const Child cat{[&] {
        ::dup2(in.get(), STDOUT_FILENO);
        ::execlp("cat", "cat", port.terminal().c_str(), static_cast<char*>(nullptr));
    }};
    in.reset();
    std::string some(65536, '\0');
    for (std::size_t read = 0; read < bytes;) {
        const auto size = ::read(out.get(), some.data(), some.size());
        if (size <= 0) return 1e9;
        read += static_cast<std::size_t>(size);
    }
    return seconds_since(begin);
}

void measure_throughput(std::size_t bytes) {
    std::vector<double> ours, cat;
    for (int round = 0; round < 3; ++round) {
        ours.push_back(static_cast<double>(bytes) / time_of_driver(bytes));
        cat.push_back(static_cast<double>(bytes) / time_of_cat(bytes));
    }
    std::ranges::sort(ours);
    std::ranges::sort(cat);
    std::printf("{\"ours\": %.0f, \"cat\": %.0f}\n", ours[1], cat[1]);
}

// -- many consoles

// An FTDI adapter hands over what it has every 16 ms: at 115200 bits a second 184 bytes, here eight lines.
constexpr auto beat = std::chrono::milliseconds{16};
constexpr std::string_view line_text = "console line 12345678\r\n";
constexpr int lines_a_beat = 8;
static_assert(line_text.size() * lines_a_beat == 184);

void feed_evenly(const std::vector<FakePort>& ports, int beats) {
    std::string text;
    for (int line = 0; line < lines_a_beat; ++line) text += line_text;
    auto next = SteadyClock::now();
    for (int one = 0; one < beats; ++one) {
        next += beat;
        while (SteadyClock::now() < next) {
            const auto left = std::chrono::duration_cast<std::chrono::microseconds>(next - SteadyClock::now()).count();
            if (left > 0) ::usleep(static_cast<useconds_t>(left));
        }
        for (const auto& port : ports) port.say(text);
    }
    ::pause();
}

struct Reader {
    std::unique_ptr<Device> device;
    std::unique_ptr<CountingLog> log;
    std::unique_ptr<ConsoleSession> session;
};

void measure_consoles(int count, int seconds) {
    FakePorts ports;
    std::vector<FakePort> boards;
    asio::io_context io;
    std::vector<Reader> readers;
    std::size_t lines = 0;
    for (int number = 0; number < count; ++number) {
        FakeAdapter adapter;
        adapter.usb_path = "1-" + std::to_string(number + 1);
        adapter.serial_number = "S" + std::to_string(number);
        boards.push_back(ports.plug("ttyUSB" + std::to_string(number), adapter));
        Reader reader;
        reader.device = std::make_unique<Device>(console_on(ports, io, adapter.usb_path));
        auto& console = reader.device->need<Console>();
        run(io, console.open());
        reader.log = std::make_unique<CountingLog>(lines);
        reader.session = std::make_unique<ConsoleSession>(console, *reader.log);
        readers.push_back(std::move(reader));
    }
    const int beats = seconds * 1000 / static_cast<int>(beat.count());
    const Child feeder{[&] { feed_evenly(boards, beats); }};
    for (auto& reader : readers) asio::co_spawn(io, reader.session->keep_reading(), [](std::exception_ptr) {});
    io.restart();
    const auto expected = static_cast<std::size_t>(beats) * static_cast<std::size_t>(lines_a_beat * count);
    const auto before = processor_seconds();
    const auto begin = SteadyClock::now();
    while (lines < expected && seconds_since(begin) < 2 * seconds + 10) io.run_one_for(100ms);
    const auto took = seconds_since(begin);
    std::printf("{\"share\": %.5f, \"lost\": %zu, \"seconds\": %.2f}\n", (processor_seconds() - before) / took,
                expected - lines, took);
    for (auto& reader : readers) run(io, reader.device->make_safe());
}

int usage() {
    std::fprintf(stderr, "usage: patchbay_bench_serial latency ROUNDS | throughput BYTES | consoles COUNT SECONDS\n");
    return 2;
}

int main_of(const std::vector<std::string>& words) {
    if (words.size() < 2) return usage();
    const auto number = [&](std::size_t at) { return std::max(1, std::atoi(words[at].c_str())); };
    if (words[0] == "latency") {
        measure_latency(number(1));
    } else if (words[0] == "throughput") {
        measure_throughput(static_cast<std::size_t>(number(1)));
    } else if (words[0] == "consoles" && words.size() == 3) {
        measure_consoles(number(1), number(2));
    } else {
        return usage();
    }
    return 0;
}

}  // namespace
}  // namespace patchbay::testing

int main(int argc, char** argv) { return patchbay::testing::main_of(std::vector<std::string>(argv + 1, argv + argc)); }
