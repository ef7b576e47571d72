// SPDX-License-Identifier: Apache-2.0
#pragma once
// Between the boot loader and the first line of the kernel (lava_dispatcher/actions/boot, auto-login-action).

#include <optional>
#include <string>

#include "jobs/bootloader/dialogue.hpp"
#include "jobs/bootloader/echo.hpp"
#include "jobs/bootloader/loader_error.hpp"
#include "jobs/bootloader/silence.hpp"

namespace patchbay {

/// The command by which a loader was told to start a system.
struct LastCommand {
    std::string prompt;   ///< of the loader; an expression
    std::string command;  ///< as it was typed
    bool echo_follows;    ///< it was sent, and nothing was awaited since
};

struct KernelStartPlan {
    std::string start_message;  ///< an expression
    ErrorMessages errors;
    std::optional<LastCommand> last_command;  ///< nothing: the system starts by itself
};

/// Ends with the kernel's first line. Fails at one of the loader's error messages, and when the loader is back at its
/// prompt: then no kernel comes any more. What that kernel prints later is no business of its.
class KernelStartDialogue final : public Dialogue {
public:
    /// Throws: TestError, an expression is invalid.
    explicit KernelStartDialogue(KernelStartPlan plan);

    DialogueStep start() override { return {}; }
    const PatternSet& patterns() const override { return error_.begun() ? error_.line_end() : patterns_; }
    DialogueStep feed(const Match& match) override;
    std::optional<DialogueStep> silence(std::string_view unmatched) override;

private:
    KernelStartPlan plan_;
    LoaderError error_;
    PatternSet patterns_;
    std::optional<Pattern> prompt_;
    Echo echo_;
    Silence silence_;
};

}  // namespace patchbay
