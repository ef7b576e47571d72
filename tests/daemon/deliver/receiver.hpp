// SPDX-License-Identifier: Apache-2.0
#pragma once
// A receiver of callbacks: a real server on a free port and a thread of its own, which answers as the test says.

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "daemon/http/server.hpp"

namespace patchbay::testing {

class Receiver {
public:
    /// What it answers to the n-th request, which counts from 1; called on its thread.
    using Answer = std::function<Response(const Request& request, int number)>;

    explicit Receiver(Answer answer = [](const Request&, int) { return Response{}; })
        : answer_{std::move(answer)}, work_{io_.get_executor()} {
        HttpLimits limits;
        limits.body_bytes = 256 * 1024 * 1024;
        limits.body_budget = 4 * limits.body_bytes;
        server_ = std::make_unique<HttpServer>(
            io_.get_executor(), limits, [this](Request& request) { return take(request); },
            [](const Request&) { return BodyRight::user; });
        port_ = server_->listen("127.0.0.1", 0);
        thread_ = std::thread{[this] { io_.run(); }};
    }
    ~Receiver() {
        asio::co_spawn(io_, server_->stop(), asio::use_future).get();
        work_.reset();
        io_.stop();
        thread_.join();
    }

    std::string url(const std::string& path = "/hook") const {
        return "http://127.0.0.1:" + std::to_string(port_) + path;
    }
    std::uint16_t port() const { return port_; }
    std::vector<Request> requests() const {
        const std::lock_guard guard{mutex_};
        return requests_;
    }
    std::size_t count() const { return requests().size(); }

private:
    Task<Response> take(Request& request) {
        int number = 0;
        {
            const std::lock_guard guard{mutex_};
            requests_.push_back(request);
            number = static_cast<int>(requests_.size());
        }
        co_return answer_(request, number);
    }

    Answer answer_;
    asio::io_context io_;
    asio::executor_work_guard<asio::io_context::executor_type> work_;
    std::unique_ptr<HttpServer> server_;
    std::uint16_t port_ = 0;
    mutable std::mutex mutex_;
    std::vector<Request> requests_;
    std::thread thread_;
};

inline Response status(int number) {
    Response response;
    response.status = number;
    return response;
}

}  // namespace patchbay::testing
