// SPDX-License-Identifier: Apache-2.0
#include "tests/daemon/http/server_fixture.hpp"

namespace patchbay {
namespace {

TEST_F(HttpServerTest, AnswersWithStatusTypeLengthAndBody) {
    const auto answer = ask(port(), request_text("GET", "/echo?x=1"));
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.headers.at("content-type"), "application/json");
    EXPECT_EQ(answer.headers.at("connection"), "close");
    EXPECT_EQ(answer.body, "GET /echo/");
    EXPECT_EQ(answer.headers.at("content-length"), std::to_string(answer.body.size()));
}

TEST_F(HttpServerTest, OneConnectionServesManyRequestsAlsoWhenSentAtOnce) {
    HttpClient client{port()};
    const std::string one = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";
    for (int i = 0; i < 3; ++i) {
        client.send(one);
        EXPECT_EQ(client.read().body, "GET /a/");
    }
    client.send(one + "POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nxyz" + one);
    EXPECT_EQ(client.read().body, "GET /a/");
    EXPECT_EQ(client.read().body, "POST /b/xyz");
    EXPECT_EQ(client.read().body, "GET /a/");
}

TEST_F(HttpServerTest, Http10ClosesUnlessAskedToStay) {
    HttpClient client{port()};
    client.send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_EQ(client.read().headers.at("connection"), "keep-alive");
    client.send("GET /a HTTP/1.0\r\n\r\n");
    const auto last = client.read();
    EXPECT_EQ(last.version, "HTTP/1.0");
    EXPECT_EQ(last.headers.at("connection"), "close");
    EXPECT_TRUE(client.at_end());
}

TEST_F(HttpServerTest, HeadHasTheHeadersOfGetAndNoBody) {
    HttpClient client{port()};
    client.send("HEAD /a HTTP/1.1\r\nHost: x\r\n\r\nGET /a HTTP/1.1\r\nHost: x\r\n\r\n");
    const auto head = client.read(true);
    EXPECT_EQ(head.headers.at("content-length"), "8");  // "HEAD /a/"
    EXPECT_EQ(client.read().body, "GET /a/");
}

TEST_F(HttpServerTest, TellsAWaitingClientToGoOn) {
    HttpClient client{port()};
    client.send("POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(client.read().status, 100);
    client.send("xyz");
    EXPECT_EQ(client.read().body, "POST /b/xyz");
}

TEST_F(HttpServerTest, MalformedRequestsGetAJsonAnswerAndAreHungUpOn) {
    HttpClient client{port()};
    client.send("nonsense\r\n\r\n");
    const auto answer = client.read();
    EXPECT_EQ(answer.status, 400);
    EXPECT_TRUE(answer.body.starts_with("{\"detail\":\"")) << answer.body;
    EXPECT_TRUE(client.at_end());
}

TEST_F(HttpServerTest, AnExceptionOfAHandlerIsABare500) {
    HttpClient client{port()};
    client.send("GET /throw HTTP/1.1\r\nHost: x\r\n\r\nGET /a HTTP/1.1\r\nHost: x\r\n\r\n");
    const auto answer = client.read();
    EXPECT_EQ(answer.status, 500);
    EXPECT_EQ(answer.body.find("secret"), std::string::npos);
    EXPECT_EQ(client.read().status, 200);
}

TEST_F(HttpServerTest, AHandlerCompletesAlthoughItsClientHungUp) {
    {
        HttpClient client{port()};
        client.send("POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
        wait_for([&] { return slow_started.load() == 1; });
    }
    release_slow();
    wait_for([&] { return slow_ended.load() == 1; });
}

TEST_F(HttpServerTest, HeadersCannotBeSplitByTheirValues) {
    const auto answer = ask(port(), request_text("GET", "/header?v=a%0D%0AEvil:%20yes"));
    EXPECT_EQ(answer.status, 200);
    EXPECT_FALSE(answer.headers.contains("evil"));
}

TEST_F(HttpServerTest, ServesAUnixSocket) {
    const auto path = "/tmp/patchbay-http-test-" + std::to_string(::getpid()) + ".sock";
    on_io([&] { server().listen(std::filesystem::path{path}); });
    HttpClient client{path};
    client.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(client.read().body, "GET /a/");
}

TEST_F(HttpServerTest, AnAddressInUseIsNamed) {
    on_io([&] {
        try {
            server().listen("127.0.0.1", port());
            ADD_FAILURE();
        } catch (const ConfigurationError& error) {
            EXPECT_NE(std::string{error.what()}.find("127.0.0.1:" + std::to_string(port())), std::string::npos);
        }
    });
}

TEST_F(HttpServerTest, LargeAnswersArriveWhole) {
    const auto answer = ask(port(), request_text("GET", "/large"));
    EXPECT_TRUE(answer.complete);
    EXPECT_EQ(answer.body.size(), 5'000'000u);
}

TEST_F(HttpServerTest, StoppingLetsAnAnswerUnderWayEnd) {
    HttpClient busy{port()};
    HttpClient idle{port()};
    idle.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
    idle.read();
    busy.send("POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
    wait_for([&] { return slow_started.load() == 1; });
    auto stopped = stop_server();
    EXPECT_TRUE(idle.at_end());
    release_slow();
    const auto answer = busy.read();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.headers.at("connection"), "close");
    stopped.get();
    EXPECT_EQ(server().connections(), 0u);
    EXPECT_THROW(HttpClient{port()}, std::runtime_error);
}

}  // namespace
}  // namespace patchbay
