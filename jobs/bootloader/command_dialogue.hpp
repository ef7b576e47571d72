// SPDX-License-Identifier: Apache-2.0
#pragma once
// Commands typed at a boot loader's prompt, one after the other (lava_dispatcher/actions/boot, bootloader-commands).

#include <string>
#include <vector>

#include "jobs/bootloader/dialogue.hpp"
#include "jobs/bootloader/echo.hpp"
#include "jobs/bootloader/loader_error.hpp"
#include "jobs/bootloader/silence.hpp"

namespace patchbay {

struct CommandPlan {
    std::string prompt;                 ///< an expression, as all here
    bool at_prompt = false;             ///< the prompt was seen already
    std::vector<std::string> commands;  ///< none: only the prompt is awaited
    ErrorMessages errors;
    std::string final_message;  ///< after the last command; "": that is not awaited
};

/// Ends when the final message came after the last command, or, where there is none, when that command is sent.
/// Fails with LAVA's text at an error message, and when the boot loader is back at its prompt after the last command.
/// What a command's own echo holds counts for nothing, nor does a prompt that stands before it: stopping a boot loader
/// with a key often gives two. Where nothing is echoed, a prompt counts when a long silence follows.
class CommandDialogue final : public Dialogue {
public:
    /// Throws: TestError, an expression is invalid.
    explicit CommandDialogue(CommandPlan plan);

    DialogueStep start() override;
    const PatternSet& patterns() const override;
    DialogueStep feed(const Match& match) override;
    std::optional<DialogueStep> silence(std::string_view unmatched) override;

    /// How many commands were sent.
    std::size_t sent() const { return sent_; }

private:
    enum class State { first_prompt, prompt, final_message };

    DialogueStep type_next();

    CommandPlan plan_;
    LoaderError error_;
    PatternSet first_;   // the prompt
    PatternSet prompt_;  // the prompt, then the errors
    PatternSet final_;   // the final message, then the errors
    State state_ = State::first_prompt;
    std::size_t sent_ = 0;
    Echo echo_;
    Silence silence_;
    bool early_prompt_ = false;  // one came before the echo of the command
    bool echoes_ = true;         // until the console is known not to
};

}  // namespace patchbay
