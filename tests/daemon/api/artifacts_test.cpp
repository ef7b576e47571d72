// SPDX-License-Identifier: Apache-2.0
// The files that a job left.
#include "daemon/store/artifacts.hpp"
#include "jobs/journal/artifact.hpp"
#include "tests/daemon/api/leaving_reader.hpp"
#include "tests/daemon/api/smoke_lab.hpp"
#include "tests/daemon/store/lab_of_groups.hpp"

namespace patchbay {
namespace {

using namespace testing;

class ArtifactsApiTest : public ApiTest {
protected:
    JobId job{1};
    std::string large;

    ArtifactsApiTest() {
        for (std::size_t i = 0; i < 3 * artifact_piece_bytes + 10; ++i) large += static_cast<char>('a' + i % 23);
    }
    void keep(const std::string& name, const std::string& bytes) {
        auto write = [&](Database& db) {
            for (std::uint64_t at = 0; at < bytes.size(); at += artifact_piece_bytes)
                Artifacts{db}.add(job, encode_artifact_piece({name, "audio/wav", bytes}, at));
        };
        lab.lab.write(write);
    }
    std::string read_while(const std::string& who, std::function<void(Database&)> change) {
        Request request;
        request.path = url(job, "artifacts/0_out.wav/");
        request.headers = {{"authorization", "Token " + lab.token(who)}};
        const auto response = run(lab.lab.io, answer_api(request, lab.services()));
        EXPECT_EQ(response.status, 200);
        LeavingReader reader{*lab.lab.store, std::move(change)};
        run(lab.lab.io, response.stream(reader));
        return reader.text;
    }
};

TEST_F(ArtifactsApiTest, ALargeOneIsReadAPieceAtATime) {
    job = submit();
    keep("0_out.wav", large);
    const auto answer = lab.get(url(job, "artifacts/0_out.wav/"));
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.content_type, "audio/wav");
    EXPECT_EQ(answer.headers.at("Content-Disposition"), "attachment; filename=0_out.wav");
    EXPECT_TRUE(answer.body == large);
    EXPECT_EQ(answer.largest_piece, artifact_piece_bytes);
}

TEST_F(ArtifactsApiTest, ASmallOneIsOneAnswer) {
    job = submit();
    keep("0_out.wav", "RIFF");
    const auto answer = lab.get(url(job, "artifacts/0_out.wav/"));
    EXPECT_EQ(answer.body, "RIFF");
    EXPECT_EQ(answer.largest_piece, 0u) << "it is no stream";
    EXPECT_EQ(lab.get(url(job, "artifacts/1_out.wav/")).status, 404);
}

TEST_F(ArtifactsApiTest, ALargeOneIsCutOffForWhoMaySeeTheJobNoMore) {
    const auto bob = Users{lab.lab.reader()}.find("bob")->id;
    const auto group = add_group(lab.lab, "guests", {bob});
    auto text = definition();
    text.replace(text.find("public"), 6, "{group: [guests]}");
    ASSERT_EQ(lab.post_definition("/api/v0.2/jobs/", text, "alice").status, 201);
    keep("0_out.wav", large);
    EXPECT_EQ(lab.get(url(job, "artifacts/0_out.wav/")).status, 404) << "nobody's";
    EXPECT_TRUE(read_while("alice", [](Database&) {}) == large);
    EXPECT_THROW(read_while("bob", [bob, group](Database& db) { Groups{db}.leave(bob, group); }), StoreError);
}

TEST_F(ArtifactsApiTest, OneThatIsMadeAnewWhileItIsReadIsCutOff) {
    ASSERT_EQ(lab.post_definition("/api/v0.2/jobs/", definition(), "alice").status, 201);
    keep("0_out.wav", large);
    const auto again = [this](Database& db) {
        for (std::uint64_t at = 0; at < large.size(); at += artifact_piece_bytes)
            Artifacts{db}.add(job, encode_artifact_piece({"0_out.wav", "audio/wav", large}, at));
    };
    EXPECT_THROW(read_while("alice", again), StoreError);
}

}  // namespace
}  // namespace patchbay
