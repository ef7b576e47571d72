// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the tests of the driver `serial` share: ports made of pseudo terminals, and a device on one of them.

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <vector>

#include "core/errors.hpp"
#include "devices/capability/console.hpp"
#include "drivers/serial/terminal.hpp"
#include "tests/support/described.hpp"
#include "tests/support/fake_ports.hpp"
#include "tests/support/run.hpp"
#include "tests/support/until.hpp"

namespace patchbay::testing {

/// What a coroutine that runs beside the test came to.
struct Outcome {
    bool done = false;
    std::string text;
    std::string error;
};

struct SerialLab : ::testing::Test {
    asio::io_context io;
    FakePorts ports;
    std::vector<std::string> told;

    DriverContext context() {
        DriverContext context{io.get_executor(), nullptr, "/", "/"};
        context.root = ports.root();
        context.tell = [this](const std::string& text) { told.push_back(text); };
        return context;
    }

    Device device(const std::string& keys) {
        return described_device("  console: {driver: serial, " + keys + "}\n", context());
    }

    std::string failure_of(Task<> task) {
        try {
            run(io, std::move(task));
        } catch (const InfrastructureError& error) {
            return error.what();
        }
        return "";
    }

    std::shared_ptr<Outcome> start(Task<std::string> task) {
        auto outcome = std::make_shared<Outcome>();
        asio::co_spawn(io, std::move(task), [outcome](std::exception_ptr error, std::string text) {
            outcome->done = true;
            outcome->text = std::move(text);
            if (error) outcome->error = describe(error);
        });
        return outcome;
    }

    void until_done(const std::shared_ptr<Outcome>& outcome) {
        until(io, [&] { return outcome->done; });
    }
};

/// Bits a second that a port is set to, also those that <termios.h> has no name for.
inline int speed_of(const FakePort& port) { return settle_terminal(port.board(), Handshake::none); }

inline Task<std::string> then_nothing(Task<> task) {
    co_await std::move(task);
    co_return std::string{};
}

inline Task<std::string> read_bytes(Console& console, std::size_t size) {
    std::string all;
    while (all.size() < size) all += co_await console.read_some();
    co_return all;
}

}  // namespace patchbay::testing
