// SPDX-License-Identifier: Apache-2.0
#include "jobs/results/test_run.hpp"

#include <gmock/gmock.h>

#include "core/errors.hpp"
#include "tests/jobs/results/effects.hpp"

namespace patchbay {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TestDefinitionInfo definition(std::string name) {
    TestDefinitionInfo info;
    info.name = std::move(name);
    info.repository = "https://example.org/tests.git";
    info.path = "smoke.yaml";
    return info;
}

TestRunSettings settings_with(std::vector<TestDefinitionInfo> definitions) {
    TestRunSettings settings;
    settings.level = "3.1";
    settings.definitions = std::move(definitions);
    return settings;
}

/// A target that prints, and a log that counts.
struct Target {
    explicit Target(TestRunSettings settings) : run{std::move(settings)} {}

    std::vector<std::string> print(std::string_view output) {
        std::vector<std::string> lines;
        matcher.feed(output);
        while (const auto match = matcher.search(run.patterns(), AtEnd::take)) {
            now += 1s;
            for (const auto& effect : run.feed(*match, now, log_lines)) {
                log_lines += std::holds_alternative<LogLine>(effect) || std::holds_alternative<ResultEffect>(effect);
                lines.push_back(shown(effect));
            }
        }
        return lines;
    }

    TestRun run;
    Matcher matcher;
    std::chrono::nanoseconds now{};
    std::int64_t log_lines = 100;
};

const std::string start = "<LAVA_SIGNAL_STARTRUN 0_smoke 42_1.1.3.1>\r\n";
const std::string end = "<LAVA_SIGNAL_ENDRUN 0_smoke 42_1.1.3.1>\r\n";
const std::string runner_exit = "<LAVA_TEST_RUNNER EXIT>\r\n";

TEST(TestRun, AWholeRunIsLoggedAndReported) {
    Target target{settings_with({definition("0_smoke")})};
    EXPECT_THAT(
        target.print(start + "<LAVA_SIGNAL_TESTCASE TEST_CASE_ID=a RESULT=pass>\r\n" + end + runner_exit),
        ElementsAre("debug: Received signal: <STARTRUN> 0_smoke 42_1.1.3.1",
                    "info: Starting test lava.0_smoke (42_1.1.3.1)", "info: Skipping test definition patterns.",
                    "debug: Received signal: <TESTCASE> TEST_CASE_ID=a RESULT=pass",
                    R"(result: {"definition": "0_smoke", "case": "a", "result": "pass", "starttc": 103, "endtc": 103})",
                    "debug: Received signal: <ENDRUN> 0_smoke 42_1.1.3.1", "info: Ending use of test pattern.",
                    "info: Ending test lava.0_smoke (42_1.1.3.1), duration 2.00",
                    R"(result: {"definition": "lava", "case": "0_smoke", "result": "pass", "uuid": "42_1.1.3.1", )"
                    R"("duration": "2.00", "namespace": "common", "repository": "https://example.org/tests.git", )"
                    R"("path": "smoke.yaml", "revision": "unspecified"})",
                    "debug: --- 0_smoke Test Report ---", "debug: a: pass\n", "debug: ----------- End -----------",
                    "info: ok: lava_test_shell seems to have completed", "end"));
}

TEST(TestRun, FindsSignalsHoweverTheBytesAreCut) {
    const std::string stream = "[   12.3] " + start + "x<LAVA_SIGNAL_TESTCASE TEST_CASE_ID=a RESULT=pass>\x1b[0m\r\n" +
                               "\xFF<LAVA_SIGNAL_TESTSET START s>" + end + runner_exit;
    Target whole{settings_with({definition("0_smoke")})};
    const auto expected = whole.print(stream);
    for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
        Target target{settings_with({definition("0_smoke")})};
        auto lines = target.print(std::string_view{stream}.substr(0, cut));
        for (auto& line : target.print(std::string_view{stream}.substr(cut))) lines.push_back(std::move(line));
        ASSERT_EQ(lines, expected) << "cut at byte " << cut;
    }
}

