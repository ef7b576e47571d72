// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace patchbay {

/// What is wrong with compressed bytes.
struct BrokenData {
    std::string why;
};

/// Undoes one compression, piece by piece, and checks the sums that are in it: a file that was cut or changed on its
/// way is never taken for a whole one.
class Decoder {
public:
    virtual ~Decoder() = default;
    /// Takes bytes off the front of `in`, puts what they mean into `out` and returns how many that are. `last`: nothing
    /// comes after `in`. Throws: BrokenData.
    virtual std::size_t step(std::string_view& in, bool last, std::span<char> out) = 0;
    /// May the input end here?
    virtual bool whole() const = 0;
};

/// gz, xz, bz2, zstd; null for others.
std::unique_ptr<Decoder> make_decoder(std::string_view compression);

}  // namespace patchbay
