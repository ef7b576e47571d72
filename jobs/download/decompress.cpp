// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "core/errors.hpp"
#include "core/process/file_descriptor.hpp"
#include "jobs/download/archive.hpp"
#include "jobs/download/cache.hpp"
#include "jobs/download/decoding.hpp"

namespace patchbay {
namespace {

std::uint64_t decode(Decoding& source, const std::filesystem::path& to, const UnpackOptions& options,
                     const StopFlag& stop) {
    const FileDescriptor file{::open(to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)};
    std::uint64_t size = 0;
    bool written = file.get() >= 0;
    while (written) {
        if (stop) throw Stopped{};
        const auto bytes = source.next();
        if (bytes.empty()) return size;
        size += bytes.size();
        if (size > options.limits.bytes) {
            throw JobError{"'" + options.shown + "' is too large when decompressed: " + options.limits.bytes_text()};
        }
        written = write_all(file.get(), bytes);
    }
    throw InfrastructureError{"cannot decompress '" + options.shown + "' into '" + to.string() +
                              "': " + disk_problem(errno)};
}

}  // namespace

std::uint64_t decompress_file(const std::filesystem::path& from, const std::filesystem::path& to,
                              const std::string& compression, const UnpackOptions& options, const StopFlag& stop) {
    const auto decoder = make_decoder(compression);
    if (!decoder) throw JobError{"unknown compression '" + compression + "': gz, xz, bz2, zstd and zip are known"};
    Decoding source{from, *decoder};
    try {
        return decode(source, to, options, stop);
    } catch (const BrokenData& broken) {
        throw JobError{"cannot decompress '" + options.shown + "' as " + compression + ": " + broken.why};
    }
}

std::string UnpackLimits::bytes_text() const {
    return "the limit of this lab is " + std::to_string(bytes) +
           " bytes; use a smaller one, or let the lab's owner raise 'unpack_limit' in lab.yaml";
}

std::string UnpackLimits::entries_text() const {
    return "the limit is " + std::to_string(entries) +
           " files; use a disk image, or leave out what the job does not need";
}

}  // namespace patchbay