TEST(TestRun, MarkersAreTheLinesOfStartAndEnd) {
    Target target{settings_with({definition("0_smoke")})};
    target.print(start);
    target.log_lines = 623;
    target.print("<LAVA_SIGNAL_STARTTC x>");
    target.print("<LAVA_SIGNAL_ENDTC x>");
    EXPECT_THAT(target.print("<LAVA_SIGNAL_TESTCASE TEST_CASE_ID=x RESULT=pass>"),
                Contains(HasSubstr(R"("starttc": 623, "endtc": 624)")));
    EXPECT_THAT(target.print("<LAVA_SIGNAL_TESTCASE TEST_CASE_ID=x RESULT=pass>"),
                Contains(HasSubstr(R"("starttc": 627, "endtc": 627)")));
}

TEST(TestRun, CasesThatBeginWithoutEndAreForgottenBeyondALimitAndThatIsSaidOnce) {
    Target target{settings_with({definition("0_smoke")})};
    target.print(start);
    std::size_t warnings = 0;
    for (std::size_t i = 0; i < TestRun::max_open_cases + 10; ++i) {
        const auto lines = target.print("<LAVA_SIGNAL_STARTTC " + std::to_string(i) + ">");
        warnings += only("warning", lines).size();
    }
    EXPECT_EQ(warnings, 1u);
    target.log_lines = 50'000;
    target.print("<LAVA_SIGNAL_ENDTC 5>");  // of one that is known
    EXPECT_THAT(target.print("<LAVA_SIGNAL_TESTCASE TEST_CASE_ID=5 RESULT=pass>"),
                Contains(HasSubstr(R"("endtc": 50000)")));
    target.log_lines = 60'000;
    EXPECT_THAT(target.print("<LAVA_SIGNAL_TESTCASE TEST_CASE_ID=10005 RESULT=pass>"),
                Contains(HasSubstr(R"("starttc": 60000, "endtc": 60000)")));
}

