// SPDX-License-Identifier: Apache-2.0
// Tests that need nothing on the target: monitors watch the console, interactive scripts type at a prompt.
#include "tests/jobs/actions/test_action.hpp"

namespace patchbay::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::StartsWith;

TEST_F(TestAction, WatchesAMonitorWithoutTyping) {
    job.definition = job_text(deploy_block() + boot_block() +
                              "- test:\n    timeout: {minutes: 5}\n    monitors:\n"
                              "    - name: kselftest\n      start: TAP version\n      end: Totals\n"
                              "      pattern: '(?P<result>ok|not ok) \\d+ (?P<test_case_id>\\S+)'\n"
                              "      fixupdict: {ok: pass, not ok: fail}\n");
    job.board->boot = {say("Linux version 6.1\r\n"),
                       say_prompt(),
                       pause(40s),
                       say("TAP version 13\r\nok 1 First-Test\r\nnot ok 2 second\r\n"),
                       pause(90s),
                       say("ok 3 third\r\nTotals: 3\r\n"),
                       silence()};
    EXPECT_TRUE(job.run().passed());
    EXPECT_THAT(results(), ElementsAre("kselftest/first_test pass", "kselftest/second fail", "kselftest/third pass",
                                       "lava/lava-test-monitor pass", "lava/job pass"));
    EXPECT_EQ(job.board->typed, "");
}

TEST_F(TestAction, AMonitorThatNeverStartsFailsTheJob) {
    job.definition =
        job_text(deploy_block() + boot_block() +
                 "- test:\n    timeout: {minutes: 5}\n    connection_timeout: {seconds: 20}\n    monitors:\n"
                 "    - {name: m, start: TAP, end: Totals, pattern: '(?P<test_case_id>x) (?P<result>y)'}\n");
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::job);
    EXPECT_EQ(outcome.error_msg, "wait for prompt timed out");
    EXPECT_LT(job.took, 25s);
}

TEST_F(TestAction, AMonitorWhoseActionRunsOutOfTimeFailsTheJob) {
    job.definition = job_text(
        deploy_block() + boot_block() +
        "- test:\n    timeout: {seconds: 30}\n    monitors:\n"
        "    - {name: m, start: TAP, end: Totals, pattern: '(?P<test_case_id>x) (?P<result>y)', expected: [x]}\n"
        "    - {name: n, start: TAP, end: Totals, pattern: '(?P<test_case_id>x) (?P<result>y)', expected: [z]}\n");
    job.board->boot.push_back(say("TAP version 13\r\n"));
    job.board->boot.push_back(silence());
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::test);
    EXPECT_EQ(outcome.error_msg, "lava-test-monitor timed out after 30 seconds");
    EXPECT_THAT(results(), IsSupersetOf({"m/x fail", "n/z fail"}));
}

TEST_F(TestAction, AMonitorWhoseConsoleClosesReportsWhatWasExpected) {
    job.definition = job_text(
        deploy_block() + boot_block() +
        "- test:\n    timeout: {seconds: 30}\n    monitors:\n"
        "    - {name: m, start: TAP, end: Totals, pattern: '(?P<test_case_id>x) (?P<result>y)', expected: [x]}\n");
    job.board->boot.push_back(say("TAP version 13\r\n"));
    job.board->boot.push_back(hang_up());
    EXPECT_THAT(job.run().error_msg, StartsWith("Connection closed: the console 'simulated machine' has ended"));
    EXPECT_THAT(results(), Contains("m/x fail"));
}

TEST_F(TestAction, AMonitorWhoseEndNeverComesEndsLoudly) {
    job.definition =
        job_text(deploy_block() + boot_block() +
                 "- test:\n    timeout: {minutes: 5}\n    connection_timeout: {seconds: 20}\n    monitors:\n"
                 "    - {name: m, start: TAP, end: Totals, pattern: '(?P<test_case_id>x) (?P<result>y)'}\n");
    job.board->boot.push_back(say("TAP version 13\r\n"));
    job.board->boot.push_back(silence());
    EXPECT_TRUE(job.run().passed());
    EXPECT_THAT(job.sink.texts("warning"), Contains(HasSubstr("The end string of monitor 'm' never came")));
}

TEST_F(TestAction, APatternThatExplodesIsTheTestsFaultAndIsNamed) {
    job.definition =
        job_text(deploy_block() + boot_block() +
                 "- test:\n    timeout: {minutes: 5}\n    monitors:\n"
                 "    - {name: m, start: TAP, end: Totals, pattern: '(?P<test_case_id>(a+)+)(?P<result>$)'}\n");
    job.board->boot.push_back(say("TAP version 13\r\n" + std::string(5000, 'a') + "b!\r\n"));
    job.board->boot.push_back(silence());
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::test);
    EXPECT_THAT(outcome.error_msg, HasSubstr("'(?P<test_case_id>(a+)+)(?P<result>$)' is too expensive for"));
}

