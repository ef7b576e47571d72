// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/job_log.hpp"

#include <gtest/gtest.h>

#include "tests/jobs/actions/sim_job.hpp"

namespace patchbay::testing {
namespace {

struct ArtifactsOfAJob : ::testing::Test {
    RecordingSink sink;
    JobLog log{sink};

    void keep(const std::string& name, std::size_t size) {
        static const std::string bytes(most_artifact_bytes, 's');
        log.artifact({name, "audio/wav", std::string_view{bytes}.substr(0, size)});
    }
    std::size_t warnings() const { return sink.texts("warning").size(); }
};

constexpr std::size_t half = most_artifact_bytes / 2;

TEST_F(ArtifactsOfAJob, ThatAreTooMuchAreNotKeptAndTheLogWarns) {
    keep("a.wav", half);
    keep("b.wav", half);
    EXPECT_EQ(warnings(), 0u);
    keep("c.wav", 1);
    EXPECT_EQ(sink.artifacts.count("c.wav"), 0u);
    ASSERT_EQ(warnings(), 1u);
    EXPECT_EQ(sink.texts("warning").front(),
              "'c.wav' is not kept: it has 1 bytes, and all artifacts of a job may have 134217728; capture for a "
              "shorter time or fewer times");
    keep("a.wav", half + 1);
    EXPECT_TRUE(sink.has("warning", "(an earlier one of this name stays)"));
    EXPECT_EQ(sink.artifacts["a.wav"].size(), half);
}

TEST_F(ArtifactsOfAJob, OfOneNameCountOnce) {
    keep("b.wav", half);
    for (int i = 0; i < 6; ++i) keep("a.wav", half);
    EXPECT_EQ(warnings(), 0u);
    keep("a.wav", 10);
    keep("c.wav", half - 10);
    EXPECT_EQ(warnings(), 0u) << "the smaller one took the place of the larger";
}

TEST_F(ArtifactsOfAJob, ThatRepeatsWithoutEndFillNoDisk) {
    const auto times = most_artifact_bytes_written / half;
    for (std::uint64_t i = 0; i < times; ++i) keep("a.wav", half);
    EXPECT_EQ(warnings(), 0u);
    keep("a.wav", half);
    EXPECT_TRUE(sink.has("warning", "as much as a job may write when it repeats"));
}

}  // namespace
}  // namespace patchbay::testing
