// SPDX-License-Identifier: Apache-2.0
// Tests by lava-test-runner: what a target prints, or fails to print, becomes results and a verdict.
#include "tests/jobs/actions/test_action.hpp"

namespace patchbay::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const std::string runner = "/bin/lava-test-runner";
const std::vector<std::string> one{"a pass"};

/// Output after which the runner says nothing more.
SimAnswer unfinished(std::string text) { return {runner, text.substr(0, text.find("<LAVA_SIGNAL_ENDRUN")), 1s, false}; }

TEST_F(TestAction, StartsTheRunnerWithOneLine) {
    job.definition = job_text(deploy_block() + boot_block() + test_block("t1"));
    job.board->answers = {{runner, test_run("0_t1", "42_1.1.2.1", one) + std::string{test_exit}}};
    EXPECT_TRUE(job.run().passed());
    EXPECT_THAT(results(), ElementsAre("0_t1/a pass", "lava/0_t1 pass", "lava/job pass"));
    EXPECT_EQ(job.board->typed,
              "\nexport SHELL=/bin/sh; . /lava-42/environment; /lava-42/bin/lava-test-runner /lava-42/0\n");
}

TEST_F(TestAction, AFailedCaseFailsNoJob) {
    job.definition = job_text(deploy_block() + boot_block() + test_block("t1"));
    const std::vector<std::string> bad{"a fail", "b skip"};
    job.board->answers = {{runner, test_run("0_t1", "42_1.1.2.1", bad) + std::string{test_exit}}};
    EXPECT_TRUE(job.run().passed());
    EXPECT_THAT(results(), ElementsAre("0_t1/a fail", "0_t1/b skip", "lava/0_t1 pass", "lava/job pass"));
}

TEST_F(TestAction, TwoOfOneNamespaceAreTwoStages) {
    job.definition = job_text(deploy_block() + boot_block() + test_block("t1") + test_block("t2"));
    job.board->answers = {{"/lava-42/0", test_run("0_t1", "42_1.1.2.1", one) + std::string{test_exit}},
                          {"/lava-42/1", test_run("1_t2", "42_1.1.2.5", one) + std::string{test_exit}}};
    EXPECT_TRUE(job.run().passed());
    EXPECT_THAT(results(),
                ElementsAre("0_t1/a pass", "lava/0_t1 pass", "1_t2/a pass", "lava/1_t2 pass", "lava/job pass"));
    EXPECT_THAT(job.board->typed, HasSubstr("/lava-42/0\n#\nexport SHELL=")) << "the shell is asked for its prompt";
}

TEST_F(TestAction, AHangAfterACaseIsATimeOutOfTheTest) {
    job.definition = job_text(deploy_block() + boot_block() + test_block("t1", "    timeout: {seconds: 25}\n"));
    job.board->answers = {unfinished(test_run("0_t1", "42_1.1.2.1", one))};
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::test);
    EXPECT_EQ(outcome.error_msg, "lava-test-shell timed out after 25 seconds");
    EXPECT_THAT(results(), ElementsAre("0_t1/a pass", "lava/0_t1 fail", "lava/lava-test-shell fail",
                                       "lava/lava-test-retry fail", "lava/job fail"));
    EXPECT_THAT(job.sink.texts("error"), Contains("Marking unfinished test run as failed"));
}

TEST_F(TestAction, AClosedConsoleIsAFailureOfTheLab) {
    job.definition = job_text(deploy_block() + boot_block() + test_block("t1"));
    auto answer = unfinished(test_run("0_t1", "42_1.1.2.1", one));
    answer.hangs_up = true;
    job.board->answers = {answer};
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::infrastructure);
    EXPECT_EQ(outcome.error_msg,
              "Connection closed: the console 'simulated machine' has ended; its last lines may say why; check the "
              "board, or the program behind it");
    EXPECT_THAT(results(), ElementsAre("0_t1/a pass", "lava/0_t1 fail", "lava/lava-test-shell fail",
                                       "lava/lava-test-retry fail", "lava/job fail"));
}

