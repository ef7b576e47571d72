// SPDX-License-Identifier: Apache-2.0
#pragma once
// The wire between a board and us: it may cut what the board says anywhere, lose, double and delay characters of it.

#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <string_view>

namespace patchbay::testing {

/// A good one: what is said arrives at once.
class Line {
public:
    virtual ~Line() = default;
    virtual std::string pass(std::string_view bytes) { return std::string{bytes}; }
    /// How many of the waiting bytes come next.
    virtual std::size_t next_piece(std::size_t waiting) { return waiting; }
    /// Is the board silent for a while before them?
    virtual bool stalls() { return false; }
};

/// Cuts once, at this byte of everything.
class CutLine final : public Line {
public:
    explicit CutLine(std::size_t at) : left_{at} {}
    std::size_t next_piece(std::size_t waiting) override;

private:
    std::size_t left_;
};

/// One byte at a time.
class ByteLine final : public Line {
public:
    std::size_t next_piece(std::size_t) override { return 1; }
};

/// Loses, doubles, delays one byte of a hundred each, or puts a line of another firmware between two.
class BadLine final : public Line {
public:
    enum class Trouble { drops, doubles, delays, noise, all };
    static constexpr Trouble troubles[] = {Trouble::drops, Trouble::doubles, Trouble::delays, Trouble::noise,
                                           Trouble::all};

    BadLine(Trouble trouble, std::uint32_t seed);
    std::string pass(std::string_view bytes) override;
    std::size_t next_piece(std::size_t waiting) override;
    bool stalls() override;

private:
    /// Befalls one byte of so many.
    struct Mishap {
        static constexpr auto never = std::numeric_limits<std::size_t>::max();
        std::geometric_distribution<std::size_t> gap;
        std::size_t left = never;  // good bytes before the next one
    };

    bool is(Trouble trouble) const { return trouble_ == trouble || trouble_ == Trouble::all; }
    bool strikes(Mishap& mishap);

    Trouble trouble_;
    std::mt19937 random_;
    Mishap drops_, doubles_, noise_;
};

/// What BadLine puts between two bytes is no word of the board.
std::string without_noise(std::string text);

}  // namespace patchbay::testing
