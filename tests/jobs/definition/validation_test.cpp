// SPDX-License-Identifier: Apache-2.0
#include "jobs/definition/validation.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "core/config/yaml.hpp"
#include "tests/core/config/typed_json.hpp"

namespace patchbay {
namespace {

using testing::read_text;

const std::filesystem::path golden = PATCHBAY_SOURCE_DIR "/tests/compat/golden/c-invalid";

/// What LAVA 2023.01 answers: without the path.
std::string old_answer(const config::Value& job, Strictness strictness) {
    const auto problem = validate_job(job, strictness);
    return problem ? "Job invalid: " + problem->message : "Job valid.";
}

int compare_with_recordings(const std::string& ending, Strictness strictness) {
    int count = 0;
    for (const auto& file : std::filesystem::directory_iterator{golden}) {
        const auto name = file.path().filename().string();
        if (!name.ends_with(".job.yaml")) continue;
        const auto recorded = golden / (name.substr(0, name.size() - 9) + ending);
        if (!std::filesystem::exists(recorded)) continue;
        const auto answer = config::parse_json(read_text(recorded));
        if (!answer.find("message")) continue;  // about the request, not about a job
        const auto job = config::parse_yaml(read_text(file.path()));
        EXPECT_EQ(old_answer(job, strictness), *answer.find("message")->as_string()) << name;
        ++count;
    }
    return count;
}

TEST(Validation, AnswersAsLavaAnswers) {
    EXPECT_GE(compare_with_recordings(".validate.json", Strictness::lenient), 40);
}

TEST(Validation, AnswersAsLavaAnswersWhenStrict) {
    EXPECT_GE(compare_with_recordings(".validate-strict.json", Strictness::strict), 40);
}

TEST(TestDefinitionValidation, AnswersAsLavaAnswers) {
    int count = 0;
    for (const auto& file : std::filesystem::directory_iterator{golden}) {
        const auto name = file.path().filename().string();
        if (!name.starts_with("testdef-") || !name.ends_with(".yaml")) continue;
        const auto answer =
            config::parse_json(read_text(golden / (name.substr(0, name.size() - 5) + ".validate.json")));
        const auto problem = validate_test_definition(config::parse_yaml(read_text(file.path())));
        // LAVA 2023.01 spells it so.
        const auto got = problem ? "Test defnition invalid: " + problem->text() : std::string{"Test definition valid."};
        EXPECT_EQ(got, *answer.find("message")->as_string()) << name;
        ++count;
    }
    EXPECT_GE(count, 5);
}

TEST(TestDefinitionValidation, AgreesWithTheVerdictsOnACorpusOfFiles) {
    const char* corpus = std::getenv("PATCHBAY_CORPUS");
    if (!corpus) GTEST_SKIP() << "PATCHBAY_CORPUS does not name the folder of the corpus";
    const auto folder = std::filesystem::path{corpus} / "testdefs";
    const auto verdicts = config::parse_json(read_text(folder / "verdicts.json"));
    int agreed = 0;
    int total = 0;
    for (const auto& [name, verdict] : *verdicts.as_map()) {
        std::string problem;
        try {
            const auto found = validate_test_definition(config::parse_yaml(read_text(folder / *name.as_string())));
            if (found) problem = found->text();
        } catch (const config::YamlError& error) {
            problem = error.what();
        }
        const bool good = *verdict.find("ok")->as_bool();
        ++total;
        if (problem.empty() == good)
            ++agreed;
        else
            std::cout << *name.as_string() << ": " << problem << "\n";
    }
    std::cout << "test definitions: " << agreed << " of " << total << " verdicts agree\n";
    EXPECT_GE(agreed * 100, total * 98);
}

}  // namespace
}  // namespace patchbay
