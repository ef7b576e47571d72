// SPDX-License-Identifier: Apache-2.0
#include "jobs/definition/submission.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <set>

#include "core/config/yaml.hpp"
#include "tests/core/config/typed_json.hpp"

namespace patchbay {
namespace {

using testing::read_text;

/// LAVA's answer to a text; "" when the job is taken.
std::string answer(const std::string& text, RetiredProtocols retired = RetiredProtocols::accepted) {
    try {
        read_submission(text, retired);
        return "";
    } catch (const SubmissionError& error) {
        return error.what();
    }
}

TEST(Submission, IsAnsweredAsLavaAnswersIt) {
    constexpr std::string_view prefix = "Problem with submitted job data: ";
    int count = 0;
    for (const auto& file : std::filesystem::directory_iterator{PATCHBAY_SOURCE_DIR "/tests/compat/golden/c-invalid"}) {
        const auto name = file.path().filename().string();
        if (!name.ends_with(".job.yaml")) continue;
        const auto stem = name.substr(0, name.size() - 9);
        const auto recorded = file.path().parent_path() / (stem + ".submit.json");
        if (!std::filesystem::exists(recorded)) continue;
        // LAVA 2023.01 refused lists as values of metadata; later ones take them, and so do we.
        if (stem == "63b-metadata-list-value") continue;
        SCOPED_TRACE(stem);
        const auto json = config::parse_json(read_text(recorded));
        const auto* message = json.find("message");
        if (!message) continue;  // the answer is about the request, not about a job
        const auto& text = *message->as_string();
        EXPECT_EQ(answer(read_text(file.path())),
                  text.starts_with(prefix) ? text.substr(prefix.size()) : std::string{});
        ++count;
    }
    EXPECT_GE(count, 40);
}

/// Where we answer otherwise than the recorded verdict, and why.
constexpr std::pair<std::string_view, std::string_view> other_verdicts[] = {
    {"mutants/priority-n101.yaml",
     "the verdicts are those of the schema alone; LAVA refuses this priority, in our "
     "words, in its next step"},
    {"mutants/priority-neg.yaml", "as priority-n101"},
    {"mutants/raw-anchor-loop.yaml", "a document that contains itself is refused when it is read, not by the schema"},
};

TEST(Submission, AgreesWithTheVerdictsOnACorpusOfJobs) {
    const char* corpus = std::getenv("PATCHBAY_CORPUS");
    if (!corpus) GTEST_SKIP() << "PATCHBAY_CORPUS does not name the folder of the corpus";
    const std::filesystem::path jobs = std::filesystem::path{corpus} / "jobs";
    // The verdicts are those of a LAVA that no longer knows them.
    constexpr auto rules = RetiredProtocols::refused;
    const auto verdicts = config::parse_json(read_text(jobs / "verdicts.json"));
    int agreed = 0;
    int total = 0;
    std::set<std::string> others;
    for (const auto& [name, verdict] : *verdicts.as_map()) {
        const auto* yaml = verdict.find("yaml");
        const auto* submit = verdict.find("submit");
        const bool readable = *yaml->find("ok")->as_bool();
        std::string expected;
        if (!readable)
            expected = "Loading job submission failed: " + *yaml->find("msg")->as_string() + ".";
        else if (!*submit->find("ok")->as_bool())
            expected = *submit->find("msg")->as_string();
        const auto got = answer(read_text(jobs / *name.as_string()), rules);
        ++total;
        if (got == expected) {
            ++agreed;
            continue;
        }
        const auto meant = std::find_if(std::begin(other_verdicts), std::end(other_verdicts),
                                        [&](const auto& other) { return other.first == *name.as_string(); });
        if (meant == std::end(other_verdicts)) {
            ADD_FAILURE() << *name.as_string() << "\n  LAVA: " << expected << "\n  we:   " << got;
        } else {
            std::cout << "on purpose: " << meant->first << ": " << meant->second << "\n";
            others.insert(*name.as_string());
        }
    }
    std::cout << "submission: " << agreed << " of " << total << " verdicts agree to the letter ("
              << 100.0 * agreed / total << " %)\n";
    EXPECT_EQ(others.size(), std::size(other_verdicts)) << "a line of the table has become untrue";
}

}  // namespace
}  // namespace patchbay
