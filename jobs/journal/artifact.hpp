// SPDX-License-Identifier: Apache-2.0
#pragma once
// A file that a job leaves: captured sound, a plot. In the journal it stands in pieces, each a record of its own:
//   {"name": "0_line-out.wav", "type": "audio/wav", "size": 384044, "at": 0} newline, bytes

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace patchbay {

struct Artifact {
    std::string name;        ///< a file name: letters, digits, '-', '_', '.' and '+'
    std::string type;        ///< of its content: "image/png"
    std::string_view bytes;  ///< all of it
};

/// Bytes of content in a record.
inline constexpr std::size_t artifact_piece_bytes = 256 * 1024;
/// Of all artifacts of a job.
inline constexpr std::uint64_t most_artifact_bytes = 128 * 1024 * 1024;
/// The same with those whose place was taken by a later one: the journal has them all until the job ends.
inline constexpr std::uint64_t most_artifact_bytes_written = 16 * most_artifact_bytes;

struct ArtifactPiece {
    std::string name, type;
    std::uint64_t size = 0;  ///< of the whole artifact
    std::uint64_t at = 0;    ///< where `bytes` belong
    std::string_view bytes;  ///< of the payload that was decoded
};

/// The payload of the piece that begins at `at`.
std::string encode_artifact_piece(const Artifact& artifact, std::uint64_t at);
/// nullopt: it is none.
std::optional<ArtifactPiece> decode_artifact_piece(std::string_view payload);

/// May a file be called so?
bool is_artifact_name(std::string_view name);

}  // namespace patchbay