TEST_F(TestAction, ATimeOutMayBeSkipped) {
    job.definition = job_text(deploy_block() + boot_block() +
                              test_block("t1", "    timeout: {seconds: 20, skip: true}\n") + test_block("t2"));
    auto hang = unfinished(test_run("0_t1", "42_1.1.2.1", one));
    hang.contains = "/lava-42/0";
    hang.prompts = true;  // the shell lives
    job.board->answers = {hang, {"/lava-42/1", test_run("1_t2", "42_1.1.2.5", one) + std::string{test_exit}}};
    EXPECT_TRUE(job.run().passed());
    EXPECT_THAT(results(), ElementsAre("0_t1/a pass", "lava/0_t1 fail", "lava/lava-test-shell fail",
                                       "lava/lava-test-retry fail", "1_t2/a pass", "lava/1_t2 pass", "lava/job pass"));
    EXPECT_THAT(job.sink.texts("warning"),
                Contains("skip_timeout is set for lava-test-retry - continuing to next action block."));
    EXPECT_THAT(job.sink.texts("exception"), ElementsAre("lava-test-shell timed out after 20 seconds"));
    for (const auto& error : job.sink.texts("error")) EXPECT_THAT(error, Not(HasSubstr("attempts")));
}

TEST_F(TestAction, ATimeOutIsTriedAgainUnlessItIsSkipped) {
    const std::string retry = "    timeout: {seconds: 40}\n    timeouts: {lava-test-shell: {seconds: 10}}\n";
    job.definition = job_text(deploy_block() + boot_block() + test_block("t1", retry + "    failure_retry: 2\n"));
    auto hang = unfinished(test_run("0_t1", "42_1.1.2.1", one));
    hang.prompts = true;
    job.board->answers = {hang};
    EXPECT_EQ(job.run().error_msg, "lava-test-shell timed out after 10 seconds");
    EXPECT_TRUE(job.sink.has("error", "lava-test-retry failed: 2 of 2 attempts."));
}

TEST_F(TestAction, ATargetThatDoesNotAnswerIsNoticedWithinTheConnectionsTime) {
    job.definition = job_text(deploy_block() + boot_block() + test_block("t1") +
                              test_block("t2", "    connection_timeout: {seconds: 15}\n"));
    job.board->answers = {{runner, test_run("0_t1", "42_1.1.2.1", one) + std::string{test_exit}}, {"#", "", 1h}};
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::job);
    EXPECT_EQ(outcome.error_msg, "wait for prompt timed out");
    EXPECT_LT(job.took, 20s);
}

TEST_F(TestAction, EveryPlaceWhereLavaLosesAResultLeavesATrace) {
    auto block = test_block("t1");
    block +=
        "    - from: inline\n      name: t2\n      path: inline/t2.yaml\n      repository:\n"
        "        metadata: {format: Lava-Test Test Definition 1.0, name: t2}\n        run: {steps: ['true']}\n"
        "        parse: {pattern: '^(?P<test_case_id>[a-z]+) (?P<result>.*)$', fixupdict: {GOOD: pass}}\n";
    job.definition = job_text(deploy_block() + boot_block() + block);
    const std::string signal = "<LAVA_SIGNAL_TESTCASE ";
    auto second = test_run("1_t2", "42_1.1.2.5", {});
    second.insert(second.find('\n') + 1, "alpha GOOD\r\n");
    job.board->answers = {
        {runner, "<LAVA_SIGNAL_STARTRUN 0_t1 42_1.1.2.1>\r\n" + signal + "TEST_CASE_ID=good RESULT=pass>\r\n" + signal +
                     "TEST_CASE_ID=bad RESULT=strange>\r\n" + signal + "TEST_CASE_ID=two words RESULT=pass>\r\n" +
                     signal + "TEST_CASE_ID=m RESULT=pass MEASUREMENT=fast>\r\n<LAVA_SIGNAL_TESTCASE>\r\n" + signal +
                     "TEST_CASE_ID=cut RESULT=pa\r\n" + signal + "TEST_CASE_ID=next RESULT=pass>\r\n" + second +
                     std::string{test_exit}}};
    EXPECT_TRUE(job.run().passed());
    EXPECT_THAT(results(), ElementsAre("0_t1/good pass", "0_t1/next pass", "lava/0_t1 fail", "1_t2/alpha pass",
                                       "lava/1_t2 pass", "lava/job pass"));
    EXPECT_THAT(
        job.sink.texts("error"),
        ElementsAre("Bad test result: 'strange'", HasSubstr("Ignoring malformed parameter for signal: \"words\""),
                    "Invalid measurement 'fast' of test case 'm'",
                    "Ignoring a malformed signal: \"<LAVA_SIGNAL_TESTCASE>\"",
                    "Ignoring a malformed signal: \"<LAVA_SIGNAL_TESTCASE TEST_CASE_ID=cut RESULT=pa\"",
                    "Marking unfinished test run as failed"));
}

