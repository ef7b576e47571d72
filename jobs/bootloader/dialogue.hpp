// SPDX-License-Identifier: Apache-2.0
#pragma once
// One conversation with a program on a console, step by step. No I/O, no clock: whoever holds it sends what a step
// says, awaits a match of patterns(), hands it to feed(), and so on until a step ends it.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/errors.hpp"
#include "jobs/console/matcher.hpp"
#include "jobs/journal/log_level.hpp"

namespace patchbay {

/// What is typed.
struct Typing {
    enum class Kind {
        line,     ///< the text and the end of a line
        bytes,    ///< the text as it is
        control,  ///< each letter of the text with the control key held
    };
    Kind kind = Kind::line;
    std::string text;
    bool operator==(const Typing&) const = default;
};

struct DialogueStep {
    enum class Next { wait, finished, failed };
    Next next = Next::wait;
    std::vector<LogLine> log;
    std::vector<Typing> typing;
    ErrorType error_type = ErrorType::infrastructure;  ///< with Next::failed
    std::string error;
};

class Dialogue {
public:
    virtual ~Dialogue() = default;

    /// Called once, first.
    virtual DialogueStep start() = 0;
    /// What the next match is looked for in. Valid until the next step.
    virtual const PatternSet& patterns() const = 0;
    virtual DialogueStep feed(const Match& match) = 0;
    /// The board says nothing any more, and `unmatched` is what it said since the last match. Nothing: go on waiting.
    virtual std::optional<DialogueStep> silence(std::string_view unmatched) {
        static_cast<void>(unmatched);
        return std::nullopt;
    }
};

}  // namespace patchbay
