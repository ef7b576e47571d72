// SPDX-License-Identifier: Apache-2.0
// Whole logins, on good lines and on bad ones, over consoles that babble. A login that the board has not granted must
// never be taken for one.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "tests/jobs/bootloader/every_cut.hpp"
#include "tests/jobs/bootloader/recorded_login.hpp"

namespace patchbay::testing {
namespace {

using End = Played::End;

TEST(LoginReplay, WrittenLoginsSucceed) {
    for (const auto& recording : written_logins()) {
        Line line;
        const auto played = play(recording, line);
        EXPECT_EQ(played.end, End::succeeded) << recording.name << " " << played.error << " " << played.typed;
        EXPECT_EQ(played.typed, recording.turns.size()) << recording.name;
        EXPECT_EQ(played.dishonest, "") << recording.name;
    }
}

TEST(LoginReplay, RefusedLoginsFailWithTheirReason) {
    const std::vector<std::string> errors{
        "Login incorrect", "Login timed out",
        "Password prompt not matched, please update the job definition with the correct one.", ""};
    const auto refusals = written_refusals();
    ASSERT_EQ(refusals.size(), errors.size());
    for (std::size_t i = 0; i < refusals.size(); ++i) {
        Line line;
        const auto played = play(refusals[i], line);
        EXPECT_EQ(played.end, errors[i].empty() ? End::waits : End::failed) << refusals[i].name;
        EXPECT_EQ(played.error, errors[i]) << refusals[i].name;
    }
}

TEST(LoginReplay, AreTheSameCutAtEveryByteAndHonestWhereTheyStop) {
    for (const auto& recordings : {written_logins(), written_refusals()}) {
        for (const auto& recording : recordings) {
            expect_same_in_two_pieces(recording, 1 + length_of(recording) / 1000);
            expect_same_at_every_cut(recording);
        }
    }
}

TEST(LoginReplay, NoTroubleOnTheLineMakesAFalseLogin) {
    constexpr std::uint32_t seeds = 200;
    for (const auto trouble : BadLine::troubles) {
        for (const auto& recording : written_logins()) {
            EXPECT_GT(count_honest_successes(recording, trouble, seeds), seeds / 20)
                << recording.name << " trouble " << static_cast<int>(trouble);
        }
        for (const auto& recording : written_refusals()) {
            EXPECT_EQ(count_honest_successes(recording, trouble, seeds), 0u)
                << recording.name << " trouble " << static_cast<int>(trouble);
        }
    }
}

/// The logins in LAVA's logs of real jobs.
std::vector<Recording> recorded_logins() {
    std::vector<Recording> found;
    const char* corpus = std::getenv("PATCHBAY_CORPUS");
    if (!corpus) return found;
    for (const auto& entry : std::filesystem::directory_iterator{std::filesystem::path{corpus} / "logs/lava-yaml"}) {
        if (entry.path().extension() != ".yaml") continue;
        std::ostringstream text;
        text << std::ifstream{entry.path(), std::ios::binary}.rdbuf();
        auto logins = logins_in(text.str(), entry.path().filename().string());
        std::move(logins.begin(), logins.end(), std::back_inserter(found));
    }
    return found;
}

class RecordedLogins : public ::testing::Test {
protected:
    void SetUp() override {
        if (logins.empty()) GTEST_SKIP() << "PATCHBAY_CORPUS is not set: no logs of real jobs to play";
    }

    static inline const std::vector<Recording> logins = recorded_logins();
};

TEST_F(RecordedLogins, SucceedAsTheyDid) {
    EXPECT_EQ(logins.size(), 5u);
    for (const auto& recording : logins) {
        Line line;
        const auto played = play(recording, line);
        EXPECT_EQ(played.end, End::succeeded) << recording.name << " " << played.error;
        EXPECT_EQ(played.dishonest, "") << recording.name;
        std::cout << recording.name << ": " << length_of(recording) << " bytes, to " << recording.final_text << "\n";
    }
}

TEST_F(RecordedLogins, AreTheSameCutAtEveryByteAndHonestWhereTheyStop) {
    for (const auto& recording : logins) expect_same_at_every_cut(recording);
}

TEST_F(RecordedLogins, AreHonestOnBadLinesAndComeThroughSome) {
    constexpr std::uint32_t seeds = 100;
    for (const auto trouble : BadLine::troubles) {
        for (const auto& recording : logins) {
            EXPECT_GT(count_honest_successes(recording, trouble, seeds), seeds / 20)
                << recording.name << " trouble " << static_cast<int>(trouble);
        }
    }
}

}  // namespace
}  // namespace patchbay::testing
