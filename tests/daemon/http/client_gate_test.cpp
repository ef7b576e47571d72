// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/client_gate.hpp"

#include <gtest/gtest.h>

#include "daemon/http/http_error.hpp"

namespace patchbay {
namespace {

const Clock::time_point start{1000s};

Request request_of(const std::string& peer, const std::string& token = "") {
    Request request;
    request.peer = peer;
    if (!token.empty()) request.headers.emplace_back("authorization", "Token " + token);
    return request;
}

ClientRates rates(Rate requests, Rate token_requests, Rate failed_logins) {
    ClientRates all;
    all.requests = requests;
    all.token_requests = token_requests;
    all.failed_logins = failed_logins;
    return all;
}

class ClientGateTest : public testing::Test {
protected:
    ClientGate gate{rates({1, 5}, {1, 3}, {0.1, 2})};

    int status(const Request& request, Clock::time_point now = start) {
        const auto refused = gate.refusal(request, now);
        return refused ? refused->status : 200;
    }
    void fail(const Request& request) {
        ASSERT_EQ(status(request), 200);
        Response response;
        response.login_failed = true;
        gate.answered(request, response, start);
    }
    void succeed(const Request& request) {
        ASSERT_EQ(status(request), 200);
        Response response;
        response.authenticated = true;
        gate.answered(request, response, start);
    }
};

TEST_F(ClientGateTest, OneAddressMayAskOnlySoOften) {
    for (int i = 0; i < 5; ++i) EXPECT_EQ(status(request_of("192.0.2.1")), 200);
    const auto refused = gate.refusal(request_of("192.0.2.1"), start);
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->status, 429);
    EXPECT_EQ(refused->body, R"({"detail":"Request was throttled. Expected available in 1 seconds."})");
    EXPECT_EQ(refused->headers.back(), (std::pair<std::string, std::string>{"Retry-After", "1"}));
    EXPECT_EQ(status(request_of("192.0.2.2")), 200) << "others are not concerned";
    EXPECT_EQ(status(request_of("192.0.2.1"), start + 1s), 200);
}

TEST_F(ClientGateTest, ANetworkOfIpv6IsOneClient) {
    for (int i = 0; i < 5; ++i) EXPECT_EQ(status(request_of("2001:db8::" + std::to_string(i))), 200);
    EXPECT_EQ(status(request_of("2001:db8::ffff")), 429);
    EXPECT_EQ(status(request_of("2001:db8:0:1::1")), 200);
}

TEST_F(ClientGateTest, OneTokenMayBeUsedOnlySoOftenFromWhereverItComes) {
    for (int i = 0; i < 3; ++i) EXPECT_EQ(status(request_of("192.0.2." + std::to_string(i), "ci")), 200);
    EXPECT_EQ(status(request_of("192.0.2.9", "ci")), 429);
    EXPECT_EQ(status(request_of("192.0.2.9", "other")), 200);
    EXPECT_EQ(status(request_of("192.0.2.9")), 200);
}

TEST_F(ClientGateTest, WrongTokensOfWorkersCountAsWell) {
    const auto of_worker = [](const std::string& token) {
        Request request;
        request.peer = "192.0.2.1";
        request.headers.emplace_back("lava-token", token);
        return request;
    };
    fail(of_worker("a"));
    fail(of_worker("b"));
    EXPECT_EQ(status(of_worker("c")), 429);
    EXPECT_EQ(status(request_of("192.0.2.1", "d")), 429) << "nor those of users";
}

TEST_F(ClientGateTest, AfterWrongTokensAnAddressTriesNoOthers) {
    fail(request_of("192.0.2.1", "a"));
    fail(request_of("192.0.2.1", "b"));
    const auto refused = gate.refusal(request_of("192.0.2.1", "c"), start);
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->headers.back().second, "10");
    EXPECT_EQ(status(request_of("192.0.2.1")), 200) << "who says no token reads on";
    EXPECT_EQ(status(request_of("192.0.2.2", "c")), 200);
    EXPECT_EQ(status(request_of("192.0.2.1", "c"), start + 10s), 200);
}

