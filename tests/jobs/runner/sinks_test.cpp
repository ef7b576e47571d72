// SPDX-License-Identifier: Apache-2.0
#include "jobs/runner/sinks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/errors.hpp"
#include "jobs/journal/journal_reader.hpp"
#include "tests/jobs/journal/temporary_folder.hpp"

namespace patchbay {
namespace {

using ::testing::ElementsAre;

TEST(LavaRunSink, WritesTheFileAndStandardErrorAsLavaRunDoes) {
    const TemporaryFolder folder;
    ::testing::internal::CaptureStderr();
    {
        LavaRunSink sink{folder.path};
        sink.log(R"({"dt": "x", "lvl": "target", "msg": "hello"})");
        sink.result(R"({"dt": "x", "lvl": "results", "msg": {"case": "job"}})");
        sink.flush();
        EXPECT_NE(read_file(folder / "logs.yaml"), "");  // readers see what was flushed
    }
    EXPECT_EQ(::testing::internal::GetCapturedStderr(),
              "{\"dt\": \"x\", \"lvl\": \"target\", \"msg\": \"hello\"}\n"
              "{\"dt\": \"x\", \"lvl\": \"results\", \"msg\": {\"case\": \"job\"}}\n");
    EXPECT_EQ(read_file(folder / "logs.yaml"),
              "- {\"dt\": \"x\", \"lvl\": \"target\", \"msg\": \"hello\"}\n"
              "- {\"dt\": \"x\", \"lvl\": \"results\", \"msg\": {\"case\": \"job\"}}\n");
}

TEST(LavaRunSink, ArtifactsAreFiles) {
    const TemporaryFolder folder;
    LavaRunSink sink{folder.path, LavaRunSink::Echo::none};
    sink.artifact({"0_out.wav", "audio/wav", "RIFF"});
    EXPECT_EQ(read_file(folder / "artifacts/0_out.wav"), "RIFF");
}

TEST(LavaRunSink, NamesTheFileThatCannotBeWritten) {
    EXPECT_THROW((LavaRunSink{"/nonexistent/folder"}), InfrastructureError);
}

TEST(LavaRunSink, SaysOnceThatTheDiskIsFullAndGoesOnOnStandardError) {
    const TemporaryFolder folder;
    std::filesystem::create_symlink("/dev/full", folder / "logs.yaml");
    ::testing::internal::CaptureStderr();
    {
        LavaRunSink sink{folder.path};
        sink.grown = [](std::uint64_t) { ADD_FAILURE() << "nothing was written"; };
        sink.log("{}");
        EXPECT_THROW(sink.flush(), InfrastructureError);
        sink.result("{\"last\": 1}");
        sink.flush();
    }
    EXPECT_EQ(::testing::internal::GetCapturedStderr(), "{}\n{\"last\": 1}\n");
}

TEST(LavaRunSink, TellsHowFarTheFileIsAndMayKeepSilent) {
    const TemporaryFolder folder;
    ::testing::internal::CaptureStderr();
    LavaRunSink sink{folder.path, LavaRunSink::Echo::none};
    std::vector<std::uint64_t> sizes;
    sink.grown = [&sizes](std::uint64_t bytes) { sizes.push_back(bytes); };
    sink.log("{}");
    sink.result("{}");
    EXPECT_THAT(sizes, ElementsAre(10u));
    EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

TEST(JournalSink, MakesResultsVisibleAtOnceAndTellsHowFarItIs) {
    const TemporaryFolder folder;
    const JournalHeader header{LeaseId{7}, JobId{42}, Fence{12}};
    auto journal = JournalWriter::create(folder / "journal", header);
    std::vector<std::int64_t> grown;
    JournalSink sink{journal, [&grown](std::int64_t bytes) { grown.push_back(bytes); }};
    sink.log("{\"a\": 1}");
    EXPECT_TRUE(grown.empty());
    sink.result("{\"b\": 2}");
    ASSERT_EQ(grown.size(), 1u);
    JournalReader reader{folder / "journal"};
    const auto batch = reader.read(0);
    ASSERT_EQ(batch.records.size(), 2u);
    EXPECT_EQ(batch.records[0].kind, RecordKind::log);
    EXPECT_EQ(batch.records[1].kind, RecordKind::result);
    EXPECT_EQ(batch.records[1].payload, "{\"b\": 2}");
    EXPECT_EQ(static_cast<std::int64_t>(batch.next), grown[0]);
}

}  // namespace
}  // namespace patchbay
