// SPDX-License-Identifier: Apache-2.0
#include "daemon/deliver/deliverer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <future>
#include <set>

#include "daemon/deliver/round.hpp"
#include "daemon/notify/announce.hpp"
#include "daemon/store/remote_tokens.hpp"
#include "daemon/store/results.hpp"
#include "tests/daemon/deliver/receiver.hpp"
#include "tests/daemon/store/temporary_store.hpp"
#include "tests/support/until.hpp"

namespace patchbay {
namespace {

using namespace testing;

class DelivererTest : public ::testing::Test {
protected:
    struct Parts {
        explicit Parts(DelivererTest& test)
            : deliverer{test.lab.io.get_executor(), *test.lab.store, test.settings}, group{test.lab.io.get_executor()} {
            group.spawn("deliverer", deliverer.run());
        }
        Deliverer deliverer;
        TaskGroup group;
    };

    TemporaryStore lab;
    UserId alice = lab.add_user("alice"), submitter = alice;
    DeliverySettings settings = [] {
        NotificationSettings notifications;
        notifications.first_retry = notifications.longest_retry = 1s;
        return DeliverySettings{notifications, AddressPolicy{{"127.0.0.1"}}, {}};
    }();
    std::unique_ptr<Parts> parts;

    void start() { parts = std::make_unique<Parts>(*this); }
    void stop() {
        parts->group.cancel();
        run(lab.io, parts->group.join());
        run(lab.io, parts->deliverer.stop());
        parts.reset();
    }
    void TearDown() override {
        if (parts) stop();
    }

