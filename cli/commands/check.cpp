// SPDX-License-Identifier: Apache-2.0
// patchbay check: what patchbayd would say about its files. It says so itself: this program becomes that one.
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "cli/commands/commands.hpp"
#include "cli/run/runner_process.hpp"

namespace patchbay::cli {

Exit check(const CheckOptions& options, Session& session) {
    const auto program = find_program("patchbayd", own_program(), session.environment).string();
    std::vector<std::string> words{program, "check"};
    if (session.json()) words.emplace_back("--json");
    words.emplace_back("--");  // a file may be called --help
    words.insert(words.end(), options.files.begin(), options.files.end());
    std::vector<char*> arguments;
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    session.terminal.out.flush();
    ::execv(program.c_str(), arguments.data());
    throw UserError{program + ": cannot be started: " + std::strerror(errno)};
}

}  // namespace patchbay::cli
