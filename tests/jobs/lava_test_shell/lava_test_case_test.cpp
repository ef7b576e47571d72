// SPDX-License-Identifier: Apache-2.0
#include "tests/jobs/lava_test_shell/target.hpp"

namespace patchbay {
namespace {

using LavaTestCase = Target;
EVERY_SHELL(LavaTestCase);

TEST_P(LavaTestCase, SaysOneSignalForAResult) {
    struct Row {
        const char* arguments;
        const char* output;
    };
    const Row rows[] = {
        {"a --result pass", "<LAVA_SIGNAL_TESTCASE TEST_CASE_ID=a RESULT=pass>\n"},
        {"case.dots_and-dashes --result fail",
         "<LAVA_SIGNAL_TESTCASE TEST_CASE_ID=case.dots_and-dashes RESULT=fail>\n"},
        {"a --result pass --measurement 12.5 --units MB/s",
         "<LAVA_SIGNAL_TESTCASE TEST_CASE_ID=a RESULT=pass UNITS=MB/s MEASUREMENT=12.5>\n"},
        {"a --units s --measurement 1.5e-3 --result unknown",
         "<LAVA_SIGNAL_TESTCASE TEST_CASE_ID=a RESULT=unknown UNITS=s MEASUREMENT=1.5e-3>\n"},
        {"a --result pass --measurement 99", "<LAVA_SIGNAL_TESTCASE TEST_CASE_ID=a RESULT=pass MEASUREMENT=99>\n"},
        {"a --result skip --units furlong", "<LAVA_SIGNAL_TESTCASE TEST_CASE_ID=a RESULT=skip UNITS=furlong>\n"},
        {"'a\\nb' --result pass", "<LAVA_SIGNAL_TESTCASE TEST_CASE_ID=a\\nb RESULT=pass>\n"},
    };
    for (const auto& row : rows) {
        const auto outcome = run(std::string{"lava-test-case "} + row.arguments);
        EXPECT_EQ(outcome.output, row.output);
        EXPECT_EQ(outcome.code, 0);
    }
}

TEST_P(LavaTestCase, RunsACommandAndTellsItsVerdictButNeverItsExitCode) {
    struct Row {
        const char* command;
        const char* output;
        const char* result;
    };
    const Row rows[] = {
        {"true", "", "pass"},
        {"false", "", "fail"},
        {"test 'a b' = 'a b'", "", "pass"},                                   // several words stay words
        {"echo 'a  b'", "a  b\n", "pass"},                                    // so do the blanks in them
        {"\"echo one; echo two | grep two; exit 3\"", "one\ntwo\n", "fail"},  // one word is a line
        {"exit 4", "", "fail"},
        {"'test \"$TEST_CASE_ID\" = a'", "", "pass"},
        {"echo --result fail", "--result fail\n", "pass"},
    };
    for (const auto& row : rows) {
        const auto outcome = run(std::string{"lava-test-case a --shell "} + row.command);
        EXPECT_EQ(outcome.output,
                  std::string{"<LAVA_SIGNAL_STARTTC a>\n"} + row.output +
                      "<LAVA_SIGNAL_ENDTC a>\n<LAVA_SIGNAL_TESTCASE TEST_CASE_ID=a RESULT=" + row.result + ">\n")
            << row.command;
        EXPECT_EQ(outcome.code, 0) << row.command;
    }
}

TEST_P(LavaTestCase, ACommandThatIsNotThereFailsTheCaseOnly) {
    const auto outcome = run("set -e\nlava-test-case a --shell no-such-command-here\necho alive");
    EXPECT_NE(outcome.output.find("<LAVA_SIGNAL_TESTCASE TEST_CASE_ID=a RESULT=fail>\nalive\n"), std::string::npos)
        << outcome.output;
}

TEST_P(LavaTestCase, ShowsAFileAsTheOutputOfTheCase) {
    write("log", "line 1\nline 2\n");
    const auto outcome = run("lava-test-case a --result pass --output " + (root / "log").string());
    EXPECT_EQ(outcome.output,
              "<LAVA_SIGNAL_STARTTC a>\nline 1\nline 2\n<LAVA_SIGNAL_ENDTC a>\n"
              "<LAVA_SIGNAL_TESTCASE TEST_CASE_ID=a RESULT=pass>\n");
}

TEST_P(LavaTestCase, RefusesToReportWithoutAResult) {
    for (const auto* arguments :
         {"", "a", "--result pass", "a --result", "a --shell", "a --measurement 3", "a --hasty yes"}) {
        const auto outcome = run(std::string{"lava-test-case "} + arguments);
        EXPECT_EQ(outcome.code, 1) << arguments;
        EXPECT_EQ(outcome.output.find("LAVA_SIGNAL_TESTCASE"), std::string::npos) << outcome.output;
        EXPECT_NE(outcome.output, "") << arguments;
    }
}

TEST_P(LavaTestCase, SpeaksThroughTheKernelLogWhenAsked) {
    const auto outcome = run("KMSG=true\nexport KMSG\nlava-test-case a --result pass");
    EXPECT_EQ(outcome.output, "");
    EXPECT_EQ(read("kmsg"), "<0><LAVA_SIGNAL_TESTCASE TEST_CASE_ID=a RESULT=pass>\n");
}

}  // namespace
}  // namespace patchbay