TEST_F(TestAction, TheJobsTimeClipsTheTests) {
    job.definition = job_text(deploy_block() + boot_block() + test_block("t1"),
                              "timeouts: {job: {seconds: 40}, action: {minutes: 5}, connection: {minutes: 2}}\n");
    job.board->boot = {say("Linux version 6.1\r\n"), pause(10s), say_prompt()};
    job.board->answers = {unfinished(test_run("0_t1", "42_1.1.2.1", one))};
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::test);
    EXPECT_THAT(outcome.error_msg, ::testing::AnyOf("lava-test-shell timed out after 30 seconds",
                                                    "lava-test-shell timed out after 29 seconds"));
}

TEST_F(TestAction, IsRepeatedToTheEnd) {
    job.definition =
        job_text(deploy_block() + boot_block() + test_block("t1", "    repeat: 3\n    timeout: {minutes: 5}\n"));
    int round = 0;
    job.board->answer_other = [&round](const std::string& line) -> std::string {
        if (line.find(runner) == std::string::npos) return "";
        auto text = test_run("0_t1", "42_1.1.2.1", one);
        if (++round == 2) return "<LAVA_SIGNAL_TESTRAISE no luck>\r\n";
        return text + std::string{test_exit};
    };
    const auto outcome = job.run();
    EXPECT_EQ(round, 3);
    EXPECT_EQ(outcome.error, ErrorType::test);
    EXPECT_EQ(outcome.error_msg, "1 retries out of 3 failed for lava-test-retry");
    EXPECT_THAT(job.sink.texts("error"), Contains("lava-test-retry failed: 2 of 3 attempts. 'no luck'"));
}

const std::string expects_a = "      expected: [a]\n";

TEST_F(TestAction, WhatWasExpectedOfTheFirstRoundIsNotMissingInTheSecond) {
    job.definition = job_text(deploy_block() + boot_block() + test_block("t1", "    repeat: 2\n") + expects_a);
    int round = 0;
    job.board->answer_other = [&round](const std::string& line) -> std::string {
        if (line.find(runner) == std::string::npos) return "";
        return (round++ == 0 ? test_run("0_t1", "42_1.1.2.1", one) : "") + std::string{test_exit};
    };
    EXPECT_TRUE(job.run().passed());
    EXPECT_EQ(round, 2);
    EXPECT_THAT(results(), ElementsAre("0_t1/a pass", "lava/0_t1 pass", "lava/job pass"));
}

