// SPDX-License-Identifier: Apache-2.0
// Logs of remote jobs arrive twice, late, or from a runner that was started anew; each line is stored once.
#include "daemon/store/remote_tokens.hpp"
#include "daemon/workers/worker_line.hpp"
#include "tests/daemon/workers/worker_lab.hpp"

namespace patchbay {
namespace {

using namespace testing;
using ::testing::ElementsAre;

class WorkerLogTest : public WorkerTest {
protected:
    WorkerLogTest() : running{running_job()} {}
    std::string count(int index, const std::string& text) { return send_log(running, index, text).body; }
    const Running running;
};

TEST_F(WorkerLogTest, LinesThatComeAgainAreTakenAndNotStoredAgain) {
    EXPECT_EQ(count(0, lines(0, 4)), R"({"line_count": 4})");
    EXPECT_EQ(count(0, lines(0, 6)), R"({"line_count": 6})");
    EXPECT_EQ(log_lines(running.job), 6);
    EXPECT_EQ(count(2, lines(2, 2)), R"({"line_count": 2})");
    EXPECT_EQ(log_lines(running.job), 6);
    EXPECT_EQ(count(6, lines(6, 1)), R"({"line_count": 1})");
    EXPECT_EQ(log_lines(running.job), 7);
    EXPECT_EQ(log(running.job).find("warning"), std::string::npos);
}

TEST_F(WorkerLogTest, ResultsThatComeAgainAreStoredOnce) {
    const auto text = lines(0, 2) + "\n" + result_line("0_smoke", "t1") + "\n" + result_line("0_smoke", "t1");
    count(0, text);
    count(0, text);
    count(1, text.substr(text.find('\n') + 1));
    EXPECT_THAT(cases(running.job), ElementsAre("0_smoke/t1 pass", "0_smoke/t1 pass")) << "two of one name are two";
}

TEST_F(WorkerLogTest, ARunnerThatWasStartedAnewIsHeardFromItsFirstLine) {
    count(0, lines(0, 4));
    EXPECT_EQ(count(0, lines(0, 2, "2")), R"({"line_count": 2})");
    EXPECT_EQ(log_lines(running.job), 7) << "four, a word about it, two";
    EXPECT_THAT(log(running.job), HasSubstr("worker rack-2 has started this job again"));
    EXPECT_EQ(count(0, lines(0, 3, "2")), R"({"line_count": 3})") << "the same again";
    EXPECT_EQ(count(3, result_line("0_smoke", "t1")), R"({"line_count": 1})");
    EXPECT_EQ(log_lines(running.job), 9);
    const auto row = Results{lab.lab.reader()}.tests(running.job, {}, {}).front();
    EXPECT_EQ(row.start_log_line, 5) << "its line 0 is the job's line 5";
}

TEST_F(WorkerLogTest, MissingLinesAreNamed) {
    count(0, lines(0, 2));
    EXPECT_EQ(count(5, lines(5, 2)), R"({"line_count": 2})");
    EXPECT_THAT(log(running.job), HasSubstr("lines 2 to 4 of the worker's log are missing"));
    EXPECT_EQ(count(6, lines(6, 2)), R"({"line_count": 2})");
    EXPECT_EQ(log_lines(running.job), 6) << "two, a word, three";
}

TEST_F(WorkerLogTest, LinesComeAfterTheEnd) {
    count(0, lines(0, 2) + "\n" + result_line("lava", "job"));
    finish(running);
    EXPECT_EQ(count(3, lines(3, 2)), R"({"line_count": 2})");
    EXPECT_EQ(log_lines(running.job), 5);
    count(0, lines(0, 2) + "\n" + result_line("lava", "job"));
    EXPECT_THAT(cases(running.job), ElementsAre("lava/job pass"));
}

TEST_F(WorkerLogTest, AVerdictThatComesAfterOursMakesNoSecondOne) {
    finish(running, "result=fail&error_type=Job");
    count(0, result_line("lava", "job"));
    EXPECT_THAT(cases(running.job), ElementsAre("lava/job fail"));
}

TEST_F(WorkerLogTest, WhatIsMissingInARequestIsNamed) {
    const auto said = [&](const std::string& form) {
        return tell(path(running.job) + "logs/", running.token, form).body;
    };
    EXPECT_EQ(said("index=0"), R"({"error": "Missing 'lines'"})");
    EXPECT_EQ(said("index=0&lines="), R"({"error": "Missing 'lines'"})");
    EXPECT_EQ(said("lines=x"), R"({"error": "Missing 'index'"})");
    for (const auto* bad : {"x", "-1", "", "9223372036854775807", "1000000000001"})
        EXPECT_EQ(said("lines=x&index=" + std::string{bad}), R"({"error": "Invalid 'index'"})");
    EXPECT_EQ(ask(path(running.job) + "logs/", running.token).status, 405);
    EXPECT_EQ(log_lines(running.job), 0);
}

TEST_F(WorkerLogTest, OneRequestTakesSoManyLinesAndTheRunnerSendsTheOthersAgain) {
    std::string many;
    for (std::size_t i = 0; i < most_worker_lines + 7; ++i)
        many += R"(- {"lvl": "target", "msg": "x"})"
                "\n";
    EXPECT_EQ(count(0, many), R"({"line_count": 2000})");
    EXPECT_EQ(log_lines(running.job), 2000);
}

TEST_F(WorkerLogTest, ALogBeyondTheLabsLimitKeepsResults) {
    lab.settings.log_limit = 1000;
    std::string much;
    for (int i = 0; i < 100; ++i) much += lines(0, 1) + "\n";
    EXPECT_EQ(count(0, much + result_line("0_smoke", "t1")), R"({"line_count": 101})") << "nothing is sent again";
    EXPECT_LT(log(running.job).size(), 1000 + 700);
    EXPECT_THAT(log(running.job), HasSubstr("the log of this job has 1000 bytes, as many as the lab keeps"));
    EXPECT_THAT(cases(running.job), ElementsAre("0_smoke/t1 pass"));
    count(101, lines(1, 5));
    EXPECT_LT(log(running.job).size(), 1000 + 700);
    std::string results;
    for (int i = 0; i < 500; ++i) results += result_line("0_smoke", "more") + "\n";
    count(106, results);
    EXPECT_LT(log(running.job).size(), 1000 + 6000) << "a flood of results ends as well";
    EXPECT_EQ(count(0, lines(0, 1, "2")), R"({"line_count": 1})");
    EXPECT_EQ(log(running.job).find("started this job again"), std::string::npos) << "nobody can tell any more";
}

TEST_F(WorkerLogTest, SecretsOfTheJobAreMasked) {
    auto keep_secret = [job = running.job](Database& db) {
        db.change("UPDATE job_text SET definition = $1 WHERE job = $2",
                  "job_name: x\nsecrets: {API: hunter2, OTHER: nexus}\n", job);
        RemoteTokens{db}.set(*Jobs{db}.submitter(job), "nexus", "s3cr3t", wall_now());
    };
    lab.lab.write(keep_secret);
    const auto files = ask(path(running.job), running.token).json();
    EXPECT_THAT(*files.find("definition")->as_string(), HasSubstr("OTHER: s3cr3t")) << "the runner needs it";
    count(0, R"(- {"dt": "2026-11-22T08:57:41.000001", "lvl": "target", "msg": "API=hunter2"})"
             "\n"
             R"(- {"dt": "2026-11-22T08:57:41.000002", "lvl": "debug", "msg": {"sending": ["s3cr3t"]}})"
             "\n"
             R"(- {"dt": "2026-11-22T08:57:41.000003", "lvl": "results", "msg": {"definition": "0_s", "case": "c", )"
             R"("result": "pass", "note": "hunter2"}})");
    EXPECT_EQ(log(running.job).find("hunter2"), std::string::npos) << log(running.job);
    EXPECT_EQ(log(running.job).find("s3cr3t"), std::string::npos);
    EXPECT_THAT(log(running.job), HasSubstr("API=[MASKED]"));
    EXPECT_EQ(Results{lab.lab.reader()}.tests(running.job, {}, {}).front().metadata.find("hunter2"), std::string::npos);
}

TEST_F(WorkerLogTest, GoesOnAfterARestartOfTheDaemonWhereItWas) {
    count(0, lines(0, 3));
    lab.lab.store->flush();
    // All that is known about the log is in the store.
    const auto lease = *Leases{lab.lab.reader()}.open_lease_of(running.job);
    EXPECT_EQ(lease.journal_offset, 3);
    EXPECT_EQ(lease.worker, "rack-2");
    EXPECT_EQ(lease.first_line, 0);
}

}  // namespace
}  // namespace patchbay
