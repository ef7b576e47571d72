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

/// The share of a corpus whose verdicts are the same to the letter, in percent; a crash of LAVA is no verdict.
double agreement(const std::filesystem::path& jobs, const char* mode, Strictness strictness) {
    const auto verdicts = config::parse_json(read_text(jobs / "verdicts.json"));
    int agreed = 0;
    int total = 0;
    int same_side = 0;
    for (const auto& [name, verdict] : *verdicts.as_map()) {
        const auto* recorded = verdict.find(mode);
        if (!recorded || recorded->find("crash") || name == config::Value{"mutants/raw-anchor-loop.yaml"}) continue;
        std::string expected;
        if (!*recorded->find("ok")->as_bool())
            expected = *recorded->find("msg")->as_string() + " @ " + *recorded->find("path_str")->as_string();
        const auto problem = validate_job(config::parse_yaml(read_text(jobs / *name.as_string())), strictness);
        const auto got = problem ? problem->text() : "";
        ++total;
        same_side += expected.empty() == got.empty() ? 1 : 0;
        agreed += got == expected ? 1 : 0;
        if (got != expected) std::cout << *name.as_string() << "\n  LAVA: " << expected << "\n  we:   " << got << "\n";
    }
    std::cout << mode << ": " << agreed << " of " << total << " verdicts agree to the letter, " << same_side
              << " in being good or bad\n";
    return 100.0 * agreed / total;
}

TEST(Validation, AgreesWithTheVerdictsOnACorpusOfJobs) {
    const char* corpus = std::getenv("PATCHBAY_CORPUS");
    if (!corpus) GTEST_SKIP() << "PATCHBAY_CORPUS does not name the folder of the corpus";
    const auto jobs = std::filesystem::path{corpus} / "jobs";
    EXPECT_GE(agreement(jobs, "validate", Strictness::lenient), 97.0);
    EXPECT_GE(agreement(jobs, "validate_strict", Strictness::strict), 95.0);
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
        const auto got = problem ? "Test defnition invalid: " + *problem : std::string{"Test definition valid."};
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
            problem = validate_test_definition(config::parse_yaml(read_text(folder / *name.as_string()))).value_or("");
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