    JobId add_job(const std::string& callbacks, const std::string& status = "finished") {
        auto job = a_job(submitter);
        job.definition =
            "job_name: smoke\nnotify:\n  criteria: {status: " + status + "}\n  callbacks: " + callbacks + "\n";
        return lab.add_job(job);
    }
    void start_job(JobId id) {
        auto change = [id](Database& db) {
            Jobs{db}.schedule(id, "qemu-01");
            Jobs{db}.start(id, wall_now());
            announce(db, id, wall_now());
        };
        lab.write(std::move(change));
        if (parts) parts->deliverer.wake();
    }
    void finish(JobId id) {
        auto change = [id](Database& db) {
            Jobs{db}.finish(id, JobHealth::complete, wall_now());
            announce(db, id, wall_now());
        };
        lab.write(std::move(change));
        if (parts) parts->deliverer.wake();
    }
    JobId finished(const std::string& callbacks) {
        const auto id = add_job(callbacks);
        finish(id);
        return id;
    }
    NotificationRow row(JobId job, std::size_t index = 0) { return Outbox{lab.reader()}.of_job(job).at(index); }
    template <class Condition>
    void until(Condition condition) {
        testing::until(lab.io, std::move(condition));
    }
    void until_phase(JobId job, NotificationPhase phase, std::size_t index = 0) {
        until([&] { return row(job, index).phase == phase; });
    }
    static std::string post(const Receiver& receiver, const std::string& more = "") {
        return "[{url: '" + receiver.url("/{ID}") + "', method: POST, content-type: json" + more + "}]";
    }
};

TEST_F(DelivererTest, WhatComesIntoTheOutboxIsSentAndNoted) {
    start();
    Receiver receiver;
    const auto job = finished(post(receiver));
    until_phase(job, NotificationPhase::sent);
    EXPECT_EQ(row(job).status, 200);
    EXPECT_EQ(row(job).attempts, 1);
    EXPECT_EQ(row(job).problem, "");
    EXPECT_EQ(receiver.count(), 1u);
    EXPECT_EQ(receiver.requests()[0].path, "/1/");
    EXPECT_EQ(parts->deliverer.size(), 0u);
}

TEST_F(DelivererTest, WhatFailsIsTriedUntilItIsTaken) {
    start();
    Receiver receiver{[](const Request&, int number) { return status(number < 3 ? 503 : 202); }};
    const auto job = finished(post(receiver));
    until([&] { return row(job).attempts == 1; });
    EXPECT_EQ(row(job).phase, NotificationPhase::waiting);
    EXPECT_EQ(row(job).problem, "the receiver answered 503");
    EXPECT_GT(row(job).due, *row(job).last_attempt);
    until_phase(job, NotificationPhase::sent);
    EXPECT_EQ(row(job).attempts, 3);
    EXPECT_EQ(receiver.count(), 3u);
    const auto all = receiver.requests();
    EXPECT_EQ(all[0].body, all[2].body);
}

TEST_F(DelivererTest, WhatIsRefusedIsGivenUpAndCanBeTriedAgain) {
    start();
    std::atomic<int> answer = 404;
    Receiver receiver{[&](const Request&, int) { return status(answer); }};
    const auto job = finished(post(receiver));
    until_phase(job, NotificationPhase::given_up);
    EXPECT_EQ(receiver.count(), 1u);
    answer = 200;
    auto retry = [job](Database& db) { return Outbox{db}.retry_job(job, wall_now()); };
    EXPECT_EQ(lab.write(retry), 1);
    parts->deliverer.wake();
    until_phase(job, NotificationPhase::sent);
}

TEST_F(DelivererTest, WhatFailsForTooLongIsGivenUp) {
    settings.notifications.give_up_after = settings.notifications.first_retry = 0s;
    start();
    Receiver receiver{[](const Request&, int) { return status(500); }};
    const auto job = finished(post(receiver));
    until_phase(job, NotificationPhase::given_up);
    EXPECT_NE(row(job).problem.find("given up after 0 seconds"), std::string::npos) << row(job).problem;
    EXPECT_EQ(receiver.count(), 10u);
}

TEST_F(DelivererTest, TheStatesOfOneJobArriveInOrder) {
    std::atomic<bool> open = false;
    Receiver receiver{[&](const Request&, int) { return status(open ? 200 : 503); }};
    start();
    const auto job = add_job(post(receiver), "all");
    start_job(job);
    until([&] { return row(job).attempts == 1; });
    finish(job);
    until([&] { return row(job).attempts == 2; });
    EXPECT_EQ(row(job, 1).attempts, 0) << "Finished waits for Running";
    open = true;
    until_phase(job, NotificationPhase::sent, 1);
    const auto all = receiver.requests();
    EXPECT_NE(all[all.size() - 2].body.find("\"state_string\":\"Running\""), std::string::npos);
    EXPECT_NE(all.back().body.find("\"state_string\":\"Finished\""), std::string::npos);
}

TEST_F(DelivererTest, ADaemonThatStartsSendsWhatAnEarlierOneLeft) {
    Receiver receiver;
    const auto job = finished(post(receiver));
    EXPECT_EQ(receiver.count(), 0u);
    start();
    until_phase(job, NotificationPhase::sent);
}

TEST_F(DelivererTest, AStopBreaksOffAndTheNextDaemonSendsItAgain) {
    std::promise<void> gate;
    const auto open = gate.get_future().share();
    Receiver receiver{[&](const Request&, int) {
        open.wait_for(30s);
        return status(200);
    }};
    start();
    const auto job = finished(post(receiver));
    until([&] { return receiver.count() == 1; });
    const auto begin = std::chrono::steady_clock::now();
    stop();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
    EXPECT_EQ(row(job).phase, NotificationPhase::waiting);
    EXPECT_EQ(row(job).attempts, 0);
    gate.set_value();
    start();
    until_phase(job, NotificationPhase::sent);
    EXPECT_EQ(receiver.count(), 2u) << "at least once";
}

TEST_F(DelivererTest, AReceiverThatIsDownHoldsUpNoOther) {
    start();
    asio::io_context io;
    asio::ip::tcp::acceptor silent{io, {asio::ip::make_address("127.0.0.1"), 0}};
    const auto url = "http://127.0.0.1:" + std::to_string(silent.local_endpoint().port()) + "/";
    std::vector<JobId> stuck;
    for (int i = 0; i < 40; ++i) stuck.push_back(finished("[{url: '" + url + "'}]"));
    until([&] { return parts->deliverer.size() == Deliverer::most_of_receiver; });
    Receiver receiver;
    const auto job = finished(post(receiver));
    until_phase(job, NotificationPhase::sent);
    EXPECT_EQ(parts->deliverer.size(), Deliverer::most_of_receiver);
}

TEST_F(DelivererTest, OneSubmitterWithSlowReceiversLeavesThreadsToOthers) {
    settings.policy = AddressPolicy{{"127.0.0.0/8"}};
    start();
    asio::io_context io;
    asio::ip::tcp::acceptor silent{io, {asio::ip::make_address("0.0.0.0"), 0}};
    const auto port = std::to_string(silent.local_endpoint().port());
    for (int i = 1; i <= 20; ++i) finished("[{url: 'http://127.0.0." + std::to_string(i) + ":" + port + "/'}]");
    until([&] { return parts->deliverer.size() >= Deliverer::most_of_submitter; });
    submitter = lab.add_user("bob");
    Receiver receiver;
    std::vector<JobId> jobs;
    for (int i = 0; i < 10; ++i) jobs.push_back(finished(post(receiver)));
    until([&] {
        EXPECT_LE(parts->deliverer.size(), Deliverer::threads);
        return std::all_of(jobs.begin(), jobs.end(),
                           [&](JobId job) { return row(job).phase == NotificationPhase::sent; });
    });
    until([&] { return parts->deliverer.size() <= Deliverer::most_of_submitter; });
    EXPECT_EQ(parts->deliverer.size(), Deliverer::most_of_submitter) << "hers still wait";
}

TEST(RoundTest, EachHasItsTurnOnceFromBehindTheBegin) {
    const std::set<int> all{2, 5, 9};
    const auto seek = [&](int behind) {
        const auto next = all.upper_bound(behind);
        return next == all.end() ? std::optional<int>{} : *next;
    };
    const std::map<int, std::vector<int>> expected{{0, {2, 5, 9}}, {2, {5, 9, 2}}, {4, {5, 9, 2}},
                                                   {5, {9, 2, 5}}, {9, {2, 5, 9}}, {12, {2, 5, 9}}};
    for (const auto& [begin, order] : expected) {
        Round turn{begin};
        std::vector<int> turns;
        while (const auto next = turn.next(seek)) turns.push_back(*next);
        EXPECT_EQ(turns, order) << "from behind " << begin;
    }
    Round empty{0};
    EXPECT_EQ(empty.next([](int) { return std::optional<int>{}; }), std::nullopt);
}

TEST_F(DelivererTest, AThousandReceiversAllHaveTheirTurn) {
    Receiver receiver;
    const auto job = finished(post(receiver));
    auto add = [job](Database& db) {
        NewNotification made;
        made.job = job;
        for (made.position = 1; made.position <= 1000; ++made.position) {
            made.receiver = "http://host-" + std::to_string(made.position);
            Outbox{db}.add(made, wall_now());
        }
    };
    lab.write(add);
    start();
    until([&] { return Outbox{lab.reader()}.list(NotificationPhase::waiting, 1).empty(); });
    EXPECT_EQ(row(job).phase, NotificationPhase::sent);
    EXPECT_EQ(Outbox{lab.reader()}.list(NotificationPhase::given_up, 2000).size(), 1000u) << "no such callback";
}

TEST_F(DelivererTest, ManyAreSentAFewAtATimeForEachReceiver) {
    std::atomic<int> now = 0, most = 0;
    Receiver receiver{[&](const Request&, int) { return status(200); }};
    std::vector<JobId> jobs;
    for (int i = 0; i < 60; ++i) jobs.push_back(finished(post(receiver)));
    start();
    until([&] {
        now = static_cast<int>(parts->deliverer.size());
        most = std::max(most.load(), now.load());
        return row(jobs.back()).phase == NotificationPhase::sent && now == 0;
    });
    for (const auto job : jobs) EXPECT_EQ(row(job).phase, NotificationPhase::sent);
    EXPECT_LE(most, static_cast<int>(Deliverer::most_of_receiver));
    EXPECT_EQ(receiver.count(), 60u);
}

TEST_F(DelivererTest, ATokenThatNamesAStoredSecretIsReplacedByItWhenItIsSent) {
    auto keep = [this](Database& db) { RemoteTokens{db}.set(alice, "kernelci", "the-secret", wall_now()); };
    lab.write(keep);
    start();
    Receiver receiver;
    const auto named = finished(post(receiver, ", token: kernelci"));
    const auto literal = finished(post(receiver, ", token: other"));
    until_phase(named, NotificationPhase::sent);
    until_phase(literal, NotificationPhase::sent);
    for (const auto& request : receiver.requests()) {
        const bool is_named = request.path == "/1/";
        EXPECT_EQ(*request.header("authorization"), is_named ? "the-secret" : "other");
        EXPECT_EQ(request.body.find("the-secret"), std::string::npos);
    }
    EXPECT_EQ(row(named).address.find("the-secret"), std::string::npos);
}

TEST_F(DelivererTest, ATokenThatNamesNothingIsToldWhenItIsRefused) {
    start();
    Receiver receiver{[](const Request&, int) { return status(401); }};
    const auto job = finished(post(receiver, ", token: unknown-name"));
    until_phase(job, NotificationPhase::given_up);
    EXPECT_NE(row(job).problem.find("stored no secret under the name"), std::string::npos) << row(job).problem;
    EXPECT_EQ(row(job).problem.find("unknown-name"), std::string::npos);
}

TEST_F(DelivererTest, InnerAddressesAreGivenUpAtOnceWithTheReason) {
    settings.policy = AddressPolicy{};
    start();
    Receiver receiver;
    const auto job = finished(post(receiver));
    until_phase(job, NotificationPhase::given_up);
    EXPECT_NE(row(job).problem.find("allowed_url_networks"), std::string::npos) << row(job).problem;
    EXPECT_EQ(receiver.count(), 0u);
}

TEST_F(DelivererTest, AMailWithoutAServerOrAnAddressSaysWhatIsMissing) {
    start();
    auto made = a_job(alice);
    made.definition = "notify: {criteria: {status: finished}}\n";
    const auto job = lab.add_job(made);
    finish(job);
    until_phase(job, NotificationPhase::given_up);
    EXPECT_NE(row(job).problem.find("notifications.mail"), std::string::npos) << row(job).problem;
    stop();
    settings.notifications.mail.server = "smtp://127.0.0.1:1";
    start();
    const auto other = lab.add_job(made);
    finish(other);
    until_phase(other, NotificationPhase::given_up);
    EXPECT_NE(row(other).problem.find("user 'alice' has no mail address"), std::string::npos) << row(other).problem;
}

}  // namespace
}  // namespace patchbay
