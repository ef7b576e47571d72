// SPDX-License-Identifier: Apache-2.0
// The two validators; the verdicts on recorded definitions are compared in tests/compat.
#include <boost/asio/post.hpp>
#include <future>

#include "tests/daemon/api/smoke_lab.hpp"

namespace patchbay {
namespace {

using namespace testing;

class ValidateTest : public ApiTest {
protected:
    std::string validate(const std::string& text, const std::string& strict = "false") {
        config::Map fields;
        fields.set("definition", text);
        fields.set("strict", config::parse_json(strict));
        const auto answer = lab.post("/api/v0.2/jobs/validate/", "application/json",
                                     config::dump_json(config::Value{std::move(fields)}));
        return std::to_string(answer.status) + " " + answer.body;
    }
    std::string validate_test_definition(const std::string& text) {
        return lab.post_definition("/api/v0.2/jobs/validate_testdef/", text).body;
    }
    const std::string valid = R"(200 {"message":"Job valid."})";
    const std::string job =
        "job_name: j\ndevice_type: qemu\nvisibility: public\ntimeouts: {job: {minutes: 5}}\n"
        "actions:\n- boot: {method: qemu, prompts: ['#']}\n";
};

TEST_F(ValidateTest, AnybodyMayAsk) {
    EXPECT_EQ(validate(job), valid);
    EXPECT_EQ(validate("a: b"), R"(200 {"message":"Job invalid: required key not provided"})");
}

TEST_F(ValidateTest, DoesNotWaitInFrontOfSubmissions) {
    std::promise<void> release;
    std::promise<bool> released;
    asio::post(lab.services().checkers,
               [&] { released.set_value(release.get_future().wait_for(20s) == std::future_status::ready); });
    EXPECT_EQ(validate(job), valid);
    EXPECT_THAT(validate_test_definition("a"), HasSubstr("invalid"));
    release.set_value();
    EXPECT_TRUE(released.get_future().get()) << "they came behind what the submissions' thread did";
}

TEST_F(ValidateTest, StrictRefusesUnknownKeys) {
    EXPECT_EQ(validate(job + "  colour: red\n"), valid);
    EXPECT_EQ(validate(job + "  colour: red\n", "true"), R"(200 {"message":"Job invalid: extra keys not allowed"})");
    for (const std::string no : {"\"false\"", "\"0\"", "null", "\"\"", "0"})
        EXPECT_EQ(validate(job + "  colour: red\n", no), valid) << no;
    for (const std::string yes : {"\"true\"", "\"1\"", "1"})
        EXPECT_NE(validate(job + "  colour: red\n", yes), valid) << yes;
}

TEST_F(ValidateTest, TextThatIsNoYamlIsInvalidAndNoCrash) {
    EXPECT_THAT(validate("a: ["), HasSubstr("200 {\"message\":\"Job invalid: line "));
    EXPECT_THAT(validate("!!python/object/apply:os.getcwd []"), HasSubstr("Job invalid: line 1"));
    EXPECT_THAT(validate(job + "- {}\n"), HasSubstr("Job invalid"));
    std::string bomb = "a0: &a0 [x]\n";
    for (int i = 1; i < 12; ++i) {
        bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
        for (int k = 0; k < 9; ++k) bomb += "*a" + std::to_string(i - 1) + ",";
        bomb += "]\n";
    }
    EXPECT_THAT(validate(bomb), HasSubstr("200 {\"message\":\"Job invalid: line "));
    EXPECT_THAT(validate(std::string(10'000, '[')), HasSubstr("200 {\"message\":\"Job invalid: line "));
}

TEST_F(ValidateTest, ADefinitionIsRequired) {
    const std::string path = "/api/v0.2/jobs/validate/";
    EXPECT_EQ(lab.post(path, "application/json", "{}").body, R"({"definition":"Test job definition is required."})");
    EXPECT_EQ(lab.post(path, "application/json", "{}").status, 400);
    EXPECT_EQ(lab.post(path, "application/json", R"({"definition": [1]})").status, 400);
    EXPECT_EQ(lab.post("/api/v0.2/jobs/validate_testdef/", "application/json", "{}").body,
              R"({"definition":"Test definition is required."})");
}

TEST_F(ValidateTest, TestDefinitionsAreChecked) {
    EXPECT_EQ(
        validate_test_definition("metadata: {format: Lava-Test Test Definition 1.0, name: x}\nrun: {steps: [ls]}\n"),
        R"({"message":"Test definition valid."})");
    EXPECT_THAT(validate_test_definition("run: {steps: [ls]}"), HasSubstr("Test defnition invalid: "));
    EXPECT_THAT(validate_test_definition("a: ["), HasSubstr("Test defnition invalid: line "));
}

}  // namespace
}  // namespace patchbay
