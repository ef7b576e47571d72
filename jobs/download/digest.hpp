// SPDX-License-Identifier: Apache-2.0
#pragma once
// The sums that a job may ask for and that results show.

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "jobs/download/stop_flag.hpp"

namespace patchbay {

/// Lower-case hexadecimal; empty means "not known".
struct Digests {
    std::string md5;
    std::string sha256;
    std::string sha512;
    bool operator==(const Digests&) const = default;
};

/// All three at once, fed in pieces.
class Hasher {
public:
    Hasher();
    ~Hasher();
    Hasher(const Hasher&) = delete;
    Hasher& operator=(const Hasher&) = delete;

    void add(std::string_view bytes);
    /// The sums of everything added. Call it once.
    Digests finish();

private:
    struct State;
    std::unique_ptr<State> state_;
};

std::string sha256_hex(std::string_view bytes);

/// Throws: std::filesystem::filesystem_error (cannot be opened), InfrastructureError (cannot be read), Stopped.
Digests hash_file(const std::filesystem::path& path, const StopFlag& stop);

}  // namespace patchbay
