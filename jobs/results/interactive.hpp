// SPDX-License-Identifier: Apache-2.0
#pragma once
// One command of an `interactive` test: what to wait for, and what a match means.
// Source: lava_dispatcher/actions/test/interactive.py, LAVA's texts.

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/config/value.hpp"
#include "core/errors.hpp"
#include "jobs/console/matcher.hpp"
#include "jobs/journal/log_level.hpp"

namespace patchbay {

/// "{SERVER_IP}" and friends; the keys have no braces.
using Substitutions = std::map<std::string, std::string>;
std::string substitute(std::string text, const Substitutions& values);

struct InteractiveFailure {
    std::string message;
    std::optional<ErrorType> exception;  ///< Infrastructure, Job or Test
    std::string error;                   ///< text of the exception; "": the message
};

struct InteractiveCommand {
    std::optional<std::string> command;  ///< nullopt: send nothing, just wait
    std::string name;                    ///< "": records no result
    bool wait_for_prompt = true;
    std::vector<std::string> successes;
    std::vector<InteractiveFailure> failures;
};

/// "InfrastructureError", "JobError" or "TestError" as a definition names it.
std::optional<ErrorType> error_type_of_class(std::string_view name);

class InteractiveStep {
public:
    struct Verdict {
        bool passed = false;
        bool at_prompt = false;  ///< else wait for a prompt before the next step, if wait_for_prompt
        LogLine log;
        Substitutions groups;                ///< named groups of a success
        std::optional<ErrorType> exception;  ///< raise it with `error`, after the result was recorded
        std::string error;
    };

    /// Throws: TestError, an expression is invalid.
    InteractiveStep(std::vector<std::string> prompts, InteractiveCommand command);

    /// Prompts, then failures, then successes.
    const PatternSet& patterns() const { return patterns_; }
    /// "Waiting for 'a', 'b'", for the log.
    std::string waiting_text() const;
    /// A failing step without name has `exception` Test: "Failed to run command '…'".
    Verdict judge(const Match& match) const;
    const InteractiveCommand& command() const { return command_; }

private:
    std::vector<std::string> prompts_;
    InteractiveCommand command_;
    PatternSet patterns_;
};

/// {definition: <stage>_<script>, case, result, duration}
config::Map make_interactive_result(const std::string& suite, const std::string& name, bool passed,
                                    std::chrono::nanoseconds duration);

}  // namespace patchbay
