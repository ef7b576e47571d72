// SPDX-License-Identifier: Apache-2.0
#pragma once
// A board that says the fuzzer's input to a dialogue: a byte 0xFE cuts a read, 0xFD is a silence.

#include <algorithm>
#include <string>
#include <string_view>

#include "jobs/bootloader/dialogue.hpp"

namespace patchbay::testing {

class FuzzedBoard {
public:
    /// `check(step)` sees each step of the dialogue, until one ends it.
    template <typename Check>
    void talk(Dialogue& dialogue, std::string_view says, const Check& check) {
        bool over = false;
        const auto take = [&](const DialogueStep& step) {
            over = step.next != DialogueStep::Next::wait;
            check(step);
        };
        take(dialogue.start());
        while (!says.empty() && !over) {
            const auto end = std::min(says.find_first_of("\xFE\xFD"), says.size());
            const bool silent = end < says.size() && says[end] == '\xFD';
            matcher_.feed(says.substr(0, end));
            heard += says.substr(0, end);
            says.remove_prefix(std::min(end + 1, says.size()));
            while (!over) {
                const auto match = matcher_.search(dialogue.patterns());
                if (!match) break;
                take(dialogue.feed(*match));
            }
            if (over || !silent) continue;
            if (const auto step = dialogue.silence(matcher_.unconsumed())) take(*step);
        }
    }

    /// Of what it said only that counts which no pattern has matched.
    void forget() { heard = matcher_.unconsumed(); }

    std::string heard;

private:
    Matcher matcher_;
};

}  // namespace patchbay::testing
