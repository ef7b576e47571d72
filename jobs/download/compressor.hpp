// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "jobs/download/stop_flag.hpp"

struct archive;

namespace patchbay {

/// gz, xz, bz2, zstd, lzma.
bool can_compress(const std::string& compression);

/// Compresses a stream, fast rather than well: what is compressed here is read once.
class Compressor {
public:
    using Sink = std::function<void(std::string_view)>;
    /// `sink` gets the compressed bytes, also until finish() has returned. What it throws, add() or finish() throws.
    Compressor(const std::string& compression, Sink sink);
    ~Compressor();
    Compressor(const Compressor&) = delete;
    /// Throws: InfrastructureError, what the sink throws.
    void add(std::string_view bytes);
    void finish();

private:
    struct State;
    void check(long code) const;
    std::unique_ptr<State> state_;
};

/// Throws: InfrastructureError (disk), Stopped.
void compress_file(const std::filesystem::path& from, const std::filesystem::path& to, const std::string& compression,
                   const StopFlag& stop);

}  // namespace patchbay
