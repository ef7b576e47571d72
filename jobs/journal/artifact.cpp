// SPDX-License-Identifier: Apache-2.0
#include "jobs/journal/artifact.hpp"

#include <algorithm>

#include "core/config/yaml.hpp"

namespace patchbay {

std::string encode_artifact_piece(const Artifact& artifact, std::uint64_t at) {
    const config::Map head{{"name", artifact.name},
                           {"type", artifact.type},
                           {"size", static_cast<std::int64_t>(artifact.bytes.size())},
                           {"at", static_cast<std::int64_t>(at)}};
    auto payload = config::dump_json(head);
    payload += '\n';
    payload += artifact.bytes.substr(at, artifact_piece_bytes);
    return payload;
}

std::optional<ArtifactPiece> decode_artifact_piece(std::string_view payload) {
    const auto line = payload.find('\n');
    if (line == std::string_view::npos) return std::nullopt;
    try {
        const auto head = config::parse_json(payload.substr(0, line));
        const auto number = [&head](const char* key) {
            const auto* value = head.find(key);
            const auto* whole = value ? value->as_int() : nullptr;
            return whole && *whole >= 0 ? std::optional{static_cast<std::uint64_t>(*whole)} : std::nullopt;
        };
        const auto size = number("size"), at = number("at");
        ArtifactPiece piece{config::string_or_empty(head.find("name")), config::string_or_empty(head.find("type")), 0,
                            0, payload.substr(line + 1)};
        if (!size || !at || !is_artifact_name(piece.name)) return std::nullopt;
        piece.size = *size;
        piece.at = *at;
        if (piece.at > piece.size || piece.bytes.size() > piece.size - piece.at) return std::nullopt;
        return piece;
    } catch (const config::YamlError&) {
        return std::nullopt;
    }
}

bool is_artifact_name(std::string_view name) {
    const auto is_fine = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view{"-_.+"}.find(c) != std::string_view::npos;
    };
    return !name.empty() && name.size() <= 200 && name.front() != '.' && std::ranges::all_of(name, is_fine);
}

}  // namespace patchbay
