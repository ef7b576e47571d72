// SPDX-License-Identifier: Apache-2.0
#pragma once
// A real server on a free port, on a thread of its own; the test is its client.

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_future.hpp>
#include <functional>
#include <future>
#include <memory>
#include <thread>

#include "core/deadline.hpp"
#include "daemon/http/server.hpp"
#include "tests/daemon/http/http_client.hpp"

namespace patchbay {

class HttpServerTest : public testing::Test {
protected:
    virtual HttpLimits limits() { return {}; }
    /// Who sends "X-Right: user" or "X-Right: anyone" has that right.
    static BodyRight right_of(const Request& head) {
        const auto* right = head.header("x-right");
        if (right && *right == "user") return BodyRight::user;
        return right && *right == "anyone" ? BodyRight::anyone : BodyRight::none;
    }

    void SetUp() override {
        server_ = std::make_unique<HttpServer>(
            io_.get_executor(), limits(), [this](Request& request) { return handle(request); }, right_of);
        gate_ = std::make_unique<Timer>(io_, Clock::time_point::max());
        port_ = server_->listen("127.0.0.1", 0);
        thread_ = std::thread{[this] { io_.run(); }};
    }

    void TearDown() override {
        release_slow();
        stop_server().get();
        on_io([this] {
            server_.reset();
            gate_.reset();
        });
        work_.reset();
        thread_.join();
    }

    std::uint16_t port() const { return port_; }
    HttpServer& server() { return *server_; }
    std::future<void> stop_server() { return asio::co_spawn(io_, server_->stop(), asio::use_future); }

    void on_io(std::function<void()> work) {
        std::promise<void> done;
        asio::post(io_, [&] {
            work();
            done.set_value();
        });
        done.get_future().get();
    }

    void release_slow() {
        on_io([this] {
            gate_open_ = true;
            gate_->cancel();
        });
    }

    /// A condition that another thread makes true; fails after ten seconds.
    static void wait_for(const std::function<bool()>& condition) {
        const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds{10};
        while (!condition() && std::chrono::steady_clock::now() < limit) std::this_thread::yield();
        EXPECT_TRUE(condition());
    }

    std::atomic<int> slow_started{0}, slow_ended{0}, streams_ended{0}, chunks_written{0};

private:
    Task<Response> handle(Request& request) {
        Response response;
        response.body = request.method_name + " " + request.path + request.body;
        response.authenticated = right_of(request) == BodyRight::user;
        if (request.path == "/throw/") throw std::runtime_error{"secret"};
        if (request.path == "/large/") response.body.assign(5'000'000, 'x');
        if (request.path == "/huge/") response.body.assign(40'000'000, 'x');
        if (request.path == "/header/") response.headers.emplace_back("X-Value", *request.query_value("v"));
        if (request.path == "/slow/") {
            ++slow_started;
            boost::system::error_code opened;
            if (!gate_open_) co_await gate_->async_wait(asio::redirect_error(asio::use_awaitable, opened));
            ++slow_ended;
        }
        if (request.path == "/stream/") response.stream = [this](BodyWriter& out) { return stream(out); };
        if (request.path == "/flood/") response.stream = [this](BodyWriter& out) { return flood(out); };
        if (request.path == "/ws/") response.websocket = [this](WebSocket& out) { return tell(out); };
        if (request.path == "/wslong/") response.websocket = [](WebSocket& out) { return tell_long(out); };
        if (request.path == "/wsflood/") response.websocket = [this](WebSocket& out) { return tell_much(out); };
        co_return response;
    }

    struct StreamEnded {
        std::atomic<int>& count;
        ~StreamEnded() { ++count; }
    };

    Task<> tell(WebSocket& out) {
        StreamEnded ended{streams_ended};
        co_await out.send("hello");
        boost::system::error_code opened;
        if (!gate_open_) co_await gate_->async_wait(asio::redirect_error(asio::use_awaitable, opened));
        if (!gate_open_) throw boost::system::system_error{opened};
        co_await out.close(1008, "enough");
    }

    static Task<> tell_long(WebSocket& out) { co_await out.send(std::string(1024 * 1024 + 1, 'l')); }

    Task<> tell_much(WebSocket& out) {
        StreamEnded ended{streams_ended};
        for (;;) {
            co_await out.send(std::string(64 * 1024, 'f'));
            ++chunks_written;
        }
    }

    Task<> stream(BodyWriter& out) {
        struct Ended {
            std::atomic<int>& count;
            ~Ended() { ++count; }
        } ended{streams_ended};
        co_await out.write("one\n");
        co_await out.write("");
        co_await out.write("two\n");
        boost::system::error_code opened;
        if (!gate_open_) co_await gate_->async_wait(asio::redirect_error(asio::use_awaitable, opened));
        if (!gate_open_) throw boost::system::system_error{opened};
    }

    Task<> flood(BodyWriter& out) {
        struct Ended {
            std::atomic<int>& count;
            ~Ended() { ++count; }
        } ended{streams_ended};
        for (;;) {
            co_await out.write(std::string(64 * 1024, 'f'));
            ++chunks_written;
        }
    }

    asio::io_context io_;
    asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
    std::unique_ptr<HttpServer> server_;
    std::unique_ptr<Timer> gate_;
    bool gate_open_ = false;
    std::uint16_t port_ = 0;
    std::thread thread_;
};

}  // namespace patchbay
