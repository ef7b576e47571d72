// SPDX-License-Identifier: Apache-2.0
// patchbay check: what patchbayd would say about its files. It says so itself: this program becomes that one.
#include "cli/commands/commands.hpp"
#include "cli/run/runner_process.hpp"

namespace patchbay::cli {

Exit check(const CheckOptions& options, Session& session) {
    const auto program = find_program("patchbayd", own_program(), session.environment).string();
    std::vector<std::string> words{program, "check"};
    if (session.json()) words.emplace_back("--json");
    words.emplace_back("--");  // a file may be called --help
    words.insert(words.end(), options.files.begin(), options.files.end());
    become_program(std::move(words), session);
}

}  // namespace patchbay::cli
