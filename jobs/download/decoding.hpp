// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/errors.hpp"
#include "core/process/file_descriptor.hpp"
#include "jobs/download/decoder.hpp"

namespace patchbay {

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

    std::filesystem::path from_;
    FileDescriptor file_;
    Decoder& decoder_;
    std::vector<char> buffer_ = std::vector<char>(256 * 1024);
    std::vector<char> out_ = std::vector<char>(256 * 1024);
    std::string_view in_;
    bool last_ = false;
};

}  // namespace patchbay