TEST_F(ClientGateTest, AfterWrongPasswordsAnAddressTriesNoOthers) {
    auto request = request_of("192.0.2.1");
    request.method = Method::post;
    request.path = "/api/v0.2/token/";
    succeed(request_of("192.0.2.1", "right"));
    for (int i = 0; i < 2; ++i) fail(request);
    EXPECT_EQ(status(request), 429);
    request.headers.emplace_back("authorization", "Token right");
    EXPECT_EQ(status(request), 429) << "a token makes no password right";
    EXPECT_EQ(status(request_of("192.0.2.1", "right"), start + 1s), 200) << "its neighbours go on";
    EXPECT_EQ(status(request_of("192.0.2.1"), start + 2s), 200) << "and nobody in particular";
    request.peer = "192.0.2.2";
    EXPECT_EQ(status(request), 200);
}

TEST_F(ClientGateTest, WhoRegistersAWorkerGuessesNoTokens) {
    auto request = request_of("192.0.2.1");
    request.method = Method::post;
    request.path = "/scheduler/internal/v1/workers/";
    for (int i = 0; i < 2; ++i) fail(request);
    EXPECT_EQ(status(request), 429);
}

TEST_F(ClientGateTest, ATokenThatWasRightIsNotLockedOutByItsNeighbours) {
    succeed(request_of("192.0.2.1", "right"));
    fail(request_of("192.0.2.1", "a"));
    fail(request_of("192.0.2.1", "b"));
    EXPECT_EQ(status(request_of("192.0.2.1", "right")), 200);
    EXPECT_EQ(status(request_of("192.0.2.1", "c")), 429);
}

TEST_F(ClientGateTest, AnAnswerThatAskedNobodyMakesNoTokenRight) {
    for (const auto* guess : {"c", "d"}) gate.answered(request_of("192.0.2.1", guess), {}, start);
    fail(request_of("192.0.2.1", "a"));
    fail(request_of("192.0.2.1", "b"));
    for (const auto* guess : {"c", "d"}) EXPECT_EQ(status(request_of("192.0.2.1", guess)), 429);
}

TEST_F(ClientGateTest, ARefusedLargeBodyIsAFailedLogin) {
    const auto status_before_login = [this](const Request& request) {
        try {
            gate.before_login(request, start);
            return 200;
        } catch (const HttpError& error) {
            EXPECT_EQ(error.retry_after, 10s);
            return error.status;
        }
    };
    succeed(request_of("192.0.2.1", "right"));
    for (int i = 0; i < 9; ++i) gate.login_failed(request_of("192.0.2.1"), start);
    EXPECT_EQ(status_before_login(request_of("192.0.2.1", "a")), 200) << "who says no token has guessed none";
    for (const auto* guess : {"a", "b"}) gate.login_failed(request_of("192.0.2.1", guess), start);
    EXPECT_EQ(status_before_login(request_of("192.0.2.1", "c")), 429);
    EXPECT_EQ(status_before_login(request_of("192.0.2.1", "right")), 200);
    EXPECT_EQ(status_before_login(request_of("192.0.2.2", "c")), 200);
    EXPECT_EQ(status(request_of("192.0.2.1", "c")), 429);
}

TEST_F(ClientGateTest, ClientsOfThisMachineAreNotLimited) {
    for (const auto* peer : {"127.0.0.1", "::1", "unix"}) {
        for (int i = 0; i < 100; ++i) EXPECT_EQ(status(request_of(peer, "ci")), 200);
    }
}

TEST(ClientRatesTest, AThousandJobsPolledEachSecondAreNotTooMany) {
    ClientGate gate{ClientRates{}};
    const auto poll = request_of("192.0.2.1", "kernelci");
    for (int second = 0; second < 60; ++second) {
        for (int job = 0; job < 1000; ++job) ASSERT_FALSE(gate.refusal(poll, start + std::chrono::seconds{second}));
    }
}

}  // namespace
}  // namespace patchbay
