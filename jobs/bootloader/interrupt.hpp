// SPDX-License-Identifier: Apache-2.0
#pragma once
// How a boot loader is stopped before it boots by itself (lava_dispatcher/actions/boot, bootloader-interrupt).

#include <string>

#include "jobs/bootloader/dialogue.hpp"
#include "jobs/bootloader/loader_error.hpp"

namespace patchbay {

struct InterruptPlan {
    std::string interrupt_prompt;   ///< awaited first; an expression
    std::vector<Typing> keys;       ///< what stops it
    std::string bootloader_prompt;  ///< what it shows when it has stopped
    bool needs_interrupt = true;    ///< false: it stops by itself, only its prompt is awaited
    /// Of the firmware that asks. Of a loader none, as in LAVA: what runs before it (a boot ROM, an SPL) tries several
    /// media and says "TIMEOUT" of each that is not there.
    ErrorMessages errors = {};
};

/// Ends when the keys are sent. The prompt itself is awaited by who types commands; without needs_interrupt it is
/// awaited here.
class InterruptDialogue final : public Dialogue {
public:
    /// Throws: TestError, an expression is invalid.
    explicit InterruptDialogue(InterruptPlan plan);

    DialogueStep start() override;
    const PatternSet& patterns() const override { return error_.begun() ? error_.line_end() : patterns_; }
    DialogueStep feed(const Match& match) override;
    /// A board that lost its question, and has come to its prompt all the same, needs no key.
    std::optional<DialogueStep> silence(std::string_view unmatched) override;

private:
    InterruptPlan plan_;
    LoaderError error_;
    PatternSet patterns_;
    Pattern prompt_;
};

}  // namespace patchbay
