// SPDX-License-Identifier: Apache-2.0
#include "daemon/deliver/http_callback.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <thread>
#include <tuple>

#include "daemon/store/logs.hpp"
#include "tests/daemon/deliver/receiver.hpp"
#include "tests/daemon/store/temporary_store.hpp"

namespace patchbay {
namespace {

using namespace testing;
using Kind = Attempt::Kind;

class HttpCallbackTest : public ::testing::Test {
protected:
    TemporaryStore lab;
    JobId job = lab.add_job(a_job(lab.add_user("alice")));
    AddressPolicy policy{{"127.0.0.1"}};
    Patience patience{2000ms, 2s, 5s};
    std::stop_source stop;
    CallbackRequest request{"", CallbackMethod::post, ContentType::json, "Authorization", "s3cr3t"};
    Dataset dataset = Dataset::minimal;

    Attempt send(const std::string& url) {
        request.url = url;
        CallbackBody body{lab.reader(), *Jobs{lab.reader()}.find(job), "", dataset, request.content_type};
        return send_callback(request, body, policy, patience, stop.get_token());
    }
    std::string whole_body() {
        CallbackBody body{lab.reader(), *Jobs{lab.reader()}.find(job), "", dataset, request.content_type};
        std::string text;
        for (auto piece = body.next(); !piece.empty(); piece = body.next()) text += piece;
        return text;
    }
};

std::string header(const Request& request, const char* name) {
    const auto* value = request.header(name);
    return value ? *value : "none";
}

TEST_F(HttpCallbackTest, APostCarriesTheBodyItsLengthItsTypeAndTheBareToken) {
    Receiver receiver;
    const auto attempt = send(receiver.url("/hook/4?a=b"));
    EXPECT_EQ(attempt.kind, Kind::sent);
    EXPECT_EQ(attempt.status, 200);
    ASSERT_EQ(receiver.count(), 1u);
    const auto got = receiver.requests()[0];
    EXPECT_EQ(got.method, Method::post);
    EXPECT_EQ(got.path, "/hook/4/");
    EXPECT_EQ(got.query.at(0).second, "b");
    EXPECT_EQ(header(got, "authorization"), "s3cr3t") << "no scheme word";
    EXPECT_EQ(header(got, "content-type"), "application/json");
    EXPECT_EQ(header(got, "content-length"), std::to_string(got.body.size())) << "not chunked";
    EXPECT_EQ(header(got, "expect"), "none");
    EXPECT_EQ(got.body, whole_body());
}

TEST_F(HttpCallbackTest, AFormHasItsType) {
    Receiver receiver;
    request.content_type = ContentType::urlencoded;
    send(receiver.url());
    EXPECT_EQ(header(receiver.requests().at(0), "content-type"), "application/x-www-form-urlencoded");
    EXPECT_EQ(receiver.requests()[0].body, whole_body());
}

TEST_F(HttpCallbackTest, AGetHasNoBodyAndAnOwnHeaderHasItsName) {
    Receiver receiver;
    request.method = CallbackMethod::get;
    request.header = "X-Lava-Peer";
    EXPECT_EQ(send(receiver.url()).kind, Kind::sent);
    const auto got = receiver.requests().at(0);
    EXPECT_EQ(got.method, Method::get);
    EXPECT_EQ(got.body, "");
    EXPECT_EQ(header(got, "content-type"), "none");
    EXPECT_EQ(header(got, "x-lava-peer"), "s3cr3t");
    EXPECT_EQ(header(got, "authorization"), "none");
    request.token.clear();
    send(receiver.url());
    EXPECT_EQ(header(receiver.requests().at(1), "x-lava-peer"), "none");
}

TEST_F(HttpCallbackTest, ALargeLogArrivesWhole) {
    auto append = [this](Database& db) {
        const std::vector<std::string> records(
            20'000, R"({"dt": "x", "lvl": "target", "msg": ")" + std::string(300, 'y') + "\"}");
        Logs{db}.append(job, records);
    };
    lab.write(append);
    dataset = Dataset::all;
    Receiver receiver;
    EXPECT_EQ(send(receiver.url()).kind, Kind::sent);
    EXPECT_EQ(receiver.requests().at(0).body, whole_body());
}

TEST_F(HttpCallbackTest, EachStatusIsTakenForWhatItMeans) {
    for (const auto& [number, kind] : std::vector<std::pair<int, Kind>>{{204, Kind::sent},
                                                                        {500, Kind::again},
                                                                        {503, Kind::again},
                                                                        {429, Kind::again},
                                                                        {408, Kind::again},
                                                                        {400, Kind::hopeless},
                                                                        {401, Kind::hopeless},
                                                                        {404, Kind::hopeless}}) {
        Receiver receiver{[number = number](const Request&, int) { return status(number); }};
        const auto attempt = send(receiver.url());
        EXPECT_EQ(attempt.kind, kind) << number;
        EXPECT_EQ(attempt.status, number);
        EXPECT_EQ(attempt.problem, kind == Kind::sent ? "" : "the receiver answered " + std::to_string(number));
    }
}

TEST_F(HttpCallbackTest, TheTextOfAnAnswerIsToldToNobody) {
    Receiver receiver{[](const Request&, int) {
        auto answer = status(500);
        answer.body = "inner secret";
        answer.headers.emplace_back("Retry-After", "17");
        return answer;
    }};
    const auto attempt = send(receiver.url());
    EXPECT_EQ(attempt.problem.find("inner secret"), std::string::npos);
    EXPECT_EQ(attempt.retry_after, 17s);
}

TEST_F(HttpCallbackTest, NobodyThereIsTriedAgain) {
    std::string url;
    { url = Receiver{}.url(); }
    const auto attempt = send(url);
    EXPECT_EQ(attempt.kind, Kind::again);
    EXPECT_EQ(attempt.status, 0);
    EXPECT_NE(attempt.problem, "");
    EXPECT_EQ(send("http://no-such-host.invalid/").kind, Kind::again) << "a name server may be down";
}

TEST_F(HttpCallbackTest, AReceiverThatSaysNothingIsGivenTheTimeItHas) {
    asio::io_context io;
    asio::ip::tcp::acceptor silent{io, {asio::ip::make_address("127.0.0.1"), 0}};
    patience.stall = 1s;
    const auto begin = std::chrono::steady_clock::now();
    const auto attempt = send("http://127.0.0.1:" + std::to_string(silent.local_endpoint().port()) + "/");
    EXPECT_EQ(attempt.kind, Kind::again);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
}

/// Answers one request with these bytes; then hangs up, or only when nobody listens any more.
enum class Then { hangs_up, waits };
void answer_raw(asio::ip::tcp::acceptor& acceptor, const std::string& bytes, Then then) {
    auto socket = acceptor.accept();
    std::string got;
    asio::read_until(socket, asio::dynamic_buffer(got), "\r\n\r\n");
    asio::write(socket, asio::buffer(bytes));
    boost::system::error_code gone;
    std::array<char, 4096> scratch;
    if (then == Then::hangs_up) socket.shutdown(asio::ip::tcp::socket::shutdown_send, gone);
    while (!gone) socket.read_some(asio::buffer(scratch), gone);
}

TEST_F(HttpCallbackTest, AnAnswerThatBreaksOffBehindItsStatusWasAnAnswer) {
    patience.stall = patience.whole = 1s;
    const std::string broken = "Content-Length: 100\r\n\r\nonly this";
    for (const auto& [answer, then, kind] : std::vector<std::tuple<std::string, Then, Kind>>{
             {"HTTP/1.1 200 OK\r\n" + broken, Then::hangs_up, Kind::sent},
             {"HTTP/1.1 202 Accepted\r\n" + broken, Then::waits, Kind::sent},
             {"HTTP/1.1 500 No\r\n" + broken, Then::hangs_up, Kind::again},
             {"HTTP/1.1 100 Continue\r\n\r\n", Then::hangs_up, Kind::again}}) {
        asio::io_context io;
        asio::ip::tcp::acceptor acceptor{io, {asio::ip::make_address("127.0.0.1"), 0}};
        std::thread receiver{[&, answer = answer, then = then] { answer_raw(acceptor, answer, then); }};
        const auto attempt = send("http://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port()) + "/");
        receiver.join();
        EXPECT_EQ(attempt.kind, kind) << answer << attempt.problem;
        EXPECT_EQ(attempt.problem.empty(), kind == Kind::sent) << attempt.problem;
    }
}

TEST_F(HttpCallbackTest, WhatIsNoUrlIsHopeless) {
    for (const char* url : {"", "nonsense://x/", "file:///etc/passwd", "ftp://127.0.0.1/", "http://", "http://a b/",
                            "gopher://127.0.0.1/", "http://127.0.0.1:99999/"}) {
        const auto attempt = send(url);
        EXPECT_EQ(attempt.kind, Kind::hopeless) << url << ": " << attempt.problem;
    }
}

TEST_F(HttpCallbackTest, InnerAddressesAreNotCalledByNumberOrName) {
    Receiver receiver;
    policy = AddressPolicy{};
    for (const auto& host :
         {"127.0.0.1", "localhost", "2130706433", "0x7f000001", "127.1", "[::ffff:127.0.0.1]", "0"}) {
        const auto attempt = send("http://" + std::string{host} + ":" + std::to_string(receiver.port()) + "/");
        EXPECT_EQ(attempt.kind, Kind::hopeless) << host;
        EXPECT_NE(attempt.problem.find("allowed_url_networks"), std::string::npos) << host << ": " << attempt.problem;
    }
    EXPECT_EQ(receiver.count(), 0u);
}

TEST_F(HttpCallbackTest, ARedirectIsHeldAgainstThePolicyToo) {
    Receiver receiver{[](const Request&, int) {
        auto answer = status(302);
        answer.headers.emplace_back("Location", "http://127.0.0.2:1/inner");
        return answer;
    }};
    const auto attempt = send(receiver.url());
    EXPECT_EQ(attempt.kind, Kind::hopeless);
    EXPECT_EQ(attempt.problem.find("127.0.0.2 is a loopback address"), 0u) << attempt.problem;
}

TEST_F(HttpCallbackTest, ARedirectKeepsMethodAndBodyAndTheTokenStaysWithTheNamedHost) {
    Receiver other;
    for (const int number : {301, 302, 303, 307, 308}) {
        const auto before = other.count();
        Receiver receiver{[&](const Request&, int) {
            auto answer = status(number);
            answer.headers.emplace_back("Location", "http://localhost:" + std::to_string(other.port()) + "/moved");
            return answer;
        }};
        policy = AddressPolicy{{"127.0.0.1", "::1"}};
        EXPECT_EQ(send(receiver.url()).kind, Kind::sent) << number;
        ASSERT_EQ(other.count(), before + 1) << number;
        const auto got = other.requests().back();
        EXPECT_EQ(got.method, Method::post);
        EXPECT_EQ(got.body, whole_body());
        EXPECT_EQ(header(got, "authorization"), "none") << "localhost is not 127.0.0.1";
        EXPECT_EQ(header(receiver.requests().at(0), "authorization"), "s3cr3t");
    }
}

TEST_F(HttpCallbackTest, AnEndlessRedirectEnds) {
    Receiver receiver{[](const Request&, int) {
        auto answer = status(307);
        answer.headers.emplace_back("Location", "/again");
        return answer;
    }};
    EXPECT_EQ(send(receiver.url()).kind, Kind::hopeless);
    EXPECT_EQ(receiver.count(), 6u);
}

TEST_F(HttpCallbackTest, ATokenMakesNoHeaderOfItsOwn) {
    Receiver receiver;
    request.token = "a\r\nX-Evil: 1";
    EXPECT_EQ(send(receiver.url()).kind, Kind::hopeless);
    request.token = "a";
    for (const char* name : {"X Y", "X:Y", "X\r\nY", ""}) {
        request.header = name;
        EXPECT_EQ(send(receiver.url()).kind, Kind::hopeless) << name;
    }
    EXPECT_EQ(receiver.count(), 0u);
}

TEST_F(HttpCallbackTest, TheEndOfTheDaemonIsNoAttempt) {
    asio::io_context io;
    asio::ip::tcp::acceptor silent{io, {asio::ip::make_address("127.0.0.1"), 0}};
    patience.stall = 60s;
    patience.whole = 60s;
    std::optional<asio::ip::tcp::socket> open;
    std::thread ender{[&] {
        open = silent.accept();
        stop.request_stop();
    }};
    const auto begin = std::chrono::steady_clock::now();
    const auto attempt = send("http://127.0.0.1:" + std::to_string(silent.local_endpoint().port()) + "/");
    ender.join();
    EXPECT_EQ(attempt.kind, Kind::stopped);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
}

TEST(KeepsToken, OnlyTheNamedHostAndNeverInTheClear) {
    EXPECT_TRUE(keeps_token("http://a/x", "http://a/y"));
    EXPECT_TRUE(keeps_token("http://a/x", "https://a:8443/y"));
    EXPECT_TRUE(keeps_token("http://a:1/", "http://A:2/"));
    EXPECT_TRUE(keeps_token("https://[::1]:1/", "https://[::1]/"));
    EXPECT_FALSE(keeps_token("https://a/", "http://a/"));
    EXPECT_FALSE(keeps_token("https://a/", "https://b/"));
    EXPECT_FALSE(keeps_token("https://a/", "https://a.b/"));
    EXPECT_FALSE(keeps_token("https://a/", "https://a@b/"));
    EXPECT_FALSE(keeps_token("https://[::1]/", "https://[::2]/"));
}

}  // namespace
}  // namespace patchbay
