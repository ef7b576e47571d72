// SPDX-License-Identifier: Apache-2.0
// A worker's day, and what goes wrong in it.
#include "tests/daemon/workers/worker_lab.hpp"

namespace patchbay {
namespace {

using namespace testing;
using ::testing::ElementsAre;

TEST_F(WorkerTest, ThatAsksIsOnlineAndIsToldOfItsJobsOnly) {
    EXPECT_EQ(worker().state, WorkerState::offline);
    EXPECT_EQ(ping().body, R"({"cancel": [], "running": [], "start": []})");
    EXPECT_EQ(worker().state, WorkerState::online);
    EXPECT_EQ(worker().version, "2023.01");
    const auto job = scheduled_job();
    const auto token = token_of(job);
    EXPECT_EQ(token.size(), 32U);
    EXPECT_EQ(ping().body, R"({"cancel": [], "running": [], "start": [{"id": )" + std::to_string(job.value) +
                               R"(, "token": ")" + token + R"("}]})");
    EXPECT_EQ(ask("workers/rack-3/?version=2023.01", rack3).body, R"({"cancel": [], "running": [], "start": []})");
    EXPECT_THAT(lab.get("/api/v0.2/workers/rack-2/").body, HasSubstr(R"("state":"Online")"));
    EXPECT_EQ(lab.get("/api/v0.2/workers/?state=Offline").json().find("count")->as_int()[0], 0);
}

TEST_F(WorkerTest, IsKnownByItsToken) {
    EXPECT_EQ(ask("workers/nope/?version=1", rack2).body, R"({"error": "Unknown worker 'nope'"})");
    EXPECT_EQ(ask("workers/nope/?version=1", rack2).status, 404);
    EXPECT_EQ(ask("workers/bench/?version=1", rack2).status, 404) << "this machine does not attach";
    EXPECT_EQ(lab.send("GET", base + "workers/rack-2/?version=1").body, R"({"error": "Missing 'token'"})");
    EXPECT_EQ(ask("workers/rack-2/?version=1", rack3).body, R"({"error": "Invalid 'token'"})");
    EXPECT_EQ(ask("workers/rack-2/", rack2).body, R"({"error": "Missing 'version'"})");
    EXPECT_EQ(ask("workers/rack-2/", rack2).status, 400);
    const auto wrong = lab.send("PUT", base + "workers/rack-2/", header(rack2));
    EXPECT_EQ(wrong.status, 405);
    EXPECT_EQ(wrong.body, "");
}

/// How the server counts it: a right token as its user, a wrong one against its client.
std::string counted(const ApiAnswer& answer) {
    return std::to_string(answer.status) + (answer.authenticated ? " of a user" : "") +
           (answer.login_failed ? " failed login" : "");
}

TEST_F(WorkerTest, IsTakenWithTheRightTokenAndEveryWrongOneCountsAgainstItsClient) {
    EXPECT_EQ(counted(ping()), "200 of a user");
    EXPECT_EQ(ping().body, R"({"cancel": [], "running": [], "start": []})");
    EXPECT_EQ(worker().state, WorkerState::online);
    const auto running = running_job();
    EXPECT_EQ(counted(ask(path(running.job), running.token)), "200 of a user");
    EXPECT_EQ(counted(tell(path(running.job), running.token, "state=RUNNING")), "200 of a user");
    EXPECT_EQ(counted(send_log(running, 0, lines(0, 1))), "200 of a user");
    auto nearly = rack2, nearly_of_job = running.token;
    nearly.back() = nearly.back() == 'a' ? 'b' : 'a';
    nearly_of_job.front() = nearly_of_job.front() == 'a' ? 'b' : 'a';
    for (const auto& wrong : {rack3, nearly, rack2 + "x", rack2.substr(1), sha256_hex(rack2), running.token}) {
        const auto refused = ask("workers/rack-2/?version=2023.01", wrong);
        EXPECT_EQ(counted(refused), "400 failed login") << wrong;
        EXPECT_EQ(refused.body, R"({"error": "Invalid 'token'"})");
    }
    for (const auto& wrong : {rack2, nearly_of_job, running.token + "x", std::string{"x"}}) {
        for (const auto& refused : {ask(path(running.job), wrong), tell(path(running.job), wrong, "state=RUNNING"),
                                    tell(path(running.job) + "logs/", wrong, "index=1&lines=x")}) {
            EXPECT_EQ(counted(refused), "400 failed login") << wrong;
            EXPECT_EQ(refused.body, R"({"error": "Invalid 'token'"})");
        }
    }
    EXPECT_EQ(counted(ask("workers/rack-2/?version=2023.01", "")), "400") << "none was guessed";
    EXPECT_EQ(counted(ask("workers/nope/?version=2023.01", rack2)), "404");
    EXPECT_EQ(log_lines(running.job), 1);
}

TEST_F(WorkerTest, GetsFiveFilesForAJob) {
    WorkerEntry entry;
    entry.name = "rack-2";
    entry.dispatcher = config::Map{{"prefix", "x-"}};
    entry.env = config::Map{{"purge", false}};
    lab.settings.workers = {entry};
    const auto job = scheduled_job();
    const auto token = token_of(job);
    const auto answer = ask(path(job), token);
    ASSERT_EQ(answer.status, 200) << answer.body;
    const auto files = answer.json();
    const auto text = [&](std::string_view key) { return *files.find(key)->as_string(); };
    EXPECT_EQ(text("definition"), "job_name: smoke\n");
    EXPECT_EQ(text("dispatcher"), "prefix: x-\n");
    EXPECT_EQ(text("env"), "purge: false\n");
    EXPECT_EQ(text("env-dut"), "");
    const auto device = config::parse_yaml(text("device"));
    EXPECT_EQ(*device.find("hostname"), config::Value{"far-01"});
    EXPECT_TRUE(device.find("actions"));
    EXPECT_FALSE(device.find("driver")) << "ours, not LAVA's";
    EXPECT_EQ(lab.get("/api/v0.2/workers/rack-2/config/").body, "prefix: x-\n");
    EXPECT_EQ(ask("jobs/9999/", token).body, R"({"error": "Unknown job '9999'"})");
    EXPECT_EQ(ask("jobs/9999/", token).status, 404);
    EXPECT_EQ(ask("jobs/x/", token).status, 404);
}

TEST_F(WorkerTest, GetsTheAcceleratorOfADeviceAsOptionsOfQemu) {
    const auto options = [this](const std::string& variables) {
        auto describe = [variables](Database& db) {
            db.change("UPDATE device SET configuration = $1 WHERE hostname = 'far-01'",
                      R"({"driver": "qemu", "variables": )" + variables + "}");
        };
        lab.lab.write(describe);
        const auto job = scheduled_job();
        const auto files = ask(path(job), token_of(job)).json();
        const auto device = config::parse_yaml(*files.find("device")->as_string());
        lab.finish(job, JobHealth::complete);
        std::string words;
        const auto* methods = device.find("actions")->find("boot")->find("methods");
        const auto* extra = methods->find("qemu")->find("parameters")->find("extra");
        for (const auto& piece : extra ? *extra->as_list() : config::List{}) words += *piece.as_string() + ";";
        return words;
    };
    EXPECT_EQ(options(R"({"accel": "kvm"})"), "-enable-kvm;-cpu host;");
    EXPECT_EQ(options(R"({"accel": "tcg", "extra_options": ["-s"]})"), "-accel tcg;-cpu max;-s;");
    EXPECT_EQ(options(R"({"no_kvm": true, "cpu": "qemu64"})"), "-accel tcg;");
    EXPECT_EQ(options(R"({"no_kvm": true, "extra_options": ["-accel tcg,thread=single"]})"),
              "-accel tcg,thread=single;")
        << "the device's own words count";
    EXPECT_EQ(options("{}"), "") << "what the other machine has, only it knows";
}

TEST_F(WorkerTest, HasAJobWhoseDeviceCannotBeDescribedTakenFromIt) {
    auto spoil = [](Database& db) {
        db.change("UPDATE device SET configuration = $1 WHERE hostname = 'far-01'",
                  R"({"driver": "qemu", "file": "/nonexistent/far.yaml", "variables": {}})");
    };
    lab.lab.write(spoil);
    const auto job = scheduled_job();
    const auto answer = ask(path(job), token_of(job));
    EXPECT_EQ(answer.status, 400);
    EXPECT_THAT(answer.body, HasSubstr("/nonexistent/far.yaml"));
    EXPECT_EQ(lab.job(job).health, JobHealth::incomplete);
    EXPECT_EQ(device().health, DeviceHealth::bad) << "the next job would end the same way";
    EXPECT_EQ(list_of(job), "none");
}

TEST_F(WorkerTest, RunsAJobToItsEnd) {
    const auto running = running_job();
    EXPECT_EQ(lab.job(running.job).state, JobState::running);
    EXPECT_EQ(device().state, DeviceState::running);
    EXPECT_EQ(list_of(running.job), "running");
    EXPECT_EQ(
        send_log(running, 0, lines(0, 4) + "\n" + result_line("0_smoke", "t1") + "\n" + result_line("lava", "job"))
            .body,
        R"({"line_count": 6})");
    EXPECT_EQ(finish(running, "result=pass&error_type=&errors=oops&description=job%3A+x").body, "{}");
    const auto job = lab.job(running.job);
    EXPECT_EQ(job.state, JobState::finished);
    EXPECT_EQ(job.health, JobHealth::complete);
    EXPECT_EQ(job.failure_comment, "oops");
    EXPECT_THAT(cases(running.job), ElementsAre("0_smoke/t1 pass", "lava/job pass"));
    EXPECT_EQ(log_lines(running.job), 6);
    EXPECT_EQ(device().state, DeviceState::idle);
    EXPECT_EQ(device().health, DeviceHealth::good) << "it was Complete, and no health check decides";
    EXPECT_EQ(lab.get(url(running.job, "pipeline/"), "alice").body, "job: x");
    EXPECT_EQ(lab.get(url(running.job, "pipeline/"), "bob").status, 403);
    EXPECT_EQ(lab.get(url(running.job, "pipeline/")).status, 403);
    EXPECT_EQ(ping().body, R"({"cancel": [], "running": [], "start": []})");
}

TEST_F(WorkerTest, MaySayEverythingTwice) {
    const auto running = running_job();
    EXPECT_EQ(tell(path(running.job), running.token, "state=RUNNING").body, "{}");
    EXPECT_EQ(finish(running).body, "{}");
    const auto ended = lab.job(running.job).end_time;
    EXPECT_EQ(finish(running, "result=fail&error_type=Bug").body, "{}");
    EXPECT_EQ(tell(path(running.job), running.token, "state=RUNNING").body, "{}");
    const auto job = lab.job(running.job);
    EXPECT_EQ(job.state, JobState::finished);
    EXPECT_EQ(job.health, JobHealth::complete);
    EXPECT_EQ(job.end_time, ended);
    EXPECT_EQ(device().state, DeviceState::idle);
}

TEST_F(WorkerTest, IsToldWhatIsWrongWithAState) {
    const auto running = running_job();
    const auto said = [&](const std::string& form) { return tell(path(running.job), running.token, form).body; };
    EXPECT_EQ(said("state=Zzz"), R"({"error": "Invalid state 'Zzz'"})");
    EXPECT_EQ(said("state=Submitted"), R"({"error": "Not handled state 'Submitted'"})");
    EXPECT_EQ(said("state=FINISHED&result=foo"), R"({"error": "Invalid health 'foo'"})");
    EXPECT_EQ(said(""), R"({"error": "Invalid state ''"})");
    EXPECT_EQ(lab.job(running.job).state, JobState::running);
}

TEST_F(WorkerTest, WhoseJobFailedByTheLabPutsTheDeviceInDoubt) {
    const auto running = running_job();
    finish(running, "result=fail&error_type=Infrastructure&errors=&description=");
    EXPECT_EQ(lab.job(running.job).health, JobHealth::incomplete);
    EXPECT_EQ(device().health, DeviceHealth::unknown);
    EXPECT_THAT(cases(running.job), ElementsAre("lava/job fail")) << "each finished job has a verdict";
}

TEST_F(WorkerTest, SpeaksOfItsOwnJobsOnly) {
    const auto running = running_job();
    auto other = a_job(alice, "farther");
    const auto theirs = lab.lab.add_job(std::move(other));
    lab.schedule(theirs, "far-02");
    ask("workers/rack-3/?version=1", rack3);
    for (const auto& token : {running.token, rack2, rack3, std::string{"x"}, lab.token("root")}) {
        EXPECT_EQ(ask(path(theirs), token).body, R"({"error": "Invalid 'token'"})");
        EXPECT_EQ(tell(path(theirs), token, "state=FINISHED&result=pass").status, 400);
        EXPECT_EQ(tell(path(theirs) + "logs/", token, "index=0&lines=x").status, 400);
    }
    EXPECT_EQ(tell(path(theirs), "", "state=RUNNING").body, R"({"error": "Missing 'token'"})");
    EXPECT_EQ(lab.job(theirs).state, JobState::scheduled);
    EXPECT_EQ(log_lines(theirs), 0);
    EXPECT_EQ(lab.get("/api/v0.2/system/whoami/").status,
              lab.send("GET", "/api/v0.2/system/whoami/", header(rack2)).status)
        << "it is nobody anywhere else";
}

TEST_F(WorkerTest, AndItsJobsTokensAreNotInTheStore) {
    const auto job = scheduled_job();
    const auto token = token_of(job);
    lab.lab.store->flush();
    for (const auto& entry : std::filesystem::directory_iterator{lab.lab.folder.path}) {
        if (!entry.is_regular_file()) continue;
        std::ifstream file{entry.path(), std::ios::binary};
        const std::string bytes{std::istreambuf_iterator<char>{file}, {}};
        EXPECT_EQ(bytes.find(token), std::string::npos) << entry.path();
        EXPECT_EQ(bytes.find(rack2), std::string::npos) << entry.path();
    }
}

TEST_F(WorkerTest, MaySendALargeBodyForAJobOfItsOwnOnly) {
    const auto running = running_job();
    const std::string large(lab.limits.small_body_bytes + 1, 'x');
    EXPECT_EQ(tell(path(running.job), running.token, "state=RUNNING&errors=" + large).status, 200);
    EXPECT_EQ(tell(path(running.job), "wrong", "state=RUNNING&errors=" + large).status, 413);
    EXPECT_EQ(tell("workers/", rack2, "name=" + large).status, 413);
}

TEST_F(WorkerTest, ReportsOddBytesWithoutBeingRefusedForEver) {
    const auto running = running_job();
    EXPECT_EQ(finish(running, "result=fail&error_type=%ff%00&errors=%ff%fe%00x&description=%80").status, 200);
    EXPECT_EQ(lab.job(running.job).health, JobHealth::incomplete);
    EXPECT_EQ(lab.job(running.job).failure_comment, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdx");
}

}  // namespace
}  // namespace patchbay
