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
    return {std::string{row.text(0)}, std::string{row.text(1)}, row.integer(2), row.integer(3)};
}

}  // namespace

void Artifacts::add(JobId job, std::string_view payload) {
    const auto piece = decode_artifact_piece(payload);
    if (!piece) return;
    if (piece->at == 0) {
        constexpr auto clear_sql = R"sql(
            DELETE FROM artifact_piece WHERE artifact = (SELECT id FROM artifact WHERE job = $1 AND name = $2)
        )sql";
        // Another id: who reads the earlier one must not get pieces of this.
        constexpr auto begin_sql = R"sql(
            INSERT INTO artifact (job, name, type, size) VALUES ($1, $2, $3, $4)
            ON CONFLICT (job, name) DO UPDATE SET
                id = (SELECT max(id) + 1 FROM artifact), type = excluded.type, size = excluded.size
        )sql";
        db_.change(clear_sql, job, piece->name);
        db_.change(begin_sql, job, piece->name, piece->type, piece->size);
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

std::optional<ArtifactRow> Artifacts::find(JobId job, const std::string& name) {
    static const auto sql = whole_ones + " AND name = $2";
    auto row = db_.run(sql, job, name);
    if (!row->step()) return std::nullopt;
    return read_row(*row);
}

std::optional<std::string> Artifacts::piece(std::int64_t artifact, std::int64_t at) {
    auto row = db_.run("SELECT data FROM artifact_piece WHERE artifact = $1 AND at = $2", artifact, at);
    if (!row->step()) return std::nullopt;
    return std::string{row->blob(0)};
}

bool Artifacts::remove_piece(JobId job) {
    constexpr auto sql = R"sql(
        DELETE FROM artifact_piece WHERE id IN (
            SELECT artifact_piece.id FROM artifact_piece JOIN artifact ON artifact.id = artifact_piece.artifact
            WHERE artifact.job = $1 LIMIT 8)
    )sql";
    if (db_.change(sql, job) == 8) return true;
    db_.change("DELETE FROM artifact WHERE job = $1", job);
    return false;
}

}  // namespace patchbay
