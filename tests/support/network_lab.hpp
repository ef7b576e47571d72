// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the tests of consoles over a network share: a device on a port of this machine, and bytes to send through it.

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/this_coro.hpp>
#include <string>
#include <vector>

#include "core/errors.hpp"
#include "devices/capability/console.hpp"
#include "tests/support/described.hpp"
#include "tests/support/run.hpp"

namespace patchbay::testing {

struct NetworkConsole : ::testing::Test {
    asio::io_context io;
    asio::ip::tcp::acceptor acceptor{io, {asio::ip::address_v4::loopback(), 0}};
    std::vector<std::string> told;

    DriverContext context() {
        DriverContext context{io.get_executor(), nullptr, "/", "/"};
        context.tell = [this](const std::string& text) { told.push_back(text); };
        return context;
    }

    std::string own_port() const { return std::to_string(acceptor.local_endpoint().port()); }

    Device device(const std::string& driver, const std::string& port, const std::string& keys = {}) {
        return described_device("  console: {driver: " + driver + ", host: 127.0.0.1, port: " + port +
                                    (keys.empty() ? "" : ", ") + keys + "}\n",
                                context());
    }

    std::string failure_of(Task<> task) {
        try {
            run(io, std::move(task));
        } catch (const InfrastructureError& error) {
            return error.what();
        }
        return "";
    }

    std::string failure_of(Task<std::string> task) {
        try {
            return "no failure, but: " + run(io, std::move(task));
        } catch (const InfrastructureError& error) {
            return error.what();
        }
    }

    void beside(Task<> task) {
        asio::co_spawn(io, std::move(task), [](std::exception_ptr) {});
    }
};

inline Task<std::string> echoed(Console& console, std::string bytes) {
    // Both directions at once: neither side's buffers hold all of it.
    const auto size = bytes.size();
    auto executor = co_await asio::this_coro::executor;
    auto writing = console.write(std::move(bytes));
    asio::co_spawn(executor, std::move(writing), [](std::exception_ptr) {});
    std::string all;
    while (all.size() < size) all += co_await console.read_some();
    co_return all;
}

/// All values, in an order that does not repeat soon.
inline std::string every_byte(std::size_t size) {
    std::string bytes(size, '\0');
    for (std::size_t at = 0; at < size; ++at) bytes[at] = static_cast<char>(at * 7 + at / 256);
    return bytes;
}

}  // namespace patchbay::testing
