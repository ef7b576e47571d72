// SPDX-License-Identifier: Apache-2.0
// What a client may not do to us, however long it tries.

#include "daemon/http/client_gate.hpp"
#include "tests/daemon/http/server_fixture.hpp"

namespace patchbay {
namespace {

class HttpLimitsTest : public HttpServerTest {
    HttpLimits limits() override {
        HttpLimits small;
        small.header_bytes = 1024;
        small.body_bytes = 100'000;
        small.header_time = 200ms;
        small.body_idle = 200ms;
        small.body_time = 1s;
        small.keep_alive = 200ms;
        small.write_idle = 200ms;
        small.connections = 4;
        small.connections_per_peer = 3;
        return small;
    }
};

TEST_F(HttpLimitsTest, ATooLargeBodyIsAnsweredEvenToAClientThatSendsOn) {
    HttpClient client{port()};
    client.send("POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000\r\n\r\n");
    client.send(std::string(5'000'000, 'x'));
    const auto answer = client.read();
    EXPECT_EQ(answer.status, 413);
    EXPECT_EQ(answer.body, R"({"detail":"The body is larger than 100000 bytes."})");
    EXPECT_EQ(ask(port(), request_text("GET", "/a")).status, 200);
}

TEST_F(HttpLimitsTest, ATooLargeHeaderIsAnswered) {
    EXPECT_EQ(ask(port(), "GET /" + std::string(2000, 'x') + " HTTP/1.1\r\nHost: x\r\n\r\n").status, 431);
}

TEST_F(HttpLimitsTest, AHeaderThatDripsInIsCutOff) {
    HttpClient client{port()};
    client.send("GET /a HTTP/1.1\r\n");
    const auto answer = client.read();
    EXPECT_EQ(answer.status, 408);
    EXPECT_TRUE(client.at_end());
}

TEST_F(HttpLimitsTest, ABodyThatStopsIsCutOff) {
    HttpClient client{port()};
    client.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
    EXPECT_EQ(client.read().status, 408);
}

TEST_F(HttpLimitsTest, ABodyThatDripsInIsCutOff) {
    HttpClient client{port()};
    client.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n");
    for (int i = 0; i < 200 && !client.answers_within(50ms); ++i) client.send("x");
    EXPECT_EQ(client.read().status, 408);
}

TEST_F(HttpLimitsTest, AnIdleConnectionIsClosedSilently) {
    HttpClient client{port()};
    client.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(client.read().status, 200);
    EXPECT_TRUE(client.at_end());
}

TEST_F(HttpLimitsTest, AClientThatDoesNotReadIsDropped) {
    HttpClient client{port()};
    client.send("GET /flood HTTP/1.1\r\nHost: x\r\n\r\n");
    wait_for([&] { return streams_ended.load() == 1; });
}

TEST_F(HttpLimitsTest, OnePeerCannotTakeEveryConnection) {
    HttpClient busy[3]{HttpClient{port()}, HttpClient{port()}, HttpClient{port()}};
    for (auto& client : busy) client.send("POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
    wait_for([&] { return slow_started.load() == 3; });
    {
        HttpClient refused{port()};
        EXPECT_EQ(refused.read().status, 503);
        EXPECT_TRUE(refused.at_end());
    }
    release_slow();
    for (auto& client : busy) {
        EXPECT_EQ(client.read().status, 200);
        client.close();
    }
    wait_for([&] { return ask(port(), request_text("GET", "/a")).status == 200; });
}

TEST(ClientOf, AnIpv6NetworkIsOnePeer) {
    EXPECT_EQ(client_of("2001:db8::1"), client_of("2001:db8::ffff:2"));
    EXPECT_NE(client_of("2001:db8::1"), client_of("2001:db8:0:1::1"));
    EXPECT_EQ(client_of("192.0.2.1"), "192.0.2.1");
    EXPECT_EQ(client_of("unix"), "unix");
}

class HttpCrowdTest : public HttpServerTest {
    HttpLimits limits() override {
        HttpLimits small;
        small.connections = 3;
        return small;
    }

protected:
    static void ask_on(HttpClient& client) {
        client.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
        EXPECT_EQ(client.read().status, 200);
    }
};

TEST_F(HttpCrowdTest, WhoIdlesForLongestMakesRoom) {
    HttpClient first{port()}, second{port()}, third{port()};
    ask_on(first);
    ask_on(second);
    ask_on(third);
    ask_on(first);
    HttpClient next{port()};
    ask_on(next);
    EXPECT_TRUE(second.at_end());
    ask_on(first);
    ask_on(third);
}

TEST_F(HttpCrowdTest, AFloodOfSilentConnectionsKeepsNobodyOut) {
    std::vector<std::unique_ptr<HttpClient>> flood;
    for (int i = 0; i < 100; ++i) {
        flood.push_back(std::make_unique<HttpClient>(port()));
        if (i % 10 == 0) {
            EXPECT_EQ(ask(port(), request_text("GET", "/a")).status, 200) << i;
        }
    }
}

TEST_F(HttpCrowdTest, AFloodOfHalfHeadersKeepsNobodyOut) {
    std::vector<std::unique_ptr<HttpClient>> flood;
    for (int i = 0; i < 100; ++i) {
        flood.push_back(std::make_unique<HttpClient>(port()));
        flood.back()->send("GET /a HTTP/1.1\r\nHost:");
        if (i % 10 == 0) {
            EXPECT_EQ(ask(port(), request_text("GET", "/a")).status, 200) << i;
        }
    }
}

TEST_F(HttpCrowdTest, AFloodOfBodiesThatDripKeepsNobodyOut) {
    std::vector<std::unique_ptr<HttpClient>> flood;
    for (int i = 0; i < 100; ++i) {
        flood.push_back(std::make_unique<HttpClient>(port()));
        const std::string length = i % 2 == 0 ? "1000" : "100000";  // which needs a right, as anybody has it here
        flood.back()->send("POST /a HTTP/1.1\r\nHost: x\r\nX-Right: anyone\r\nContent-Length: " + length + "\r\n\r\nx");
        if (i % 10 == 0) {
            EXPECT_EQ(ask(port(), request_text("GET", "/a")).status, 200) << i;
        }
    }
}

TEST_F(HttpCrowdTest, ALargeBodyOfAUserMakesNoRoom) {
    HttpClient busy[3]{HttpClient{port()}, HttpClient{port()}, HttpClient{port()}};
    for (auto& client : busy) {
        client.send(
            "POST /a HTTP/1.1\r\nHost: x\r\nX-Right: user\r\nExpect: 100-continue\r\nContent-Length: 100000\r\n\r\n");
        EXPECT_NE(client.read_until("100 Continue\r\n\r\n"), "");
    }
    EXPECT_EQ(HttpClient{port()}.read().status, 503);
    for (auto& client : busy) {
        client.send(std::string(100'000, 'x'));
        EXPECT_EQ(client.read().status, 200);
    }
}

TEST_F(HttpCrowdTest, StreamsOfNobodyMakeRoomAndThoseOfUsersDoNot) {
    const auto watch = [](HttpClient& client, const std::string& right) {
        client.send("GET /stream HTTP/1.1\r\nHost: x\r\nX-Right: " + right + "\r\n\r\n");
        client.read_until("two\n\r\n");
    };
    HttpClient first{port()}, second{port()}, third{port()};
    watch(first, "user");
    watch(second, "none");
    watch(third, "user");
    EXPECT_EQ(ask(port(), request_text("GET", "/a")).status, 200);
    EXPECT_TRUE(second.at_end());
    wait_for([&] {
        std::size_t left = 0;
        on_io([&] { left = server().connections(); });
        return left == 2;
    });
    HttpClient fourth{port()};
    watch(fourth, "user");
    EXPECT_EQ(HttpClient{port()}.read().status, 503);
}

TEST_F(HttpCrowdTest, WhoIsServedMakesNoRoom) {
    HttpClient busy[3]{HttpClient{port()}, HttpClient{port()}, HttpClient{port()}};
    for (auto& client : busy) client.send("POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
    wait_for([&] { return slow_started.load() == 3; });
    HttpClient refused{port()};
    EXPECT_EQ(refused.read().status, 503);
    release_slow();
    for (auto& client : busy) EXPECT_EQ(client.read().status, 200);
}

class HttpRateTest : public HttpServerTest {
    HttpLimits limits() override {
        HttpLimits small;
        small.trusted_proxies = Subnets{{"127.0.0.1"}};
        small.rates.requests = {0.001, 2};
        return small;
    }

protected:
    int status(const std::string& client) {
        return ask(port(), request_text("GET", "/a", "X-Forwarded-For: " + client + "\r\n")).status;
    }
};

TEST_F(HttpRateTest, EachClientOfAProxyHasARateOfItsOwn) {
    EXPECT_EQ(status("198.51.100.1"), 200);
    EXPECT_EQ(status("198.51.100.1"), 200);
    EXPECT_EQ(status("198.51.100.1"), 429);
    EXPECT_EQ(status("198.51.100.2"), 200);
    for (int i = 0; i < 5; ++i) EXPECT_EQ(ask(port(), request_text("GET", "/a")).status, 200) << "of this machine";
}

TEST_F(HttpRateTest, ARefusedRequestLeavesTheConnectionInOrder) {
    HttpClient client{port()};
    const std::string one =
        "POST /a HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 198.51.100.1\r\nContent-Length: 3\r\n\r\nxyz";
    client.send(one + one + one + "GET /b HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(client.read().body, "POST /a/xyz");
    EXPECT_EQ(client.read().status, 200);
    const auto refused = client.read();
    EXPECT_EQ(refused.status, 429);
    EXPECT_TRUE(refused.headers.contains("retry-after"));
    EXPECT_EQ(client.read().body, "GET /b/");
}

class HttpProxyTest : public HttpServerTest {
    HttpLimits limits() override {
        HttpLimits small;
        small.connections = 4;
        small.connections_per_peer = 1;
        small.trusted_proxies = Subnets{{"127.0.0.1"}};
        return small;
    }
};

TEST_F(HttpProxyTest, TheClientsOfATrustedProxyAreManyPeers) {
    HttpClient busy[4]{HttpClient{port()}, HttpClient{port()}, HttpClient{port()}, HttpClient{port()}};
    for (auto& client : busy) client.send("POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
    wait_for([&] { return slow_started.load() == 4; });
    HttpClient refused{port()};
    EXPECT_EQ(refused.read().status, 503) << "no proxy has more than all connections";
    release_slow();
    for (auto& client : busy) EXPECT_EQ(client.read().status, 200);
}

class HttpBodyBudgetTest : public HttpServerTest {
    HttpLimits limits() override {
        HttpLimits small;
        small.body_bytes = 100'000;
        small.small_body_bytes = 1000;
        small.body_budget = 100'000;
        return small;
    }

protected:
    /// A large request that is being answered, until release_slow().
    void begin_large(HttpClient& client, const std::string& right, std::size_t bytes) {
        const auto before = slow_started.load();
        client.send("POST /slow HTTP/1.1\r\nHost: x\r\nX-Right: " + right +
                    "\r\nContent-Length: " + std::to_string(bytes) + "\r\n\r\n" + std::string(bytes, 'x'));
        wait_for([&] { return slow_started.load() == before + 1; });
    }
    Answer post(const std::string& right, std::size_t bytes) {
        return ask(port(), request_text("POST", "/a", "X-Right: " + right + "\r\n", std::string(bytes, 'x')));
    }
};

TEST_F(HttpBodyBudgetTest, ALargeBodyNeedsARight) {
    EXPECT_EQ(post("none", 1000).status, 200);
    const auto refused = post("none", 1001);
    EXPECT_EQ(refused.status, 413);
    EXPECT_EQ(refused.body, R"({"detail":"The body is larger than 1000 bytes. More needs a valid token."})");
    EXPECT_EQ(post("anyone", 1001).status, 200);
    EXPECT_EQ(post("user", 100'000).status, 200);
}

TEST_F(HttpBodyBudgetTest, ALargeBodyWithoutARightIsRefusedBeforeItIsSent) {
    HttpClient client{port()};
    client.send("POST /b HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5000\r\n\r\n");
    EXPECT_EQ(client.read().status, 413);
    HttpClient chunked{port()};
    chunked.send("POST /b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n800\r\n" + std::string(0x800, 'x') +
                 "\r\n");
    EXPECT_EQ(chunked.read().status, 413) << "whose length nobody announced";
}

TEST_F(HttpBodyBudgetTest, WhoNeedsNoLoginLeavesHalfOfTheBudgetToUsers) {
    HttpClient guest{port()}, user{port()};
    begin_large(guest, "anyone", 40'000);
    const auto refused = post("anyone", 20'000);
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(refused.headers.at("retry-after"), "5");
    EXPECT_EQ(refused.body, R"({"detail":"Too many large requests at once; try again later."})");
    EXPECT_EQ(post("user", 50'000).status, 200);

    begin_large(user, "user", 50'000);
    EXPECT_EQ(post("user", 20'000).status, 503);
    EXPECT_EQ(post("none", 1000).status, 200) << "a small request needs nothing of the budget";
    release_slow();
    EXPECT_EQ(guest.read().status, 200);
    EXPECT_EQ(user.read().status, 200);
    wait_for([&] { return post("user", 100'000).status == 200; });
}

TEST_F(HttpBodyBudgetTest, AnswersThatNobodyReadsAreBounded) {
    const auto huge = request_text("GET", "/huge");
    HttpClient guest{port()};
    guest.send(huge);
    const auto begin = guest.read_some();  // the rest does not fit into the buffers of any socket
    const auto refused = ask(port(), huge);
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(refused.headers.at("retry-after"), "5");
    EXPECT_EQ(refused.body, R"({"detail":"Too many large answers are being read; try again later."})");
    EXPECT_EQ(ask(port(), request_text("GET", "/a")).status, 200) << "a small answer needs nothing of the budget";
    EXPECT_EQ(ask(port(), request_text("POST", "/a", "X-Right: user\r\n", std::string(40'000, 'x'))).status, 200)
        << "users have the other half";
    auto bytes = begin.size();
    while (bytes < 40'000'000) bytes += guest.read_some().size();
    wait_for([&] { return ask(port(), huge).status == 200; });
}

TEST_F(HttpBodyBudgetTest, AClientThatHangsUpGivesItsAnswerBack) {
    const auto huge = request_text("GET", "/huge");
    {
        HttpClient guest{port()};
        guest.send(huge);
        guest.read_some();
    }
    wait_for([&] { return ask(port(), huge).status == 200; });
}

}  // namespace
}  // namespace patchbay
