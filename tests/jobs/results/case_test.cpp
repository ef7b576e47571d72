// SPDX-License-Identifier: Apache-2.0
#include "jobs/results/case.hpp"

#include <gtest/gtest.h>

#include "core/config/yaml.hpp"

namespace patchbay {
namespace {

CaseReading read(std::string_view json) { return read_case(config::parse_json(json), JobId{42}); }

TEST(Case, TakesAMessageApart) {
    const auto found = read(R"({"definition": "0_smoke", "case": " t2 ", "result": "fail", "measurement": "12.5",
                                "units": "MB/s", "set": "grp", "starttc": 2, "endtc": 4})")
                           .test_case.value();
    EXPECT_EQ(found.suite, "0_smoke");
    EXPECT_EQ(found.name, "t2");
    EXPECT_EQ(found.result, "fail");
    EXPECT_EQ(found.measurement, "12.5000000000");
    EXPECT_EQ(found.units, "MB/s");
    EXPECT_EQ(found.set, "grp");
    EXPECT_EQ(found.start_log_line, 2);
    EXPECT_EQ(found.end_log_line, 4);
    EXPECT_EQ(found.metadata,
              "case: ' t2 '\ndefinition: 0_smoke\nmeasurement: '12.5'\nresult: fail\nset: grp\nunits: MB/s\n");
}

TEST(Case, InSuiteLavaTheMeasurementIsTheDuration) {
    const auto found = read(R"({"definition": "lava", "case": "login-action", "result": "pass", "duration": "4.17",
                                "measurement": 3, "starttc": 1, "level": "2.2.1", "extra": {"success": "fine"}})")
                           .test_case.value();
    EXPECT_EQ(found.measurement, "4.1700000000");
    EXPECT_EQ(found.units, "seconds");
    EXPECT_EQ(found.start_log_line, std::nullopt);
    EXPECT_EQ(found.extra, R"({"success":"fine"})");
    EXPECT_EQ(found.metadata.find("extra"), std::string::npos);
}

TEST(Case, ExtraWithoutLevelIsDropped) {
    EXPECT_EQ(read(R"({"definition": "x", "case": "a", "result": "pass", "extra": {"a": 1}})").test_case->extra, "");
}

TEST(Case, AMessageThatLacksAKeyIsACommentOnTheJob) {
    for (const auto* text : {R"({"definition": "x", "case": "a"})", R"({"case": "a", "result": "pass"})", "[1]",
                             "\"x\"", R"({"skip": "line way too long ..."})"}) {
        const auto reading = read(text);
        EXPECT_FALSE(reading.test_case);
        EXPECT_EQ(reading.comment.rfind(R"(Missing some keys ("definition", "case" or "result") in )", 0), 0u) << text;
    }
}

TEST(Case, AnotherResultWordIsNoCase) {
    const auto reading = read(R"({"definition": "x", "case": "a", "result": "STRANGE"})");
    EXPECT_FALSE(reading.test_case);
    EXPECT_EQ(reading.comment, "");
}

TEST(Case, AMeasurementThatIsNoNumberLosesNoCase) {
    for (const auto* value : {"fast", "nan", "1e25"}) {
        const auto text = std::string{R"({"definition": "x", "case": "a", "result": "pass", "units": "s", )"} +
                          R"("measurement": ")" + value + "\"}";
        const auto reading = read(text);
        ASSERT_TRUE(reading.test_case) << value;
        EXPECT_EQ(reading.test_case->measurement, std::nullopt);
        EXPECT_EQ(reading.test_case->units, "");
    }
}

TEST(Case, AnAbsentMeasurementIsNoMeasurement) {
    for (const auto* value : {"null", "\"null\"", "\"\""}) {
        const auto text =
            std::string{R"({"definition": "x", "case": "a", "result": "pass", "measurement": )"} + value + "}";
        const auto reading = read(text);
        ASSERT_TRUE(reading.test_case) << value;
        EXPECT_EQ(reading.test_case->measurement, std::nullopt);
    }
}

TEST(Case, ControlCharactersOfANameAreSpelledOut) {
    EXPECT_EQ(clean_case_name(" a\tb\x7f\n"), "a_ctrl-char_b_ctrl-char_");
}

TEST(Case, DecimalsHaveTenDigitsAfterThePoint) {
    const std::pair<const char*, std::optional<std::string>> cases[] = {
        {"12.5", "12.5000000000"},
        {"7", "7.0000000000"},
        {"7.0", "7.0000000000"},
        {"1.5e-3", "0.0015000000"},
        {"-0.25", "-0.2500000000"},
        {"+3", "3.0000000000"},
        {".5", "0.5000000000"},
        {"0", "0.0000000000"},
        {"-0", "0.0000000000"},
        {"1E3", "1000.0000000000"},
        {"0.00000000005", "0.0000000000"},  // half to even
        {"0.00000000015", "0.0000000002"},
        {"0.000000000051", "0.0000000001"},
        {"9.99999999999", "10.0000000000"},
        {"0.00000000009999", "0.0000000001"},
        {"1e-40", "0.0000000000"},
        {"12345678901234567890", "12345678901234567890.0000000000"},
        {"123456789012345678901", std::nullopt},
        {"1e20", std::nullopt},
        {"", std::nullopt},
        {"x", std::nullopt},
        {"1e", std::nullopt},
        {"1.2.3", std::nullopt},
        {"inf", std::nullopt},
        {"1e99999999999999999999", std::nullopt},
    };
    for (const auto& [text, decimal] : cases) EXPECT_EQ(to_decimal(text), decimal) << text;
}

TEST(Case, LongMetadataIsCutToWhatClientsNeed) {
    config::Map message{{"definition", "lava"},
                        {"case", "job"},
                        {"result", "fail"},
                        {"error_type", "Job"},
                        {"error_msg", std::string(5000, 'e')},
                        {"namespace", "common"}};
    const auto reading = read_case(message, JobId{42});
    ASSERT_TRUE(reading.test_case);
    const auto metadata = config::parse_yaml(reading.test_case->metadata);
    EXPECT_EQ(*metadata.find("error_msg")->as_string(), std::string(256, 'e'));
    EXPECT_EQ(*metadata.find("error_type")->as_string(), "Job");
    EXPECT_EQ(metadata.find("namespace"), nullptr);
    EXPECT_EQ(reading.comment, "[42] Result metadata is too long. lava/job");
}

TEST(Case, ASuiteNameHasNoSlash) {
    EXPECT_EQ(read(R"({"definition": "a/b", "case": "a", "result": "pass"})").test_case->suite, "a_b");
}

}  // namespace
}  // namespace patchbay
