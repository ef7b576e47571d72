// SPDX-License-Identifier: Apache-2.0
#pragma once
// From a kernel's first line to a login prompt or a shell's (lava_dispatcher/actions/boot, login-action).

#include <optional>

#include "jobs/bootloader/dialogue.hpp"
#include "jobs/console/kernel_messages.hpp"

namespace patchbay {

/// Ends when somebody may type. Fails, as a JobError, at what KernelMessages says means the end of a boot, and when a
/// login is refused that nobody has begun.
class KernelDialogue final : public Dialogue {
public:
    /// Throws: TestError, an expression is invalid.
    explicit KernelDialogue(LoginWait wait);

    DialogueStep start() override { return {}; }
    const PatternSet& patterns() const override { return messages_.patterns(); }
    DialogueStep feed(const Match& match) override;
    /// A login prompt that a message of the kernel has cut in two is one.
    std::optional<DialogueStep> silence(std::string_view unmatched) override;

    const KernelMessages& messages() const { return messages_; }
    /// It ended at a shell's prompt, and not at a login prompt.
    bool at_shell() const { return at_shell_; }

private:
    std::optional<Pattern> login_prompt_;
    KernelMessages messages_;
    bool at_shell_ = false;
};

}  // namespace patchbay
