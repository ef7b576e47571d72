// SPDX-License-Identifier: Apache-2.0
#pragma once
// A login on a console, from the user name to a shell in which the login commands have run
// (lava_dispatcher/actions/boot, login-action).

#include <string>
#include <vector>

#include "jobs/bootloader/dialogue.hpp"
#include "jobs/bootloader/echo.hpp"
#include "jobs/bootloader/silence.hpp"

namespace patchbay {

struct LoginPlan {
    std::string login_prompt;  ///< an expression, as all prompts
    std::string username;
    std::string password_prompt;  ///< "": none is awaited
    std::string password;
    std::vector<std::string> prompts;   ///< of the shell
    std::vector<std::string> commands;  ///< typed in that shell, each at a prompt
    bool shell_came_first = false;      ///< a shell prompt was seen, and not the login prompt
};

/// Ends at the shell prompt behind the last command. Fails, as a JobError, with LAVA's texts when the board refuses.
/// A prompt in the echo of what was typed is no answer, nor is one before that, such as the rest of the prompt at which
/// it was typed. Silence tells of a prompt that another line has cut in two, and of a board that asks once more,
/// because it has lost what was typed: it gets it again, three times in all.
class LoginDialogue final : public Dialogue {
public:
    enum class Awaits { password_prompt, shell, command };

    /// Throws: TestError, an expression is invalid.
    explicit LoginDialogue(LoginPlan plan);

    DialogueStep start() override;
    const PatternSet& patterns() const override;
    DialogueStep feed(const Match& match) override;
    std::optional<DialogueStep> silence(std::string_view unmatched) override;

    /// What for; a command has a time of its own.
    Awaits awaits() const { return awaits_; }

private:
    DialogueStep send_username();
    DialogueStep send_password();
    DialogueStep next_command();
    /// Did this prompt come before what was typed?
    bool is_early(const Match& prompt) const;
    /// What comes after this pattern of those that are awaited.
    DialogueStep after(std::size_t index);
    std::optional<DialogueStep> after_silence(std::string_view output);
    std::optional<DialogueStep> asked_again(std::string_view output);

    LoginPlan plan_;
    Pattern login_prompt_;
    PatternSet password_;  // the shell's prompts, the password prompt, a failure
    PatternSet shell_;     // the shell's prompts, failures
    PatternSet command_;   // the shell's prompts
    Awaits awaits_ = Awaits::shell;
    Echo echo_;
    Silence silence_;
    bool echoes_ = true;         // until the console is known not to
    bool early_prompt_ = false;  // one came before what was typed last
    int sent_names_ = 0, sent_passwords_ = 0;
    std::size_t sent_commands_ = 0;
};

}  // namespace patchbay