TEST_F(TestAction, WhatIsMissingIsSaidOnceAfterTheLastAttempt) {
    const std::string second =
        "    - from: inline\n      name: t2\n      path: inline/t2.yaml\n      repository:\n"
        "        metadata: {format: Lava-Test Test Definition 1.0, name: t2}\n        run: {steps: ['true']}\n"
        "      expected: [c]\n";
    job.definition =
        job_text(deploy_block() + boot_block() + test_block("t1", "    failure_retry: 2\n") + expects_a + second);
    int round = 0;
    job.board->answer_other = [&round](const std::string& line) -> std::string {
        if (line.find(runner) == std::string::npos) return "";
        if (round++ > 0) return std::string{test_exit};
        const auto text = test_run("0_t1", "42_1.1.2.1", one);
        return text.substr(0, text.find("<LAVA_SIGNAL_ENDRUN")) + "<LAVA_SIGNAL_TESTRAISE no luck>\r\n";
    };
    EXPECT_TRUE(job.run().passed());
    EXPECT_THAT(results(), ElementsAre("0_t1/a pass", "lava/0_t1 fail", "lava/lava-test-shell fail", "1_t2/c fail",
                                       "lava/job pass"));
}

TEST_F(TestAction, WithoutADeployHasNothingToRun) {
    job.definition =
        job_text("- boot: {method: qemu, media: tmpfs, prompts: ['root@pb-guest:'], timeout: {minutes: 1}}\n" +
                 test_block("t1"));
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::job);
    EXPECT_THAT(outcome.error_msg, StartsWith("Nothing to run."));
}

TEST_F(TestAction, NeedsTheConsoleOfTheNamespaceThatItNames) {
    job.definition =
        job_text(deploy_block() + boot_block() + test_block("t1", "    connection-namespace: elsewhere\n"));
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::job);
    EXPECT_EQ(outcome.error_msg, "Unable to reuse connection from namespace 'elsewhere'");
}

TEST_F(TestAction, RunsInItsNamespaceOverTheConsoleOfAnother) {
    auto deploy = deploy_block();
    deploy.insert(deploy.find("    to: tmpfs"), "    namespace: target\n");
    job.definition = job_text(deploy + boot_block("    namespace: target\n") +
                              test_block("t1", "    namespace: host\n    connection-namespace: target\n"));
    job.board->answers = {{runner, test_run("0_t1", "42_1.1.2.1", one) + std::string{test_exit}}};
    EXPECT_TRUE(job.run().passed());
    EXPECT_THAT(results(), ElementsAre("0_t1/a pass", "lava/0_t1 pass", "lava/job pass"));
    const auto result = job.sink.result_of("lava", "0_t1");
    EXPECT_EQ(*result.find("namespace")->as_string(), "host");
    EXPECT_EQ(*result.find("connection-namespace")->as_string(), "target");
}

TEST_F(TestAction, OverTheConsoleOfAnotherNamespaceIsItsNextStage) {
    auto deploy = deploy_block();
    deploy.insert(deploy.find("    to: tmpfs"), "    namespace: target\n");
    job.definition =
        job_text(deploy + boot_block("    namespace: target\n") + test_block("t1", "    namespace: target\n") +
                 test_block("t2", "    namespace: host\n    connection-namespace: target\n"));
    job.board->answers = {{"/lava-42/0", test_run("0_t1", "42_1.1.2.1", one) + std::string{test_exit}},
                          {"/lava-42/1", test_run("1_t2", "42_1.1.2.5", one) + std::string{test_exit}}};
    EXPECT_TRUE(job.run().passed());
    EXPECT_THAT(results(),
                ElementsAre("0_t1/a pass", "lava/0_t1 pass", "1_t2/a pass", "lava/1_t2 pass", "lava/job pass"));
}

/// Making the drive is the work of real programs.
TEST(TestOnADrive, MountsThatOfTheNamespaceWhoseOverlayItUses) {
    SimJob job{SimJob::Time::real};
    job.board->boot = {say("Linux version 6.1\r\n"), say_prompt()};
    job.board->answers = {{runner + " ", std::string{test_exit}}};
    job.definition = job_text(
        "- deploy:\n    namespace: target\n    to: tmpfs\n    os: oe\n    images:\n"
        "      kernel: {image_arg: '-kernel {kernel}', url: 'file://@FOLDER@/kernel'}\n" +
        boot_block("    namespace: target\n") +
        test_block("t1", "    namespace: host\n    connection-namespace: target\n"));
    EXPECT_TRUE(job.run().passed());
    EXPECT_THAT(job.board->typed, HasSubstr("\nmkdir /lava-42\nmount /dev/disk/by-uuid/"));
}

