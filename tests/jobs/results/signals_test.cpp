// SPDX-License-Identifier: Apache-2.0
#include "jobs/results/signals.hpp"

#include <gmock/gmock.h>

namespace patchbay {
namespace {

using testing::ElementsAre;

std::string error_of(std::string_view text, const Fixup& fixup = default_fixup()) {
    const auto parsed = parse_test_case(make_signal("TESTCASE", text), fixup);
    const auto* error = std::get_if<SignalError>(&parsed);
    return error ? error->text : "no error";
}

TEST(Signals, ParametersAreSplitAtWhiteSpace) {
    EXPECT_THAT(make_signal("X", " a  b\tc\r\n").parameters, ElementsAre("a", "b", "c"));
    EXPECT_THAT(make_signal("X", "  ").parameters, testing::IsEmpty());
}

TEST(Signals, ATestCaseHasAResultAndPerhapsAMeasurement) {
    const auto parsed = parse_test_case(
        make_signal("TESTCASE", "TEST_CASE_ID=a RESULT=PASS UNITS=MB/s MEASUREMENT=12.5 OTHER=x"), default_fixup());
    const auto& found = std::get<TestCaseSignal>(parsed);
    EXPECT_EQ(found.id, "a");
    EXPECT_EQ(found.result, "pass");
    EXPECT_EQ(found.measurement, 12.5);
    EXPECT_EQ(found.units, "MB/s");
}

TEST(Signals, AValueMayHoldAnEqualsSign) {
    const auto parsed = parse_test_case(make_signal("TESTCASE", "TEST_CASE_ID=a=b RESULT=pass"), default_fixup());
    EXPECT_EQ(std::get<TestCaseSignal>(parsed).id, "a=b");
}

TEST(Signals, UnitsWithoutMeasurementAreDropped) {
    const auto parsed =
        parse_test_case(make_signal("TESTCASE", "TEST_CASE_ID=a RESULT=pass UNITS=furlong"), default_fixup());
    EXPECT_EQ(std::get<TestCaseSignal>(parsed).units, "");
}

TEST(Signals, EachMistakeHasItsText) {
    EXPECT_EQ(error_of("TEST_CASE_ID=a b RESULT=pass"), "Ignoring malformed parameter for signal: \"b\". ");
    EXPECT_EQ(error_of("TEST_CASE_ID=a RESULT=ok"), "Bad test result: 'ok'");
    EXPECT_EQ(error_of("TEST_CASE_ID=a RESULT=PASS", {}), "Bad test result: 'PASS'");
    EXPECT_EQ(error_of("TEST_CASE_ID=a RESULT=OK", {{"OK", "pass"}}), "no error");
    EXPECT_EQ(error_of("TEST_CASE_ID=a RESULT=pass MEASUREMENT=fast"), "Invalid measurement 'fast' of test case 'a'");
    EXPECT_EQ(error_of("RESULT=pass"), "Ignoring a test case without TEST_CASE_ID: \"RESULT=pass\"");
    EXPECT_EQ(error_of("TEST_CASE_ID=a"), "Ignoring a test case without RESULT: \"TEST_CASE_ID=a\"");
}

TEST(Signals, MeasurementsAreNumbersAsPythonReadsThem) {
    EXPECT_EQ(parse_measurement("7"), 7.0);
    EXPECT_EQ(parse_measurement(" +1.5e-3 "), 0.0015);
    EXPECT_EQ(parse_measurement("-.5"), -0.5);
    for (const auto* text : {"", " ", "x", "1,5", "0x10", "+-1", "+", "1 2", "nan", "inf", "1e999"}) {
        EXPECT_EQ(parse_measurement(text), std::nullopt) << text;
    }
}

TEST(Signals, AreReadAgainBehindTheOneThatWasCut) {
    const auto cut = read_signal("<LAVA_SIGNAL_TESTCASE TEST_CASE_ID=a RES\r\n<LAVA_SIGNAL_ENDRUN 0_a u>");
    EXPECT_EQ(cut.cut, "<LAVA_SIGNAL_TESTCASE TEST_CASE_ID=a RES\r\n");
    ASSERT_TRUE(cut.signal);
    EXPECT_EQ(cut.signal->name, "ENDRUN");
    EXPECT_EQ(cut.signal->parameters, (std::vector<std::string>{"0_a", "u"}));
    const auto bare = read_signal("<LAVA_SIGNAL_TESTCASE>");
    EXPECT_EQ(bare.cut, "<LAVA_SIGNAL_TESTCASE>");
    EXPECT_FALSE(bare.signal);
}

TEST(Signals, AWordWithTheEndOfItsLineIsTheWord) {
    const Fixup fixup{{"PASSED", "pass"}, {" odd", "fail"}};
    EXPECT_EQ(fix_up(fixup, "PASSED\r"), "pass");
    EXPECT_EQ(fix_up(fixup, " odd"), "fail");
    EXPECT_EQ(fix_up(fixup, "other\r"), "other");
}

}  // namespace
}  // namespace patchbay
