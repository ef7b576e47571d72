// SPDX-License-Identifier: Apache-2.0
#pragma once
// What login-action does with kernel oopses, warnings and panics on the way to the prompt. No I/O, no clock: the
// action awaits a match of patterns(), hands it to feed() and looks at the step.
// Source: lava_dispatcher/utils/messages.py; kinds, patterns and texts are LAVA's, users search for them.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "core/config/value.hpp"
#include "jobs/console/matcher.hpp"
#include "jobs/journal/log_level.hpp"

namespace patchbay {

/// What one boot waits for besides kernel messages.
struct LoginWait {
    std::vector<std::string> prompts;
    std::string failure_message;          ///< of the boot block; "": none
    std::string login_prompt;             ///< of auto_login; "": no auto_login
    bool ignore_kernel_messages = false;  ///< also for ssh sessions
};

class KernelMessages {
public:
    enum class Next {
        wait,             ///< for the next match of patterns()
        shell_prompt,     ///< one of the prompts came
        login_prompt,     ///< auto_login's login prompt
        login_incorrect,  ///< "Login incorrect", with auto_login
        fail,             ///< raise JobError with `error`
    };
    struct Step {
        Next next = Next::wait;
        std::string error;
        std::vector<LogLine> log;
    };
    struct Entry {
        std::string kind;
        std::string message;
    };

    /// Throws: TestError, a pattern is invalid.
    explicit KernelMessages(LoginWait wait);

    const PatternSet& patterns() const { return pending_ ? ends_.at(*pending_) : starts_; }
    Step feed(const Match& match);
    /// The time for this wait is over: the text of the JobError when that means something here (a panic had begun).
    std::optional<std::string> expired() const;

    /// Everything that was found, in order.
    const std::vector<Entry>& entries() const { return entries_; }
    /// `extra` of the kernel-messages result: a list of {kind, message}.
    config::List extra() const;
    /// A fatal message was found: the kernel-messages result is fail.
    bool fatal() const { return fatal_; }
    /// Are kernel messages looked for? Without, there is no kernel-messages result.
    bool parsing() const { return !wait_.ignore_kernel_messages; }

private:
    Step finish(std::size_t index);
    Step kernel_message(std::string message);

    LoginWait wait_;
    std::vector<std::string> others_;  // what stands after the kernel patterns, in LAVA's order
    PatternSet starts_;
    std::vector<PatternSet> ends_;        // by kernel pattern: its end and the others
    std::optional<std::size_t> pending_;  // the kernel pattern whose end we wait for
    std::string message_;                 // so far
    std::vector<Entry> entries_;
    bool fatal_ = false;
};

}  // namespace patchbay
