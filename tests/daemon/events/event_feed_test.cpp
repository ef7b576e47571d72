// SPDX-License-Identifier: Apache-2.0
// Who hears of what, and what becomes of those who are too slow.
#include "daemon/events/event_feed.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/config/base64.hpp"
#include "daemon/events/event_socket.hpp"
#include "daemon/store/enrolment.hpp"
#include "daemon/store/workers.hpp"
#include "tests/daemon/api/api_lab.hpp"
#include "tests/daemon/store/lab_of_groups.hpp"

namespace patchbay {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class EventFeedTest : public ::testing::Test {
protected:
    ApiLab lab;
    EventSettings settings;
    EventFeed feed{lab.lab.io.get_executor(), *lab.lab.store, settings};
    UserId alice = lab.add_user("alice"), bob = lab.add_user("bob"), root = lab.add_user("root", true);

    EventFeedTest() {
        lab.lab.add_devices({a_device("board")});
        lab.lab.write([](Database& db) { Workers{db}.configure("bench"); });
        lab.lab.store->on_changes([this](const std::vector<Change>& changes) { feed.tell(changes); });
    }

    Request login(const std::string& who) {
        Request request;
        request.peer = "192.0.2.1";
        if (!who.empty()) {
            const auto pair = config::encode_base64(who + ":" + lab.token(who));
            request.headers.emplace_back("authorization", "Basic " + pair);
        }
        return request;
    }
    std::shared_ptr<Listener> listen(const std::string& who) { return feed.listen(login(who)); }
    std::string enrolled(std::string worker) {
        auto write = [worker](Database& db) { return enrol(db, worker, Enrolment::anew).token; };
        return lab.lab.write(std::move(write));
    }
    std::shared_ptr<Listener> listen_as_worker(const std::string& name, const std::string& token) {
        Request request;
        request.peer = "192.0.2.1";
        request.headers = {{"lava-host", name}, {"lava-token", token}};
        return feed.listen(std::move(request));
    }
    /// "testjob 1 Submitted" for each that waits.
    std::vector<std::string> heard(Listener& listener) {
        std::vector<std::string> all;
        while (listener.waiting() > 0) {
            const auto list = config::parse_json(*run(lab.lab.io, listener.next()));
            const auto topic = *list.as_list()->at(0).as_string();
            const auto data = config::parse_json(*list.as_list()->at(4).as_string());
            auto text = topic.substr(topic.rfind('.') + 1);
            for (const auto* key : {"job", "device", "state", "message"})
                if (const auto* value = data.find(key))
                    text += " " + (value->as_string() ? *value->as_string() : std::to_string(*value->as_int()));
            all.push_back(text);
        }
        return all;
    }
    JobId add_job(UserId submitter, Visibility visibility) {
        auto job = a_job(submitter);
        job.visibility = visibility;
        return lab.lab.add_job(job);
    }
};

TEST_F(EventFeedTest, EverybodyHearsWhatIsPublicInTheOrderOfItsCommits) {
    const auto anyone = listen("");
    const auto job = add_job(alice, Visibility::everyone);
    lab.schedule(job, "board");
    lab.start(job);
    lab.finish(job, JobHealth::complete);
    EXPECT_THAT(heard(*anyone), ElementsAre("testjob 1 Submitted", "testjob 1 board Scheduled", "device board Reserved",
                                            "device 1 board Running", "testjob 1 board Running",
                                            "testjob 1 board Finished", "device 1 board Idle"));
}

TEST_F(EventFeedTest, AnEventIsHeardByThoseWhoMaySeeIt) {
    const auto anyone = listen(""), of_alice = listen("alice"), of_bob = listen("bob"), of_root = listen("root");
    const auto job = add_job(alice, Visibility::personal);
    lab.lab.write([job](Database& db) { note_message(db, job, "secret"); });
    EXPECT_THAT(heard(*anyone), ElementsAre());
    EXPECT_THAT(heard(*of_bob), ElementsAre());
    EXPECT_THAT(heard(*of_alice), ElementsAre("testjob 1 Submitted", "event 1 secret"));
    EXPECT_THAT(heard(*of_root), ElementsAre("testjob 1 Submitted", "event 1 secret"));
}

TEST_F(EventFeedTest, DevicesAndTheirJobsAreForThoseWhoSeeThem) {
    const auto guests = add_group(lab.lab, "guests", {bob});
    const auto own = add_group(lab.lab, "lab", {alice, bob});
    grant(lab.lab, Restrictable::device, "board", Permission::view, guests);
    const auto anyone = listen(""), of_alice = listen("alice"), of_bob = listen("bob");
    auto job = a_job(alice);
    job.visibility = Visibility::groups;
    job.viewing_groups = {own};
    lab.lab.add_job(job);
    EXPECT_THAT(heard(*anyone), ElementsAre());
    EXPECT_THAT(heard(*of_alice), ElementsAre("testjob 1 Submitted"));
    EXPECT_THAT(heard(*of_bob), ElementsAre("testjob 1 Submitted"));
    const auto open = add_job(root, Visibility::everyone);
    lab.schedule(open, "board");
    EXPECT_THAT(heard(*anyone), ElementsAre("testjob 2 Submitted")) << "what it runs on nobody else knows";
    EXPECT_THAT(heard(*of_bob),
                ElementsAre("testjob 2 Submitted", "testjob 2 board Scheduled", "device board Reserved"));
}

TEST_F(EventFeedTest, AWorkerHearsOfTheJobsOfItsDevicesWhoeverMaySeeThem) {
    auto far = a_device("far");
    far.worker_host = "rack";
    lab.lab.add_devices({far});
    const auto of_rack = listen_as_worker("rack", enrolled("rack")),
               of_moon = listen_as_worker("moon", enrolled("moon"));
    const auto job = add_job(alice, Visibility::personal), other = add_job(alice, Visibility::everyone);
    lab.schedule(other, "board");
    lab.schedule(job, "far");
    lab.start(job);
    lab.finish(job, JobHealth::complete);
    EXPECT_THAT(heard(*of_rack),
                ElementsAre("testjob 1 far Scheduled", "testjob 1 far Running", "testjob 1 far Finished"));
    EXPECT_THAT(heard(*of_moon), ElementsAre());
    enrolled("rack");
    add_job(alice, Visibility::everyone);
    ASSERT_TRUE(of_rack->ended()) << "it has another token now";
    EXPECT_EQ(of_rack->ended()->reason, "the token is not valid any more");
}

TEST_F(EventFeedTest, WhoMayListenIsAskedAgainAtEachEvent) {
    const auto of_alice = listen("alice"), of_root = listen("root");
    add_job(alice, Visibility::personal);
    EXPECT_EQ(heard(*of_alice).size(), 1U);
    EXPECT_EQ(heard(*of_root).size(), 1U);
    lab.lab.write([](Database& db) {
        db.change("UPDATE user_account SET superuser = 0 WHERE name = 'root'");
        Users{db}.set_active("alice", false);
    });
    add_job(alice, Visibility::personal);
    EXPECT_EQ(heard(*of_root).size(), 0U);
    ASSERT_TRUE(of_alice->ended());
    EXPECT_EQ(of_alice->ended()->reason, "the token is not valid any more");
    EXPECT_FALSE(run(lab.lab.io, of_alice->next()));
}

TEST_F(EventFeedTest, WhoIsTooSlowIsCutOffHoldsNothingAndTheOthersGoOn) {
    const auto slow = listen(""), quick = listen("");
    const auto job = add_job(alice, Visibility::everyone);
    heard(*quick);
    for (std::size_t i = 1; i <= Listener::most_texts; ++i) {
        lab.lab.write([job](Database& db) { note_message(db, job, "x"); });
        EXPECT_EQ(heard(*quick).size(), 1U);
    }
    ASSERT_TRUE(slow->ended());
    EXPECT_EQ(slow->ended()->code, 1008);
    EXPECT_THAT(slow->ended()->reason, HasSubstr("too slow"));
    EXPECT_EQ(slow->waiting(), 0U);
    EXPECT_FALSE(run(lab.lab.io, slow->next()));
    EXPECT_EQ(feed.counters().too_slow, 1);
    EXPECT_FALSE(quick->ended());
}

TEST_F(EventFeedTest, FewLargeEventsAreTooManyAsWell) {
    const auto slow = listen("");
    const auto job = add_job(alice, Visibility::everyone);
    for (int i = 0; i < 300; ++i) lab.lab.write([job](Database& db) { note_message(db, job, std::string(4096, 'x')); });
    ASSERT_TRUE(slow->ended());
}

TEST_F(EventFeedTest, ListenersAreCountedForEachClientAndForAll) {
    settings.listeners = 5;
    settings.listeners_per_client = 2;
    auto first = listen("");
    const auto second = listen("alice");
    EXPECT_FALSE(listen("")) << "the third of one address";
    first.reset();
    EXPECT_TRUE(listen("")) << "one has gone";
    std::vector<std::shared_ptr<Listener>> others;
    for (const auto* peer : {"192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.5", "192.0.2.6"}) {
        auto request = login("");
        request.peer = peer;
        others.push_back(feed.listen(request));
    }
    EXPECT_TRUE(others[3]);
    EXPECT_FALSE(others[4]) << "the sixth of all";
    EXPECT_EQ(feed.counters().listeners, 5U);
}

TEST_F(EventFeedTest, WithoutListenersNothingIsMade) {
    add_job(alice, Visibility::everyone);
    EXPECT_EQ(feed.counters().events, 0);
    listen("");
    add_job(alice, Visibility::everyone);
    EXPECT_EQ(feed.counters().events, 0) << "it had gone";
}

TEST_F(EventFeedTest, ZmqGetsWhatIsPublicUnlessItGetsEverything) {
    std::vector<std::string> heard;
    const auto hear = [&](const Event& event) { heard.push_back(event.data); };
    feed.also_tell(EventFeed::Hears::what_is_public, hear);
    add_job(alice, Visibility::everyone);
    add_job(alice, Visibility::personal);
    EXPECT_THAT(heard, ElementsAre(HasSubstr("\"job\": 1,")));
    feed.also_tell(EventFeed::Hears::everything, hear);
    add_job(alice, Visibility::personal);
    EXPECT_EQ(heard.size(), 2U);
}

/// What a client of a WebSocket would get.
class Recorder final : public WebSocket {
public:
    Task<> send(std::string text) override {
        sent.push_back(std::move(text));
        co_return;
    }
    Task<> close(int code, std::string reason) override {
        closed = std::to_string(code) + " " + reason;
        co_return;
    }
    std::vector<std::string> sent;
    std::string closed;
};

class EventSocketTest : public EventFeedTest {
protected:
    Response ask(std::vector<std::pair<std::string, std::string>> headers, std::string path = "/ws/") {
        Request request;
        request.path = std::move(path);
        request.peer = "192.0.2.1";
        request.base_url = "http://lab.example";
        request.headers = std::move(headers);
        request.headers.emplace_back("upgrade", "WebSocket");
        return run(lab.lab.io, answer_event_socket(request, feed, lab.lab.reader(), 7));
    }
    /// What is sent after the upgrade, and how it closes.
    std::string refusal(std::string header, std::string value) {
        const auto response = ask({{std::move(header), std::move(value)}});
        if (!response.websocket || feed.counters().listeners > 0) return "listens";
        Recorder socket;
        run(lab.lab.io, response.websocket(socket));
        return socket.sent.at(0) + " " + socket.closed + (response.login_failed ? " failed" : "");
    }
    std::string basic(const std::string& pair) { return "Basic " + config::encode_base64(pair); }
};

TEST_F(EventSocketTest, WrongLoginsAreToldAfterTheUpgradeInLavasWords) {
    EXPECT_EQ(refusal("authorization", "Bearer x"),
              R"({"error": "Only Basic authentication is supported"} 1008 Only Basic authentication is supported)");
    EXPECT_EQ(refusal("authorization", "Basic %%%"),
              R"({"error": "Invalid basic authentication"} 1008 Invalid basic authentication)");
    EXPECT_EQ(refusal("authorization", basic("alice")),
              R"({"error": "Invalid basic authentication"} 1008 Invalid basic authentication)");
    EXPECT_EQ(refusal("authorization", basic("alice:wrong")), R"({"error": "Unknown user"} 1008 Unknown user failed)");
    EXPECT_EQ(refusal("authorization", basic("bob:" + lab.token("alice"))),
              R"({"error": "Unknown user"} 1008 Unknown user failed)");
    EXPECT_EQ(refusal("authorization", "Token wrong"), R"({"error": "Unknown user"} 1008 Unknown user failed)");
    EXPECT_EQ(refusal("lava-host", "worker-1"), R"({"error": "Unknown worker"} 1008 Unknown worker)");
    const auto token = enrolled("rack");
    EXPECT_EQ(refusal("lava-host", "rack"), R"({"error": "Invalid worker token"} 1008 Invalid worker token failed)");
    EXPECT_EQ(refusal("lava-host", "bench"), R"({"error": "Unknown worker"} 1008 Unknown worker)")
        << "this machine needs no token, so it has none that could be right";
    EXPECT_TRUE(ask({{"lava-host", "rack"}, {"lava-token", token}}).websocket);
}

TEST_F(EventSocketTest, UserAndTokenOrATokenOrNothingListens) {
    for (const auto& value : {basic("alice:" + lab.token("alice")), "Token " + lab.token("alice")}) {
        const auto response = ask({{"authorization", value}});
        EXPECT_TRUE(response.websocket);
        EXPECT_EQ(feed.counters().listeners, 1U);
    }
    const auto response = ask({});
    EXPECT_EQ(feed.counters().listeners, 1U);
}

TEST_F(EventSocketTest, APageOfAnotherSiteDoesNotListen) {
    EXPECT_EQ(ask({{"origin", "http://evil.example"}}).status, 403);
    EXPECT_EQ(ask({{"sec-fetch-site", "cross-site"}}).status, 403);
    EXPECT_FALSE(ask({{"origin", "http://evil.example"}}).websocket);
    EXPECT_TRUE(ask({{"origin", "http://lab.example"}}).websocket);
}

TEST_F(EventSocketTest, TooManyAreToldSoBeforeTheUpgrade) {
    settings.listeners_per_client = 0;
    const auto response = ask({});
    EXPECT_EQ(response.status, 503);
    EXPECT_FALSE(response.websocket);
}

TEST_F(EventSocketTest, WhatIsNoWebSocketIsTold) {
    Request plain;
    plain.path = "/ws/";
    const auto response = run(lab.lab.io, answer_event_socket(plain, feed, lab.lab.reader(), 0));
    EXPECT_EQ(response.status, 400);
    EXPECT_EQ(ask({}, "/ws/other/").status, 404);
    EXPECT_EQ(ask({}, "/ws/v1/healthz/").body,
              R"({"health": "good", "listeners": 0, "events": 0, "too_slow": 0, "zmq_dropped": 7})");
}

}  // namespace
}  // namespace patchbay
