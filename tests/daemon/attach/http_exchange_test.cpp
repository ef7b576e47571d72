// SPDX-License-Identifier: Apache-2.0
#include "daemon/attach/http_exchange.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <thread>

#include "daemon/attach/worker_client.hpp"
#include "tests/daemon/deliver/receiver.hpp"

namespace patchbay {
namespace {

using namespace testing;

ServerRequest ask(const std::string& url) {
    ServerRequest ask;
    ask.url = url;
    ask.token = "secret";
    ask.user_agent = "lava-worker 2023.01";
    return ask;
}

/// Takes connections, and says nothing.
struct SilentServer {
    asio::io_context io;
    asio::ip::tcp::acceptor acceptor{io, {asio::ip::make_address("127.0.0.1"), 0}};
    std::string url() const { return "http://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port()) + "/"; }
};

TEST(HttpExchange, AnAnswerThatIsTooLongIsNone) {
    Receiver server{[](const Request&, int) {
        Response response;
        response.body = std::string(1000, 'x');
        return response;
    }};
    auto question = ask(server.url());
    question.most_bytes = 1000;
    EXPECT_EQ(exchange(question, {}).body.size(), 1000u);
    question.most_bytes = 999;
    const auto reply = exchange(question, {});
    EXPECT_EQ(reply.status, 0);
    EXPECT_EQ(reply.body, "");
    EXPECT_EQ(reply.problem, "its answer has more than the 999 bytes that it may");
}

TEST(HttpExchange, AServerThatSaysNothingIsGivenUp) {
    SilentServer server;
    auto question = ask(server.url());
    question.patience = std::chrono::seconds{1};
    const auto reply = exchange(question, {});
    EXPECT_EQ(reply.status, 0);
    EXPECT_FALSE(reply.stopped);
    EXPECT_NE(reply.problem, "");
}

TEST(HttpExchange, IsBrokenOffWhenTheDaemonEnds) {
    SilentServer server;
    std::stop_source stop;
    asio::ip::tcp::socket client{server.io};
    std::thread ender{[&] {
        server.acceptor.accept(client);
        stop.request_stop();
    }};
    EXPECT_TRUE(exchange(ask(server.url()), stop.get_token()).stopped);
    ender.join();
}

TEST(HttpExchange, ATokenGoesToTheNamedServerOnly) {
    Receiver other;
    Receiver server{[&](const Request&, int) {
        auto response = status(302);
        response.headers.emplace_back("Location", other.url());
        return response;
    }};
    EXPECT_EQ(exchange(ask(server.url()), {}).status, 302);
    EXPECT_EQ(other.count(), 0u);
}

TEST(WorkerClient, AsksAsLavaWorkerDoes) {
    Receiver server;
    const WorkerClient client{"http://127.0.0.1:" + std::to_string(server.port()), "bench", {}};
    const RemoteJob job{64, "token-of-64"};
    client.ping("token-of-worker", "2023.01");
    client.fetch(job, "2023.01");
    client.running(job, "2023.01");
    client.logs(job, "2023.01", "- {\"dt\": \"x\"}\n- {}", 615);
    client.finished(job, "2023.01", {false, "Canceled", "a & b"});
    const auto requests = server.requests();
    ASSERT_EQ(requests.size(), 5u);
    const auto header = [&](std::size_t i, std::string_view name) { return *requests[i].header(name); };
    EXPECT_EQ(requests[0].path, "/scheduler/internal/v1/workers/bench/");
    EXPECT_EQ(header(0, "lava-token"), "token-of-worker");
    EXPECT_EQ(header(0, "user-agent"), "lava-worker 2023.01");
    EXPECT_EQ(requests[1].path, "/scheduler/internal/v1/jobs/64/");
    EXPECT_EQ(header(1, "lava-token"), "token-of-64");
    EXPECT_EQ(requests[2].body, "state=RUNNING");
    EXPECT_EQ(header(2, "content-type"), "application/x-www-form-urlencoded");
    EXPECT_EQ(requests[3].path, "/scheduler/internal/v1/jobs/64/logs/");
    EXPECT_EQ(header(3, "user-agent"), "lava 2023.01");
    EXPECT_EQ(requests[3].body, "lines=-+%7B%22dt%22%3A+%22x%22%7D%0A-+%7B%7D&index=615");
    EXPECT_EQ(requests[4].body, "state=FINISHED&result=fail&error_type=Canceled&errors=a+%26+b&description=");
}

}  // namespace
}  // namespace patchbay