TEST(TestRun, MeasurementsUnitsSetsAndReferencesAreRecorded) {
    Target target{settings_with({definition("0_smoke")})};
    target.print(start);
    EXPECT_THAT(target.print("<LAVA_SIGNAL_TESTSET START s1>"), Contains("info: Starting test_set s1"));
    EXPECT_THAT(only("result", target.print("<LAVA_SIGNAL_TESTCASE TEST_CASE_ID=m RESULT=pass UNITS=s MEASUREMENT=7>"
                                            "<LAVA_SIGNAL_TESTREFERENCE r fail http://x/y>")),
                ElementsAre(testing::StartsWith(R"(result: {"definition": "0_smoke", "case": "m", "result": "pass", )"
                                                R"("measurement": 7.0, "units": "s", "set": "s1", "starttc": )"),
                            R"(result: {"definition": "0_smoke", "case": "r", "result": "fail", )"
                            R"("reference": "http://x/y", "set": "s1"})"));
    EXPECT_THAT(target.print("<LAVA_SIGNAL_TESTSET STOP now>"), Contains(HasSubstr("error: Ignoring a test set")));
    EXPECT_THAT(target.print("<LAVA_SIGNAL_TESTSET STOP >"), Contains("info: Closing test_set s1"));
}

TEST(TestRun, AnOpenTestSetDoesNotReachTheNextDefinition) {
    Target target{settings_with({definition("0_smoke"), definition("1_next")})};
    target.print(start + "<LAVA_SIGNAL_TESTSET START s1>" + end + "<LAVA_SIGNAL_STARTRUN 1_next u>");
    EXPECT_THAT(only("result", target.print("<LAVA_SIGNAL_TESTCASE TEST_CASE_ID=a RESULT=pass>")),
                ElementsAre(testing::Not(HasSubstr("\"set\""))));
}

TEST(TestRun, ABadResultIsAnErrorLineAndNoCase) {
    Target target{settings_with({definition("0_smoke")})};
    target.print(start);
    EXPECT_THAT(
        target.print("<LAVA_SIGNAL_TESTCASE TEST_CASE_ID=a RESULT=good>"),
        ElementsAre("debug: Received signal: <TESTCASE> TEST_CASE_ID=a RESULT=good", "error: Bad test result: 'good'"));
    EXPECT_THAT(target.print("<LAVA_SIGNAL_TESTREFERENCE only two>"),
                Contains(HasSubstr("error: Ignoring a test reference")));
}

TEST(TestRun, ATestCaseBeforeAnyRunFailsTheAction) {
    Target target{settings_with({definition("0_smoke")})};
    const auto lines = target.print("<LAVA_SIGNAL_TESTCASE TEST_CASE_ID=a RESULT=pass>");
    EXPECT_THAT(lines, Contains(HasSubstr("error: Unknown test uuid. ")));
    EXPECT_EQ(lines.back(), "raise: Invalid TESTCASE signal");
}

TEST(TestRun, AStartOrEndWithoutUuidIsAnInvalidSignal) {
    Target target{settings_with({definition("0_smoke")})};
    EXPECT_EQ(target.print("<LAVA_SIGNAL_STARTRUN 0_smoke>").back(), "raise: Invalid signal");
    EXPECT_EQ(target.print("<LAVA_SIGNAL_ENDRUN 0_smoke>").back(), "raise: Invalid signal");
}

TEST(TestRun, TheLastDefinitionThatEndsEarlyFails) {
    Target target{settings_with({definition("0_smoke")})};
    target.print(start);
    EXPECT_THAT(
        target.print(runner_exit),
        ElementsAre("info: ok: lava_test_shell seems to have completed", "error: Marking unfinished test run as failed",
                    R"(result: {"definition": "lava", "case": "0_smoke", "result": "fail", "uuid": "42_1.1.3.1", )"
                    R"("duration": "1.00"})",
                    "end"));
}

TEST(TestRun, ADefinitionThatEndsEarlyIsNotLostWhenAnotherFollows) {
    Target target{settings_with({definition("0_smoke"), definition("1_next")})};
    target.print(start);
    const auto lines = target.print("<LAVA_SIGNAL_STARTRUN 1_next u>");
    EXPECT_THAT(lines, Contains("error: Marking unfinished test run as failed"));
    EXPECT_THAT(only("result", lines), ElementsAre(HasSubstr(R"("case": "0_smoke", "result": "fail")")));
}

TEST(TestRun, AFailedInstallFailsTheStageAndTheDefinitionThatNeverStarted) {
    Target target{settings_with({definition("0_smoke"), definition("1_next")})};
    EXPECT_THAT(target.print("<LAVA_TEST_RUNNER INSTALL_FAIL>\r\n"),
                ElementsAre("error: Unable to start stage 0. Read the log for more details."));
    target.print("<LAVA_SIGNAL_STARTRUN 1_next u><LAVA_SIGNAL_ENDRUN 1_next u>");
    EXPECT_THAT(
        target.print(runner_exit),
        ElementsAre("info: ok: lava_test_shell seems to have completed",
                    "error: The test definition 0_smoke was never started",
                    R"(result: {"definition": "lava", "case": "0_smoke", "result": "fail", "namespace": "common"})",
                    R"(result: {"definition": "lava", "case": "stage_0", "result": "fail", "namespace": "common"})",
                    "raise: ['Unable to start test stage 0']"));
}

TEST(TestRun, ASecondRunOfTheRunnerHasNothingToReport) {
    Target target{settings_with({definition("0_smoke")})};
    EXPECT_THAT(target.print(runner_exit), ElementsAre("info: ok: lava_test_shell seems to have completed", "end"));
}

TEST(TestRun, ATimeOutMarksTheUnfinishedRun) {
    Target target{settings_with({definition("0_smoke")})};
    target.print(start);
    EXPECT_THAT(
        shown(target.run.interrupted(8'470ms)),
        ElementsAre("error: Marking unfinished test run as failed",
                    R"(result: {"definition": "lava", "case": "0_smoke", "result": "fail", "uuid": "42_1.1.3.1", )"
                    R"("duration": "7.47"})"));
    EXPECT_THAT(target.run.interrupted(9s), IsEmpty());
}

TEST(TestRun, RaiseEventAndFeedback) {
    auto settings = settings_with({definition("0_smoke")});
    settings.feedback_namespaces = {"common", "other"};
    Target target{settings};
    target.print(start);
    EXPECT_EQ(target.print("<LAVA_SIGNAL_TESTEVENT half done>").back(), "event: half done");
    EXPECT_EQ(target.print("<LAVA_SIGNAL_TESTFEEDBACK other>").back(), "feedback: other");
    EXPECT_EQ(target.print("<LAVA_SIGNAL_TESTFEEDBACK nobody>").back(),
              "error: Cannot listen to namespace 'nobody': it has no connection");
    EXPECT_EQ(target.print("<LAVA_SIGNAL_TESTFEEDBACK common>").back(),
              "error: Cannot listen to namespace 'common': this test speaks over its connection");
    EXPECT_EQ(target.print("<LAVA_SIGNAL_TESTRAISE cannot set up the rig>").back(), "raise: cannot set up the rig");
    EXPECT_EQ(target.print("<LAVA_SIGNAL_RETRUNCODE 0>").size(), 1u);
}

TestDefinitionInfo parsing() {
    auto info = definition("0_smoke");
    info.parse_pattern = R"(RES (?P<test_case_id>[\w -]+): (?P<result>\w+)( (?P<measurement>[\d.]+)(?P<units>\w+))?)";
    info.fixup = Fixup{{"PASSED", "pass"}};
    return info;
}

TEST(TestRun, AParsePatternMakesCases) {
    Target target{settings_with({parsing()})};
    EXPECT_THAT(target.print("RES before: PASSED\n"), IsEmpty());
    EXPECT_THAT(target.print(start), Contains("info: Enabling test definition fixup {'PASSED': 'pass'}"));
    EXPECT_THAT(target.print("RES one: PASSED\nRES two: PASSED 3.5ms\n"),
                ElementsAre(HasSubstr(R"("case": "one", "result": "pass", "starttc")"),
                            HasSubstr(R"("case": "two", "result": "pass", "measurement": "3.5", "units": "ms")")));
    EXPECT_THAT(target.print("RES with blank: PASSED\n"),
                ElementsAre("debug: Skipping invalid test_case_id 'with blank'"));
    EXPECT_THAT(target.print("RES odd: STRANGE\n"),
                ElementsAre(HasSubstr(R"("result": "STRANGE")"), "error: Bad test result: 'STRANGE'"));
    target.print(end);
    EXPECT_THAT(target.print("RES after: PASSED\n"), IsEmpty());
}

TEST(TestRun, AMeasurementThatNobodyCanStoreLosesNoCase) {
    auto info = parsing();
    info.parse_pattern = R"(RES (?P<test_case_id>\w+): (?P<result>\w+) (?P<measurement>\S+) (?P<units>\w+))";
    Target target{settings_with({info})};
    target.print(start);
    EXPECT_THAT(target.print("RES one: PASSED n/a ms\n"),
                ElementsAre("error: Invalid measurement 'n/a' of test case 'one': the case is kept without it",
                            R"(result: {"definition": "0_smoke", "case": "one", "result": "pass", )"
                            R"("starttc": 104, "endtc": 104})"));
    const auto signal = target.print("<LAVA_SIGNAL_TESTCASE TEST_CASE_ID=a RESULT=pass MEASUREMENT=1e25 UNITS=s>");
    EXPECT_THAT(signal, Contains("error: Invalid measurement '1e+25' of test case 'a': the case is kept without it"));
    EXPECT_THAT(signal.back(), HasSubstr(R"("case": "a", "result": "pass", "starttc")"));
}

TEST(TestRun, AParsePatternMayNotMatchAnEmptyText) {
    auto info = parsing();
    info.parse_pattern = "(?P<test_case_id>x*)(?P<result>)";
    Target target{settings_with({info})};
    target.matcher.feed(start + "text\n");
    ASSERT_TRUE(target.matcher.search(target.run.patterns(), AtEnd::take));
    target.run.feed(
        *[&] {
            Matcher first;
            first.feed(start);
            return first.search(target.run.patterns(), AtEnd::take);
        }(),
        0s, 0);
    const auto match = target.matcher.search(target.run.patterns(), AtEnd::take);
    ASSERT_TRUE(match);
    EXPECT_THAT(shown(target.run.feed(*match, 0s, 0)), ElementsAre(HasSubstr("raise: The parse pattern of 0_smoke")));
}

TEST(TestRun, AnInvalidParsePatternIsATestError) {
    auto info = parsing();
    info.parse_pattern = "(";
    EXPECT_THROW(TestRun{settings_with({info})}, TestError);
}

TEST(TestRun, ExpectedCasesThatAreMissingFailAndOthersCountAsFailed) {
    auto info = definition("0_smoke");
    info.expected = {"seen", "missing"};
    Target target{settings_with({info})};
    target.print(start);
    EXPECT_THAT(only("result", target.print("<LAVA_SIGNAL_TESTCASE TEST_CASE_ID=seen RESULT=pass>"
                                            "<LAVA_SIGNAL_TESTCASE TEST_CASE_ID=extra RESULT=pass>")),
                ElementsAre(HasSubstr(R"("case": "seen", "result": "pass")"),
                            HasSubstr(R"("case": "extra", "result": "fail")")));
    EXPECT_THAT(only("result", target.print(end)),
                ElementsAre(R"(result: {"definition": "0_smoke", "case": "missing", "result": "fail", "level": "3.1", )"
                            R"("extra": {"reason": "missing expected test case"}})",
                            HasSubstr(R"("case": "0_smoke", "result": "pass")")));
    EXPECT_THAT(target.run.cleanup(), IsEmpty());
}

TEST(TestRun, TheJobsListOfADefinitionThatNeverEndedIsReportedAtCleanup) {
    auto first = definition("0_smoke"), second = definition("1_next");
    first.expected = {"a", "b"};
    second.expected = {"c"};
    first.expected_from_job = second.expected_from_job = true;
    Target target{settings_with({first, second})};
    target.print(start + "<LAVA_SIGNAL_TESTCASE TEST_CASE_ID=a RESULT=pass>");
    EXPECT_THAT(only("result", shown(target.run.interrupted(5s))),
                ElementsAre(HasSubstr(R"("case": "0_smoke", "result": "fail")"),
                            HasSubstr(R"("case": "b", "result": "fail")")));
    EXPECT_THAT(only("result", shown(target.run.cleanup())),
                ElementsAre(HasSubstr(R"({"definition": "1_next", "case": "c", "result": "fail")")));
}

TEST(TestRun, AnotherAttemptAsksForNoListAgain) {
    auto first = definition("0_smoke"), second = definition("1_next");
    first.expected = {"a"};
    second.expected = {"c"};
    first.expected_from_job = second.expected_from_job = true;
    auto settings = settings_with({first, second});
    Target target{settings};
    target.print(start + "<LAVA_SIGNAL_TESTCASE TEST_CASE_ID=a RESULT=pass>" + end);
    settings.expectation_done = target.run.expectation_done();
    Target again{settings};
    again.print(runner_exit);
    EXPECT_THAT(only("result", shown(again.run.cleanup())), ElementsAre(HasSubstr(R"("1_next", "case": "c")")));
}

TEST(TestRun, TheReportShowsSetsAndMeasurements) {
    Target target{settings_with({definition("0_smoke")})};
    target.print(start +
                 "<LAVA_SIGNAL_TESTSET START s><LAVA_SIGNAL_TESTCASE TEST_CASE_ID=b RESULT=fail>"
                 "<LAVA_SIGNAL_TESTSET STOP ><LAVA_SIGNAL_TESTCASE TEST_CASE_ID=a RESULT=pass>");
    EXPECT_THAT(target.print(end), Contains("debug: a: pass\nb:\n  result: fail\n  set: s\n"));
}

TEST(TestRun, ADefinitionThatTheJobDoesNotKnowIsReportedAllTheSame) {
    Target target{settings_with({})};
    target.print("<LAVA_SIGNAL_STARTRUN 9_odd u>");
    EXPECT_THAT(only("result", target.print("<LAVA_SIGNAL_ENDRUN 9_odd u>")),
                ElementsAre(R"(result: {"definition": "lava", "case": "9_odd", "result": "pass", "uuid": "u", )"
                            R"("duration": "1.00", "namespace": "common"})"));
}

}  // namespace
}  // namespace patchbay
