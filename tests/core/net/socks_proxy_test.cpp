// SPDX-License-Identifier: Apache-2.0
// curl through the proxy; git is in tests/jobs/overlay/fetch_test.cpp.
#include "core/net/socks_proxy.hpp"

#include <gtest/gtest.h>

#include "core/deadline.hpp"
#include "core/process/run_command.hpp"
#include "tests/jobs/download/http_server.hpp"
#include "tests/support/run.hpp"

namespace patchbay {
namespace {

class SocksProxyTest : public ::testing::Test {
protected:
    asio::io_context io;
    testing::HttpServer server;

    SocksProxyTest() { server.file("/Image", "kernel"); }

    Task<CommandOutput> curl(std::string proxy, std::string url) {
        Command command;
        command.argv = {"curl", "--silent", "--show-error",   "--noproxy",
                        "",     "--proxy",  std::move(proxy), std::move(url)};
        co_return co_await capture_command(std::move(command), Deadline::in(1min));
    }
    Task<CommandOutput> fetch(SocksProxy& proxy, std::string used, std::string url) {
        co_return co_await and_finally(curl(std::move(used), std::move(url)), proxy.stop());
    }
    std::string url(const std::string& host) const {
        return "http://" + host + ":" + std::to_string(server.port()) + "/Image";
    }
};

TEST_F(SocksProxyTest, ConnectsWhereItIsAllowed) {
    for (const auto* host : {"127.0.0.1", "localhost"}) {
        SocksProxy proxy{io.get_executor(), AddressPolicy{{"127.0.0.1", "::1"}}};
        const auto got = testing::run(io, fetch(proxy, proxy.url(), url(host)));
        EXPECT_EQ(got.text, "kernel") << host;
        EXPECT_EQ(proxy.refusal(), "");
    }
}

TEST_F(SocksProxyTest, ConnectsNowhereElse) {
    for (const auto* host : {"127.0.0.1", "localhost", "[::1]", "0.0.0.0"}) {
        SocksProxy proxy{io.get_executor(), AddressPolicy{}};
        EXPECT_NE(testing::run(io, fetch(proxy, proxy.url(), url(host))).exit_code, 0) << host;
        EXPECT_TRUE(proxy.refusal().ends_with("is a loopback address")) << proxy.refusal();
    }
    EXPECT_TRUE(server.lines().empty());
}

TEST_F(SocksProxyTest, SaysThatNobodyIsThere) {
    SocksProxy proxy{io.get_executor(), AddressPolicy::everything()};
    EXPECT_NE(testing::run(io, fetch(proxy, proxy.url(), "http://127.0.0.2:9/")).exit_code, 0);
    EXPECT_EQ(proxy.refusal(), "");
}

TEST_F(SocksProxyTest, ServesNobodyWithoutItsSecret) {
    for (const std::string user : {"", "patchbay:guess@"}) {
        SocksProxy proxy{io.get_executor(), AddressPolicy::everything()};
        const auto port = proxy.url().substr(proxy.url().rfind(':'));
        EXPECT_NE(testing::run(io, fetch(proxy, "socks5h://" + user + "127.0.0.1" + port, url("127.0.0.1"))).exit_code,
                  0);
    }
    EXPECT_TRUE(server.lines().empty());
}

}  // namespace
}  // namespace patchbay
