// SPDX-License-Identifier: Apache-2.0
#pragma once
// A dialogue as its holder sees it, with a board that says what the test tells it to.

#include <string>
#include <string_view>
#include <vector>

#include "jobs/bootloader/dialogue.hpp"

namespace patchbay::testing {

/// What came of the typing: "dhcp\n", "^b".
inline std::string typed_text(const Typing& typing) {
    if (typing.kind == Typing::Kind::control) return "^" + typing.text;
    return typing.kind == Typing::Kind::line ? typing.text + "\n" : typing.text;
}

class Talk {
public:
    using Next = DialogueStep::Next;

    explicit Talk(Dialogue& dialogue) : dialogue_{dialogue} { take(dialogue_.start()); }

    /// The board says this.
    Talk& hears(std::string_view bytes) {
        matcher_.feed(bytes);
        while (next == Next::wait) {
            const auto match = matcher_.search(dialogue_.patterns());
            if (!match) break;
            take(dialogue_.feed(*match));
        }
        return *this;
    }
    /// The board is silent for a while.
    Talk& waits() {
        if (next != Next::wait) return *this;
        if (auto step = dialogue_.silence(matcher_.unconsumed())) take(std::move(*step));
        return hears("");
    }

    /// For longer than any echo takes.
    Talk& waits_long() {
        for (int i = 0; i < 5; ++i) waits();
        return *this;
    }
    /// So many bytes are kept for the next match.
    std::size_t unmatched() const { return matcher_.unconsumed().size(); }

    Next next = Next::wait;
    std::string error;
    ErrorType error_type = ErrorType::bug;
    std::vector<std::string> typed;
    std::vector<LogLine> log;

private:
    void take(DialogueStep step) {
        next = step.next;
        error = step.error;
        error_type = step.error_type;
        for (const auto& typing : step.typing) typed.push_back(typed_text(typing));
        log.insert(log.end(), step.log.begin(), step.log.end());
    }

    Dialogue& dialogue_;
    Matcher matcher_;
};

}  // namespace patchbay::testing
