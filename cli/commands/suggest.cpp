// SPDX-License-Identifier: Apache-2.0
// patchbay suggest: what is attached to this machine. Only patchbay-runner has the drivers: this program becomes it.
#include "cli/commands/commands.hpp"
#include "cli/run/runner_process.hpp"

namespace patchbay::cli {

Exit suggest(Session& session) {
    std::vector<std::string> words{find_program("patchbay-runner", own_program(), session.environment).string(),
                                   "--suggest"};
    if (session.json()) words.emplace_back("--json");
    become_program(std::move(words), session);
}

}  // namespace patchbay::cli