TEST_F(TestAction, ListeningToItsOwnConsoleLosesNothing) {
    job.definition = job_text(deploy_block() + boot_block() + test_block("t1"));
    auto text = test_run("0_t1", "42_1.1.2.1", one);
    text.insert(text.find('\n') + 1, "<LAVA_SIGNAL_TESTFEEDBACK common>\r\n");
    job.board->answers = {{runner, text + std::string{test_exit}}};
    EXPECT_TRUE(job.run().passed());
    EXPECT_THAT(results(), ElementsAre("0_t1/a pass", "lava/0_t1 pass", "lava/job pass"));
    EXPECT_TRUE(job.sink.has("error", "Cannot listen to namespace 'common'"));
}

TEST_F(TestAction, SecretsStayOutOfEveryRecord) {
    job.definition = job_text(deploy_block() + boot_block() + test_block("t1"),
                              "secrets: {TOKEN: hunter2, LONG: hunter2-and-more}\n");
    job.board->answers = {
        {runner, "TOKEN=hunter2 LONG=hunter2-and-more\r\n<LAVA_SIGNAL_TESTRAISE no entry with hunter2>\r\n"}};
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::test);
    EXPECT_EQ(outcome.error_msg, "no entry with [MASKED]");
    for (const auto& record : job.sink.records) ASSERT_THAT(record, Not(HasSubstr("hunter2")));
    EXPECT_TRUE(job.sink.has("target", "TOKEN=[MASKED] LONG=[MASKED]"));
    EXPECT_EQ(*job.sink.result_of("lava", "job").find("error_msg")->as_string(), "no entry with [MASKED]");
}

TEST_F(TestAction, SecretsThatAreNoneChangeNoNameAndNoVerdict) {
    job.definition = job_text(deploy_block() + boot_block() + test_block("t1"),
                              "secrets: {DEBUG: 1, WORD: pass, SUITE: lava, NOTHING: null}\n");
    const std::vector<std::string> cases{"a1 pass", "None fail"};
    job.board->answers = {{runner, test_run("0_t1", "42_1.1.2.1", cases) + std::string{test_exit}}};
    EXPECT_TRUE(job.run().passed());
    EXPECT_THAT(results(), ElementsAre("0_t1/a1 pass", "0_t1/None fail", "lava/0_t1 pass", "lava/job pass"));
    EXPECT_EQ(*job.sink.result_of("lava", "login-action").find("level")->as_string(), "2.2.1");
    EXPECT_TRUE(job.sink.has("target", "TEST_CASE_ID=None RESULT=fail"));
}

TEST_F(TestAction, AFixupWithoutAPatternServesSignals) {
    auto block = test_block("t1");
    job.definition = job_text(deploy_block() + boot_block() + block + "        parse: {fixupdict: {GOOD: pass}}\n");
    const std::vector<std::string> cases{"a GOOD"};
    job.board->answers = {{runner, test_run("0_t1", "42_1.1.2.1", cases) + std::string{test_exit}}};
    EXPECT_TRUE(job.run().passed());
    EXPECT_THAT(results(), ElementsAre("0_t1/a pass", "lava/0_t1 pass", "lava/job pass"));
}
TEST_F(TestAction, ServicesAreRefusedByName) {
    SimJob other;
    other.definition = job_text("- test: {timeout: {minutes: 1}, services: []}\n");
    const auto outcome = other.run();
    EXPECT_EQ(outcome.error, ErrorType::job);
    EXPECT_THAT(outcome.error_msg, HasSubstr("not available on this lab"));
    job.definition = job_text(boot_block());
    job.run();
}

}  // namespace
}  // namespace patchbay::testing
