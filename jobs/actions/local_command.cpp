// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/local_command.hpp"

#include "core/process/run_command.hpp"
#include "core/process/words.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/secret_environment.hpp"

namespace patchbay {
namespace {

std::map<std::string, std::string> environment_of(JobContext& job) {
    auto environment = secret_environment(job);
    environment["LAVA_JOB_ID"] = job.id;
    return environment;
}

}  // namespace

Task<> run_local_commands(JobContext& job, std::vector<std::string> commands, Deadline deadline,
                          std::string failure_text) {
    for (const auto& text : commands) {
        Command command;
        command.argv = split_words(text);
        command.environment = environment_of(job);
        job.log.debug("Calling: " + python_list(command.argv));
        // A command may take minutes: who looks on sees each line as it comes.
        job.log.flush();
        auto to_log = [&job](std::string_view line) {
            job.log.debug(">> " + std::string{line});
            job.log.flush();
        };
        const OnLine on_line = to_log;
        const auto result = co_await run_command(command, on_line, deadline);
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(result.took).count();
        job.log.debug("Returned " + std::to_string(result.exit_code) + " in " + std::to_string(seconds) + " seconds");
        if (!result.ok()) throw InfrastructureError{failure_text + "'" + text + "' failed"};
    }
}

}  // namespace patchbay