TEST_F(TestAction, TypesAnInteractiveScriptAndJudgesIt) {
    job.definition =
        job_text(deploy_block() + boot_block() +
                 "- test:\n    timeout: {minutes: 5}\n    interactive:\n"
                 "    - name: basic\n      prompts: ['root@pb-guest:']\n      script:\n"
                 "      - {command: uname, name: system, successes: [{message: '(?P<OS>Linux)'}]}\n"
                 "      - {command: 'echo {OS} {JOB_ID}', name: echo}\n"
                 "      - {delay: 30}\n"
                 "      - {command: uptime, name: soft, successes: [{message: 'up 1 day'}],\n"
                 "         failures: [{message: 'up 0'}]}\n"
                 "      - {command: reboot, name: hard,\n"
                 "         failures: [{message: refused, exception: InfrastructureError, error: told to stop}]}\n");
    job.board->answers = {{"uname", "Linux\r\n"}, {"uptime", "up 0\r\n", 5s}, {"reboot", "refused\r\n"}};
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::infrastructure);
    EXPECT_EQ(outcome.error_msg, "told to stop");
    EXPECT_THAT(results(), ElementsAre("0_basic/system pass", "0_basic/echo pass", "0_basic/soft fail",
                                       "0_basic/hard fail", "lava/0_basic fail", "lava/lava-test-interactive fail",
                                       "lava/lava-test-interactive-retry fail", "lava/job fail"));
    EXPECT_THAT(job.board->typed, HasSubstr("echo Linux 42\n"));
    EXPECT_GE(job.took, 35s);
}

TEST_F(TestAction, AnInteractiveDelayBeyondTheClockLastsUntilTheTimeOut) {
    job.definition = job_text(deploy_block() + boot_block() +
                              "- test:\n    timeout: {seconds: 30}\n    interactive:\n"
                              "    - {name: s, prompts: ['root@pb-guest:'], script: [{delay: 9223372036854775807}]}\n");
    EXPECT_FALSE(job.run().passed());
    EXPECT_GE(job.took, 30s);
    EXPECT_LT(job.took, 60s);
}

TEST_F(TestAction, AnInteractiveScriptReportsWhatItWasExpectedTo) {
    job.definition = job_text(
        deploy_block() + boot_block() +
        "- test:\n    timeout: {minutes: 5}\n    interactive:\n"
        "    - name: basic\n      prompts: ['root@pb-guest:']\n      expected: [here, missing]\n      script:\n"
        "      - {command: 'true', name: here}\n      - {command: 'true', name: extra}\n"
        "      - {command: null}\n");
    job.board->answers = {{"true", "yes\r\nroot@pb-guest: "}};  // one prompt more, which the null command waits for
    EXPECT_TRUE(job.run().passed());
    EXPECT_THAT(results(), ElementsAre("0_basic/here pass", "0_basic/extra fail", "0_basic/missing fail",
                                       "lava/0_basic pass", "lava/job pass"));
}

TEST_F(TestAction, AnInteractiveHangEndsWithItsAction) {
    job.definition = job_text(deploy_block() + boot_block() +
                              "- test:\n    timeout: {seconds: 30}\n    interactive:\n"
                              "    - {name: s, prompts: ['root@pb-guest:'], script: [{command: hang, name: h}]}\n");
    job.board->answers = {{"hang", "", 1h}};
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::test);
    EXPECT_EQ(outcome.error_msg, "lava-test-interactive timed out after 30 seconds");
    EXPECT_THAT(results(), IsSupersetOf({"0_s/h fail", "lava/0_s fail"}));
}

TEST_F(TestAction, AnEchoThatNeverComesIsATimeOutOfTheTest) {
    job.definition =
        job_text(deploy_block() + boot_block() +
                 "- test:\n    timeout: {seconds: 30, skip: true}\n    interactive:\n"
                 "    - {name: s, prompts: ['root@pb-guest:'], echo: discard, script: [{command: hang}]}\n");
    job.board->echoes = false;
    job.board->answers = {{"hang", "", 1h}};
    EXPECT_TRUE(job.run().passed());
    EXPECT_EQ(job.sink.failure_of("lava-test-interactive"), "lava-test-interactive timed out after 30 seconds");
}

TEST_F(TestAction, AnInteractiveTestTypesAsSlowlyAsAnyTest) {
    job.description.character_delays.test = 2s;
    job.definition = job_text(deploy_block() + boot_block() +
                              "- test:\n    timeout: {minutes: 5}\n    interactive:\n"
                              "    - {name: s, prompts: ['root@pb-guest:'], script: [{command: uname}]}\n");
    EXPECT_TRUE(job.run().passed());
    EXPECT_GE(job.took, 12s);
}

TEST_F(TestAction, AnInteractiveTestThatIsNoListIsRefused) {
    job.definition = job_text(boot_block() + "- test: {timeout: {minutes: 1}, interactive: {name: s}}\n");
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::job);
    EXPECT_EQ(outcome.error_msg, "Invalid job data: [\"'interactive' must be a list\"]\n");
    EXPECT_EQ(job.board->boots, 0);
}

}  // namespace
}  // namespace patchbay::testing
