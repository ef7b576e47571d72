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
#include "jobs/download/decoder.hpp"

namespace patchbay {
namespace {

/// The pieces of one file, decoded.
class Decoding {
public:
    Decoding(const std::filesystem::path& from, Decoder& decoder)
        : from_{from}, file_{::open(from.c_str(), O_RDONLY | O_CLOEXEC)}, decoder_{decoder} {}

    /// Empty at the end. Throws: BrokenData.
    std::string_view next() {
        for (;;) {
            if (in_.empty() && !last_) read();
            const auto before = in_.size();
            const auto made = decoder_.step(in_, last_, out_);
            if (made > 0) return {out_.data(), made};
            if (in_.size() == before && last_) break;
        }
        if (!decoder_.whole()) throw BrokenData{"it is cut off"};
        if (!in_.empty()) throw BrokenData{"something follows its end"};
        return {};
    }

private:
    void read() {
        ssize_t n = -1;
        do {
            n = ::read(file_.get(), buffer_.data(), buffer_.size());
        } while (n < 0 && errno == EINTR);
        if (n < 0) throw InfrastructureError{"cannot read '" + from_.string() + "': " + std::strerror(errno)};
        last_ = n == 0;
        in_ = {buffer_.data(), static_cast<std::size_t>(n)};
    }

    const std::filesystem::path& from_;
    FileDescriptor file_;
    Decoder& decoder_;
    std::vector<char> buffer_ = std::vector<char>(256 * 1024);
    std::vector<char> out_ = std::vector<char>(256 * 1024);
    std::string_view in_;
    bool last_ = false;
};

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
           " bytes; use a smaller one, or let the lab's owner raise the runner's setting 'unpack_limit'";
}

std::string UnpackLimits::entries_text() const {
    return "the limit is " + std::to_string(entries) +
           " files; use a disk image, or leave out what the job does not need";
}

}  // namespace patchbay
