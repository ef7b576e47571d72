// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/artifacts.hpp"

#include "jobs/journal/artifact.hpp"

namespace patchbay {
namespace {

const std::string whole_ones = R"sql(
    SELECT name, type, size, artifact.id FROM artifact
    WHERE job = $1 AND size = (SELECT coalesce(sum(length(data)), 0) FROM artifact_piece AS piece WHERE piece.artifact = artifact.id)
)sql";

ArtifactRow read_row(const Statement& row) {
    return {std::string{row.text(0)}, std::string{row.text(1)}, row.integer(2)};
}

}  // namespace

void Artifacts::add(JobId job, std::string_view payload) {
    const auto piece = decode_artifact_piece(payload);
    if (!piece) return;
    if (piece->at == 0) {
        db_.change("DELETE FROM artifact WHERE job = $1 AND name = $2", job, piece->name);
        db_.change("INSERT INTO artifact (job, name, type, size) VALUES ($1, $2, $3, $4)", job, piece->name,
                   piece->type, piece->size);
    }
    auto statement = db_.run(R"sql(
        INSERT INTO artifact_piece (artifact, at, data)
        SELECT id, $1, $2 FROM artifact WHERE job = $3 AND name = $4
    )sql",
                             piece->at, std::nullopt, job, piece->name);
    statement->bind_blob(2, piece->bytes);
    statement->step();
}

std::vector<ArtifactRow> Artifacts::list(JobId job) {
    static const auto sql = whole_ones + " ORDER BY name";
    auto rows = db_.run(sql, job);
    std::vector<ArtifactRow> all;
    while (rows->step()) all.push_back(read_row(*rows));
    return all;
}

std::optional<Artifacts::Content> Artifacts::find(JobId job, const std::string& name) {
    static const auto sql = whole_ones + " AND name = $2";
    auto row = db_.run(sql, job, name);
    if (!row->step()) return std::nullopt;
    Content content{read_row(*row), {}};
    content.bytes.reserve(static_cast<std::size_t>(content.row.size));
    auto pieces = db_.run("SELECT data FROM artifact_piece WHERE artifact = $1 ORDER BY at", row->integer(3));
    while (pieces->step()) content.bytes += pieces->blob(0);
    return content;
}

bool Artifacts::remove_piece(JobId job) {
    constexpr auto sql = R"sql(
        DELETE FROM artifact_piece WHERE id IN (
            SELECT artifact_piece.id FROM artifact_piece JOIN artifact ON artifact.id = artifact_piece.artifact
            WHERE artifact.job = $1 LIMIT 8)
    )sql";
    return db_.change(sql, job) == 8;
}

}  // namespace patchbay
