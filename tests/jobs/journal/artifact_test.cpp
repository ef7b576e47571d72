// SPDX-License-Identifier: Apache-2.0
#include "jobs/journal/artifact.hpp"

#include <gtest/gtest.h>

namespace patchbay {
namespace {

TEST(ArtifactPieces, TogetherAreTheArtifact) {
    std::string bytes(artifact_piece_bytes + 1000, '\0');
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 7);
    const Artifact artifact{"0_out.wav", "audio/wav", bytes};
    std::string together;
    for (const std::uint64_t at : {std::uint64_t{0}, std::uint64_t{artifact_piece_bytes}}) {
        const auto payload = encode_artifact_piece(artifact, at);
        const auto piece = decode_artifact_piece(payload);
        ASSERT_TRUE(piece);
        EXPECT_EQ(piece->name, "0_out.wav");
        EXPECT_EQ(piece->type, "audio/wav");
        EXPECT_EQ(piece->size, bytes.size());
        EXPECT_EQ(piece->at, at);
        together += piece->bytes;
    }
    EXPECT_EQ(together, bytes);
}

TEST(ArtifactPieces, WhatIsNoneIsNotTaken) {
    EXPECT_TRUE(decode_artifact_piece("{\"name\": \"a\", \"type\": \"t\", \"size\": 1, \"at\": 0}\nx"));
    for (const char* payload : {
             "",
             "x",
             "{}\nx",
             "no json\nx",
             "{\"name\": \"../a\", \"type\": \"t\", \"size\": 1, \"at\": 0}\nx",
             "{\"name\": \"a\", \"type\": \"t\", \"size\": 1, \"at\": 1}\nx",
             "{\"name\": \"a\", \"type\": \"t\", \"size\": 1, \"at\": 2}\n",
             "{\"name\": \"a\", \"type\": \"t\", \"size\": -1, \"at\": 0}\n",
             "{\"name\": \"a\", \"type\": \"t\", \"size\": \"1\", \"at\": 0}\nx",
         }) {
        EXPECT_FALSE(decode_artifact_piece(payload)) << payload;
    }
}

TEST(ArtifactNames, AreFileNames) {
    EXPECT_TRUE(is_artifact_name("0_line-out.v2+a.wav"));
    for (const char* name : {"", ".", "..", ".hidden", "a/b", "a b", "a\n", "ä"}) EXPECT_FALSE(is_artifact_name(name));
    EXPECT_FALSE(is_artifact_name(std::string(201, 'a')));
}

}  // namespace
}  // namespace patchbay
