// SPDX-License-Identifier: Apache-2.0
#include "core/errors.hpp"
#include "core/process/words.hpp"
#include "drivers/exec/exec.hpp"

namespace patchbay {

DriverPtr make_command_console(const DriverRequest& request) {
    auto command = request.options.required<std::string>("command");
    request.options.finish();
    std::vector<std::string> words;
    try {
        words = split_words(command);
        if (words.empty() && request.options.has("command")) request.options.problem("command", "is an empty command");
    } catch (const ConfigurationError& error) {
        request.options.problem("command", error.what());
    }
    return make_program_console(std::move(words), std::move(command), request);
}

}  // namespace patchbay
