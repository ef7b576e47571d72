// SPDX-License-Identifier: Apache-2.0
// What only shows on a socket: a live stream beside other requests, and followers that go.
#include "tests/daemon/api/served_lab.hpp"

namespace patchbay {
namespace {

using namespace testing;

class ServedTest : public ServedApiTest {
protected:
    JobId queued = submit();
    std::string target(const std::string& rest) { return url(queued, rest); }
    std::string alice_sends() { return lab.authorization("alice"); }
};

TEST_F(ServedTest, AFollowerSeesTheCancelOfAnotherClientAndThenTheEnd) {
    HttpClient follower{port};
    follower.send(request_text("GET", target("events/")));
    const auto head = follower.read_until("\r\n\r\n");
    EXPECT_THAT(head, HasSubstr("HTTP/1.1 200 OK"));
    EXPECT_THAT(head, HasSubstr("Content-Type: text/event-stream"));
    EXPECT_THAT(follower.read_until("\"Unknown\"}\n\n"),
                HasSubstr(R"(data: {"state":"Submitted","health":"Unknown"})"));
    EXPECT_EQ(ask(port, request_text("POST", target("cancel"), alice_sends())).status, 200);
    EXPECT_THAT(follower.read_until("0\r\n\r\n"), HasSubstr(R"(data: {"state":"Finished","health":"Canceled"})"));
    EXPECT_TRUE(follower.at_end());
}

TEST_F(ServedTest, FollowersThatGoAreForgotten) {
    for (int i = 0; i < 50; ++i) {
        HttpClient follower{port};
        follower.send(request_text("GET", target("events/")));
        EXPECT_THAT(follower.read_until("Submitted"), HasSubstr("Submitted"));
    }
    serves_on();
    EXPECT_EQ(ask(port, request_text("GET", target("cancel/"), alice_sends())).status, 200);
    EXPECT_EQ(ask(port, request_text("GET", target("events/"))).status, 200);
}

TEST_F(ServedTest, ABrokenStoreIsTheLabsTroubleAndNotTheClients) {
    auto broken = [](Database& db) { db.execute("ALTER TABLE test_case RENAME TO gone"); };
    asio::co_spawn(lab.lab.io, lab.lab.store->write(std::move(broken)), asio::use_future).get();
    const auto answer = ask(port, request_text("GET", target("tests/")));
    EXPECT_EQ(answer.status, 503) << "clients try again";
    EXPECT_EQ(answer.body, R"({"detail":"The lab cannot store or read its data at the moment."})");
    serves_on();
}

}  // namespace
}  // namespace patchbay
