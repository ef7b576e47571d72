// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/boot/run_on_target.hpp"

#include "core/errors.hpp"
#include "jobs/console/session.hpp"

namespace patchbay {

std::string failure_on_target(const std::string& what, const std::string& line, int code) {
    return what + ": '" + line + "' failed on the target with return code " + std::to_string(code);
}

Task<int> run_on_target(ConsoleSession& console, std::string what, std::string line, Deadline limit) {
    // The echo of what is typed has no number after the mark.
    const std::vector<std::string> answer{"<PATCHBAY_RC ([0-9]{1,3})>"};
    const auto patterns = PatternSet::of(answer);
    co_await console.send_line(line + "; echo \"<PATCHBAY_RC $?>\"");
    const auto match = co_await console.wait_some(patterns, limit);
    if (!match) {
        throw JobError{what + ": '" + line +
                       "' did not end on the target within the connection's time-out, or its shell does not know "
                       "'$?'; the console shows what it said"};
    }
    const auto prompts = PatternSet::of(console.prompts);
    co_await console.wait(prompts, limit);
    co_return std::stoi(*match->group(1));
}

}  // namespace patchbay
