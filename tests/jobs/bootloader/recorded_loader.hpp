// SPDX-License-Identifier: Apache-2.0
#pragma once
// A boot loader played from what one once said: it answers each typed line with the next part of the recording. What it
// says may be cut anywhere, and lose, double or delay characters on the way.

#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "jobs/bootloader/command_dialogue.hpp"
#include "jobs/bootloader/interrupt.hpp"

namespace patchbay::testing {

struct Exchange {
    std::string command;
    std::string echo;    ///< as the loader gave it back, with its line end
    std::string answer;  ///< what followed, with the next prompt
};

struct Recording {
    std::string name;
    InterruptPlan interrupt;
    std::string banner;       ///< until the loader's question
    std::string after_key;    ///< until its first prompt
    CommandPlan plan;         ///< without its commands, which are those of the exchanges
    std::string prompt_text;  ///< a prompt as it is printed
    std::string final_text;   ///< "": the plan has no final message
    std::vector<Exchange> exchanges;
};

/// What happens to the bytes on the way.
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
    BadLine(Trouble trouble, std::uint32_t seed) : trouble_{trouble}, random_{seed} {}
    std::string pass(std::string_view bytes) override;
    std::size_t next_piece(std::size_t waiting) override;
    bool stalls() override;

private:
    bool is(Trouble trouble) const { return trouble_ == trouble || trouble_ == Trouble::all; }
    bool one_of(std::uint32_t number) { return random_() % number == 0; }

    Trouble trouble_;
    std::mt19937 random_;
};

struct Played {
    enum class End { booted, failed, waits };
    End end = End::waits;
    std::string error;
    std::size_t typed = 0;  ///< commands
    std::string dishonest;  ///< why this success, prompt or failure was not one; empty: all were
    bool operator==(const Played&) const = default;
};

Played play(const Recording& recording, Line& line);
/// All bytes that it says.
std::size_t length_of(const Recording& recording);

/// Hand-written, in the manner of each loader.
std::vector<Recording> written_recordings();
/// The boots in a log of lines, as LAVA keeps it. Nothing where none is known.
std::vector<Recording> recordings_in(const std::string& log, const std::string& name);

}  // namespace patchbay::testing
