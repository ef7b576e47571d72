// SPDX-License-Identifier: Apache-2.0
#pragma once
// One file below the root, opened so that nothing outside of it can be reached, and read so that nobody waits for a
// disk.

#include <sys/stat.h>

#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

#include "core/process/file_descriptor.hpp"
#include "tftp/packet.hpp"

namespace patchbay::tftp {

/// Why a client does not get a file; it is told the code and the text.
struct Refused : std::runtime_error {
    Refused(ErrorCode c, const std::string& text) : std::runtime_error{text}, code{c} {}
    ErrorCode code;
};

/// Throws: ConfigurationError, `folder` is no folder that can be read.
FileDescriptor open_root(const std::string& folder);

/// A regular file and what it was like when it was opened.
class ServedFile {
public:
    /// `name` as the client says it: slashes at its front mean the root. Blocks. Throws: Refused.
    ServedFile(int root, const std::string& name);

    std::uint64_t size() const { return static_cast<std::uint64_t>(before_.st_size); }

    /// Blocks, and has the kernel read on. Throws: Refused, also when the file is not what it was.
    std::string read(std::uint64_t offset, std::size_t length) const;

private:
    void require_unchanged() const;

    FileDescriptor file_;
    struct stat before_ {};
};

/// The part of a file that a transfer needs now, in memory.
class FileWindow {
public:
    /// `file` must outlive it.
    FileWindow(const ServedFile& file, std::size_t block_size);

    /// Of the block at `offset`; valid until drop_before(). Blocks when a disk has to be read. Throws: Refused.
    std::string_view bytes(std::uint64_t offset, std::size_t length);
    /// The bytes before `offset` are not asked for again.
    void drop_before(std::uint64_t offset);

private:
    const ServedFile& file_;
    std::uint64_t piece_size_;                     ///< whole blocks
    std::map<std::uint64_t, std::string> pieces_;  ///< by their offsets
};

}  // namespace patchbay::tftp
