// SPDX-License-Identifier: Apache-2.0
#pragma once
// A conversation played from what a board once said: it answers each typed line with the next part of the recording.
// The player knows what the board has really said, and tells when our side claims something else.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "jobs/bootloader/dialogue.hpp"
#include "tests/jobs/bootloader/line.hpp"

namespace patchbay::testing {

/// Our side of it: dialogues, of which one is held at a time.
class Speaker : public Dialogue {
public:
    virtual std::unique_ptr<Speaker> clone() const = 0;

    DialogueStep start() final { return after(current().start()); }
    const PatternSet& patterns() const final { return const_cast<Speaker*>(this)->current().patterns(); }
    DialogueStep feed(const Match& match) final { return after(current().feed(match)); }
    std::optional<DialogueStep> silence(std::string_view unmatched) final {
        auto step = current().silence(unmatched);
        if (step) step = after(std::move(*step));
        return step;
    }

protected:
    virtual Dialogue& current() = 0;
    /// Of a step of current(): the same, or, when the next dialogue follows, what that begins with.
    virtual DialogueStep after(DialogueStep step) = 0;
};

/// Something is typed, and the board answers.
struct Turn {
    std::string asked;   ///< what the board says when it wants this; "": nobody asks
    std::string typed;   ///< "": a key, or whatever
    std::string echo;    ///< as the board gives it back, with its line end
    std::string answer;  ///< what follows, with what asks for the next turn
};

struct Recording {
    std::string name;
    std::string banner;  ///< what is said first, with what asks for the first turn
    std::vector<Turn> turns;
    std::string final_text;                  ///< in the last answer, of a success; "": it ends with the typing
    std::shared_ptr<const Speaker> speaker;  ///< as it is at the beginning
};

struct Played {
    enum class End { succeeded, failed, waits };
    End end = End::waits;
    std::string error;
    std::size_t typed = 0;  ///< turns
    std::string dishonest;  ///< what was claimed that the board had not said by then; empty: nothing
    bool operator==(const Played&) const = default;
};

/// One playing of a recording. A copy goes on from the same place by itself; on a line without a memory only.
class Play {
public:
    Play(const Recording& recording, Line& line);
    Play(const Play& other);
    Play& operator=(const Play& other);

    /// Said by the board, not arrived.
    std::size_t waiting() const { return said_->size() - arrived_; }
    /// So many of these bytes come, in one piece.
    void arrive(std::size_t size);
    /// Nothing comes for a while. True: that meant something.
    bool fall_silent();
    /// On to the end, in the line's pieces.
    void run();

    bool over() const { return over_; }
    const Played& played() const { return played_; }
    /// Have both heard and said the same? From here on they will be alike then: a dialogue is a function of its
    /// matches.
    bool same_as(const Play& other) const;

private:
    void search();
    void take(const DialogueStep& step);
    void type(const Typing& typing);
    void check_asked(const Turn& turn);
    void check_success();
    void check_failure();
    std::string_view answer() const;

    const Recording* recording_;
    Line* line_;
    std::unique_ptr<Speaker> speaker_;
    Matcher matcher_;
    std::shared_ptr<const std::string> said_;  // since the last typing, and what came after it
    std::size_t arrived_ = 0;                  // of said_
    std::size_t echo_begin_ = 0, answer_begin_ = 0;
    std::string carried_;      // heard before the last typing, and not understood yet
    std::uint64_t trace_ = 0;  // of all matches
    Played played_;
    bool over_ = false;
};

Played play(const Recording& recording, Line& line);
/// All bytes that it says.
std::size_t length_of(const Recording& recording);

}  // namespace patchbay::testing
