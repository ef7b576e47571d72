// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/logs.hpp"

#include <zstd.h>

#include <algorithm>
#include <limits>
#include <memory>

namespace patchbay {
namespace {

constexpr std::int64_t codec_plain = 0;
constexpr std::int64_t codec_zstd = 1;

std::string compress(std::string_view text) {
    std::string out(ZSTD_compressBound(text.size()), '\0');
    const auto size = ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3);
    if (ZSTD_isError(size)) throw StoreError{std::string{"log chunk: cannot compress: "} + ZSTD_getErrorName(size)};
    out.resize(size);
    return out;
}

std::string decompress(std::string_view bytes, std::size_t size) {
    std::string out(size, '\0');
    const auto got = ZSTD_decompress(out.data(), out.size(), bytes.data(), bytes.size());
    if (ZSTD_isError(got) || got != size)
        throw StoreError{"log chunk: damaged in the store; restore the database from a backup"};
    return out;
}

/// The chunk that grows.
struct Tail {
    std::int64_t first_line = 0;
    std::int64_t lines = 0;
    std::int64_t first_byte = 0;
    std::string text;
};

void write_chunk(Database& db, JobId job, const Tail& chunk, std::int64_t codec) {
    constexpr auto sql = R"sql(
        INSERT INTO log_chunk (job, first_line, lines, first_byte, bytes, codec, data)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (job, first_line) DO UPDATE SET
            lines = excluded.lines, bytes = excluded.bytes, codec = excluded.codec, data = excluded.data
    )sql";
    auto statement = db.run(sql, job, chunk.first_line, chunk.lines, chunk.first_byte, chunk.text.size(), codec);
    statement->bind_blob(7, codec == codec_zstd ? compress(chunk.text) : chunk.text);
    statement->step();
}

}  // namespace

std::int64_t Logs::append(JobId job, std::span<const std::string> records) {
    constexpr auto last_sql = R"sql(
        SELECT first_line, lines, first_byte, bytes, codec, data FROM log_chunk
        WHERE job = $1 ORDER BY first_line DESC LIMIT 1
    )sql";
    Tail tail;
    if (auto last = db_.run(last_sql, job); last->step()) {
        if (last->integer(4) == codec_plain) {
            tail = {last->integer(0), last->integer(1), last->integer(2), std::string{last->blob(5)}};
        } else {
            tail = {last->integer(0) + last->integer(1), 0, last->integer(2) + last->integer(3), {}};
        }
    }
    const auto first = tail.first_line + tail.lines;
    for (const auto& record : records) {
        tail.text += "- ";
        tail.text += record;
        tail.text += '\n';
        ++tail.lines;
        if (tail.text.size() < chunk_bytes) continue;
        write_chunk(db_, job, tail, codec_zstd);
        const auto bytes = static_cast<std::int64_t>(tail.text.size());
        tail = {tail.first_line + tail.lines, 0, tail.first_byte + bytes, {}};
    }
    if (tail.lines > 0) write_chunk(db_, job, tail, codec_plain);
    return first;
}

std::int64_t Logs::line_count(JobId job) {
    auto last =
        db_.run("SELECT first_line + lines FROM log_chunk WHERE job = $1 ORDER BY first_line DESC LIMIT 1", job);
    return last->step() ? last->integer(0) : 0;
}

std::int64_t Logs::byte_count(JobId job) {
    auto last =
        db_.run("SELECT first_byte + bytes FROM log_chunk WHERE job = $1 ORDER BY first_line DESC LIMIT 1", job);
    return last->step() ? last->integer(0) : 0;
}

Logs::Place Logs::place_of_byte(JobId job, std::int64_t offset) {
    constexpr auto sql = R"sql(
        SELECT first_line, first_byte FROM log_chunk WHERE job = $1 AND first_byte <= $2
        ORDER BY first_line DESC LIMIT 1
    )sql";
    auto chunk = db_.run(sql, job, offset);
    return chunk->step() ? Place{chunk->integer(0), chunk->integer(1)} : Place{};
}

std::string Logs::read(JobId job, std::int64_t start, std::optional<std::int64_t> end, std::size_t enough) {
    constexpr auto which_sql = R"sql(
        SELECT first_line, lines, bytes, codec FROM log_chunk
        WHERE job = $1 AND first_line >= COALESCE(
            (SELECT MAX(first_line) FROM log_chunk WHERE job = $1 AND first_line <= $2), 0) AND first_line < $3
        ORDER BY first_line
    )sql";
    constexpr auto data_sql = "SELECT data FROM log_chunk WHERE job = $1 AND first_line = $2";
    std::string out;
    const auto stop = end.value_or(std::numeric_limits<std::int64_t>::max());
    auto chunks = db_.run(which_sql, job, start, stop);
    while (out.size() < enough && chunks->step()) {
        const auto first = chunks->integer(0);
        if (first > start && out.empty()) break;  // those before are being removed, and so will this one be
        const auto size = static_cast<std::size_t>(chunks->integer(2));
        auto chunk = cache_ ? cache_->find(job, first) : nullptr;
        if (!chunk) {
            auto data = db_.run(data_sql, job, first);
            if (!data->step()) break;
            const bool sealed = chunks->integer(3) == codec_zstd;
            chunk = std::make_shared<LogChunk>(sealed ? decompress(data->blob(0), size) : std::string{data->blob(0)});
            if (sealed && cache_) cache_->put(job, first, chunk);
        }
        const auto lines = static_cast<std::int64_t>(chunk->line_count());
        const auto from = static_cast<std::size_t>(std::clamp<std::int64_t>(start - first, 0, lines));
        const auto to = static_cast<std::size_t>(std::clamp<std::int64_t>(stop - first, 0, lines));
        if (from < to)
            out.append(chunk->text, chunk->line_starts[from], chunk->line_starts[to] - chunk->line_starts[from]);
    }
    return out;
}

}  // namespace patchbay
