// SPDX-License-Identifier: Apache-2.0
// patchbay import: only patchbayd reads files of labs: this program becomes it.
#include "cli/commands/commands.hpp"
#include "cli/run/runner_process.hpp"

namespace patchbay::cli {

Exit import_lava(const ImportOptions& options, Session& session) {
    std::vector<std::string> words{find_program("patchbayd", own_program(), session.environment).string(), "import",
                                   "lava", "--output=" + options.output};
    for (const auto& folder : options.templates) words.push_back("--templates=" + folder);
    if (session.json()) words.emplace_back("--json");
    words.emplace_back("--");
    words.push_back(options.folder);
    become_program(std::move(words), session);
}

}  // namespace patchbay::cli
