// SPDX-License-Identifier: Apache-2.0
#include "jobs/definition/submission.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "core/config/yaml.hpp"
#include "tests/core/config/typed_json.hpp"

namespace patchbay {
namespace {

using testing::read_text;

/// LAVA's answer to a text; "" when the job is taken.
std::string answer(const std::string& text) {
    try {
        read_submission(text);
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

}  // namespace
}  // namespace patchbay
