// SPDX-License-Identifier: Apache-2.0
#include <archive.h>
#include <archive_entry.h>

#include <array>
#include <fstream>
#include <memory>

#include "core/errors.hpp"
#include "jobs/download/archive.hpp"

namespace patchbay {
namespace {

/// Adds the one filter to the reader; 0 for a compression that we do not have.
int enable(archive* reader, const std::string& compression) {
    if (compression == "gz") return archive_read_support_filter_gzip(reader), ARCHIVE_FILTER_GZIP;
    if (compression == "xz") return archive_read_support_filter_xz(reader), ARCHIVE_FILTER_XZ;
    if (compression == "bz2") return archive_read_support_filter_bzip2(reader), ARCHIVE_FILTER_BZIP2;
    if (compression == "zstd") return archive_read_support_filter_zstd(reader), ARCHIVE_FILTER_ZSTD;
    return 0;
}

}  // namespace

std::uint64_t decompress_file(const std::filesystem::path& from, const std::filesystem::path& to,
                              const std::string& compression, const UnpackLimits& limits, const StopFlag& stop) {
    const std::unique_ptr<archive, decltype(&archive_read_free)> holder{archive_read_new(), archive_read_free};
    auto* reader = holder.get();
    const auto name = from.filename().string();
    const auto fail = [&]() {
        const auto* why = archive_error_string(reader);
        throw JobError{"cannot decompress '" + name + "' as " + compression + ": " + (why ? why : "broken data")};
    };
    const int filter = enable(reader, compression);
    if (filter == 0) throw JobError{"unknown compression '" + compression + "': gz, xz, bz2, zstd and zip are known"};
    archive_read_support_format_raw(reader);
    archive_read_support_format_empty(reader);
    if (archive_read_open_filename(reader, from.c_str(), 256 * 1024) != ARCHIVE_OK) fail();
    if (archive_filter_code(reader, 0) != filter) {
        throw JobError{"cannot decompress '" + name + "' as " + compression + ": it is of another format"};
    }
    std::ofstream file{to, std::ios::binary | std::ios::trunc};
    archive_entry* entry = nullptr;
    const int header = archive_read_next_header(reader, &entry);
    if (header != ARCHIVE_OK && header != ARCHIVE_EOF) fail();
    std::uint64_t size = 0;
    std::array<char, 256 * 1024> buffer;
    while (header == ARCHIVE_OK) {
        if (stop) throw Stopped{};
        const auto n = archive_read_data(reader, buffer.data(), buffer.size());
        if (n < 0) fail();
        if (n == 0) break;
        size += static_cast<std::uint64_t>(n);
        if (size > limits.bytes) {
            throw JobError{"'" + name + "' is larger than " + std::to_string(limits.bytes) +
                           " bytes when decompressed: the limit of this lab"};
        }
        file.write(buffer.data(), n);
        if (!file) break;
    }
    file.close();
    if (!file) throw InfrastructureError{"cannot write '" + to.string() + "': is the disk full?"};
    return size;
}

}  // namespace patchbay
