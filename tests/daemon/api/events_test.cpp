// SPDX-License-Identifier: Apache-2.0
// The live stream of a job, as server-sent events.
#include "tests/daemon/api/leaving_reader.hpp"
#include "tests/daemon/api/smoke_lab.hpp"
#include "tests/daemon/store/lab_of_groups.hpp"

namespace patchbay {
namespace {

using namespace testing;

class EventsTest : public ApiTest {
protected:
    void line(JobId job, int number) {
        lab.record(job, "{\"dt\": \"2026-11-22T06:51:13.000001\", \"lvl\": \"target\", \"msg\": \"line " +
                            std::to_string(number) + "\"}");
        lab.update(job);
    }
    static std::string log_event(int number) {
        const auto text = std::to_string(number);
        return "event: log\nid: " + text +
               "\ndata: {\"dt\": \"2026-11-22T06:51:13.000001\", \"lvl\": \"target\", "
               "\"msg\": \"line " +
               text + "\"}\n\n";
    }
    static std::string state_event(const std::string& state, const std::string& health) {
        return "event: state\ndata: {\"state\":\"" + state + "\",\"health\":\"" + health + "\"}\n\n";
    }
    void until_has(const LiveStream& stream, const std::string& text) {
        lab.run_until([&] { return stream.text.find(text) != std::string::npos; });
    }
};

TEST_F(EventsTest, AFollowerSeesEachLineAndStateAsItComes) {
    const auto job = submit();
    const auto live = lab.follow(url(job, "events/"));
    until_has(*live, state_event("Submitted", "Unknown"));
    lab.schedule(job, "qemu-01");
    until_has(*live, state_event("Scheduled", "Unknown"));
    lab.start(job);
    until_has(*live, state_event("Running", "Unknown"));
    line(job, 0);
    until_has(*live, log_event(0));
    line(job, 1);
    line(job, 2);
    until_has(*live, log_event(2));
    EXPECT_FALSE(live->ended);
    line(job, 3);
    lab.finish(job, JobHealth::complete);
    lab.run_until([&] { return live->ended; });
    EXPECT_EQ(live->text, state_event("Submitted", "Unknown") + state_event("Scheduled", "Unknown") +
                              state_event("Running", "Unknown") + log_event(0) + log_event(1) + log_event(2) +
                              log_event(3) + state_event("Finished", "Complete"));
}

TEST_F(EventsTest, AFinishedJobIsToldWholeAndEnds) {
    const auto job = submit();
    lab.schedule(job, "qemu-01");
    for (int i = 0; i < 3; ++i) line(job, i);
    lab.finish(job, JobHealth::incomplete);
    const auto end = state_event("Finished", "Incomplete");
    const auto answer = lab.get(url(job, "events/"));
    EXPECT_EQ(answer.content_type, "text/event-stream");
    EXPECT_EQ(answer.headers.at("Cache-Control"), "no-store");
    EXPECT_EQ(answer.body, log_event(0) + log_event(1) + log_event(2) + end);
    EXPECT_EQ(lab.get(url(job, "events/?start=2")).body, log_event(2) + end);
    EXPECT_EQ(lab.get(url(job, "events/?start=99")).body, end);
    EXPECT_EQ(lab.send("GET", url(job, "events/?start=0"), "Last-Event-ID: 1\r\n").body, log_event(2) + end)
        << "what a reconnecting client has is newer than its URL";
}

TEST_F(EventsTest, WhoMaySeeTheJobNoMoreIsToldNoMore) {
    const auto bob = Users{lab.lab.reader()}.find("bob")->id;
    const auto group = add_group(lab.lab, "guests", {bob});
    auto text = definition();
    text.replace(text.find("public"), 6, "{group: [guests]}");
    ASSERT_EQ(lab.post_definition("/api/v0.2/jobs/", text, "alice").status, 201);
    const JobId job{1};
    lab.schedule(job, "qemu-01");
    lab.start(job);
    const auto bobs = lab.follow(url(job, "events/"), lab.authorization("bob"));
    const auto alices = lab.follow(url(job, "events/"), lab.authorization("alice"));
    line(job, 0);
    until_has(*bobs, log_event(0));
    auto leave = [bob, group](Database& db) { Groups{db}.leave(bob, group); };
    lab.lab.write(leave);
    line(job, 1);
    lab.run_until([&] { return bobs->ended; });
    EXPECT_EQ(bobs->text.find(log_event(1)), std::string::npos);
    until_has(*alices, log_event(1));
    auto forget = [id = alice](Database& db) {
        for (const auto& token : Users{db}.tokens(id)) Users{db}.delete_token(token.id);
    };
    lab.lab.write(forget);
    line(job, 2);
    lab.run_until([&] { return alices->ended; });
    EXPECT_EQ(alices->text.find(log_event(2)), std::string::npos);
}

TEST_F(EventsTest, ALongLogIsCutOffForWhoMaySeeTheJobNoMore) {
    const auto bob = Users{lab.lab.reader()}.find("bob")->id;
    const auto group = add_group(lab.lab, "guests", {bob});
    auto text = definition();
    text.replace(text.find("public"), 6, "{group: [guests]}");
    ASSERT_EQ(lab.post_definition("/api/v0.2/jobs/", text, "alice").status, 201);
    const JobId job{1};
    lab.schedule(job, "qemu-01");
    for (int i = 0; i < 20; ++i)
        lab.record(job, R"({"lvl": "info", "msg": ")" + std::to_string(i) + std::string(50'000, 'x') + "\"}");
    const auto read = [&](const std::string& who, std::function<void(Database&)> change) {
        Request request;
        request.path = url(job, "logs/");
        request.headers = {{"authorization", "Token " + lab.token(who)}};
        const auto response = run(lab.lab.io, answer_api(request, lab.services()));
        EXPECT_EQ(response.status, 200);
        LeavingReader reader{*lab.lab.store, std::move(change)};
        run(lab.lab.io, response.stream(reader));
        return reader.text;
    };
    EXPECT_GT(read("alice", [](Database&) {}).size(), 1'000'000U);
    EXPECT_THROW(read("bob", [bob, group](Database& db) { Groups{db}.leave(bob, group); }), StoreError);
}

TEST_F(EventsTest, BadLineNumbersAreRefused) {
    const auto job = submit();
    EXPECT_EQ(lab.get(url(job, "events/?start=x")).status, 400);
    EXPECT_EQ(lab.send("GET", url(job, "events/"), "Last-Event-ID: -1\r\n").status, 400);
    EXPECT_EQ(lab.send("GET", url(job, "events/"), "Last-Event-ID: 9223372036854775807\r\n").status, 400);
}

}  // namespace
}  // namespace patchbay
