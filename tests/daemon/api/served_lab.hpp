// SPDX-License-Identifier: Apache-2.0
#pragma once
// The small lab behind a real socket on a free port; the test is its client.

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/use_future.hpp>
#include <thread>

#include "daemon/http/server.hpp"
#include "tests/daemon/api/smoke_lab.hpp"
#include "tests/daemon/http/http_client.hpp"

namespace patchbay::testing {

class ServedApiTest : public ApiTest {
protected:
    static constexpr std::size_t body_limit = 256 * 1024;

    /// From here on the lab belongs to the server's thread; the test talks to it by requests only.
    void SetUp() override {
        HttpLimits limits;
        limits.body_bytes = body_limit;
        server = std::make_unique<HttpServer>(lab.lab.io.get_executor(), limits,
                                              [this](Request& request) { return answer_api(request, lab.services()); });
        port = server->listen("127.0.0.1", 0);
        lab.lab.io.restart();
        thread = std::thread{[this] { lab.lab.io.run(); }};
    }
    void TearDown() override {
        asio::co_spawn(lab.lab.io, server->stop(), asio::use_future).get();
        work.reset();
        thread.join();
        server.reset();
    }

    void serves_on() {
        const auto answer = ask(port, request_text("GET", "/api/v0.2/system/version/"));
        ASSERT_EQ(answer.status, 200);
        ASSERT_EQ(answer.body, R"({"version":"2023.01"})");
    }
    std::int64_t jobs() {
        const auto answer = ask(port, request_text("GET", "/api/v0.2/jobs/?limit=1"));
        return *config::parse_json(answer.body).find("count")->as_int();
    }

    std::unique_ptr<HttpServer> server;
    std::uint16_t port = 0;
    asio::executor_work_guard<asio::io_context::executor_type> work{lab.lab.io.get_executor()};
    std::thread thread;
};

}  // namespace patchbay::testing
