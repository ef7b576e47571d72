// SPDX-License-Identifier: Apache-2.0
#include "jobs/runner/device_commands.hpp"

#include "core/errors.hpp"
#include "core/process/run_command.hpp"
#include "core/process/words.hpp"

namespace patchbay {

Task<bool> run_device_commands(const DeviceDescription& device, std::string name, std::string job, Deadline deadline,
                               std::function<void(std::string_view)> on_line) {
    const auto found = device.commands.find(name);
    if (found == device.commands.end()) co_return false;
    for (const auto& text : found->second.run) {
        Command command;
        command.argv = split_words(text);
        command.environment["LAVA_JOB_ID"] = job;
        const auto result = co_await run_command(std::move(command), on_line, deadline);
        if (!result.ok())
            throw InfrastructureError{"device " + device.name + ": its " + name + " command '" + text +
                                      "' ended with " + std::to_string(result.exit_code) +
                                      "; run it by hand and see what it says"};
    }
    co_return true;
}

}  // namespace patchbay
