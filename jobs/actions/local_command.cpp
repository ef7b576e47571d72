// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/local_command.hpp"

#include "core/last_line.hpp"
#include "core/process/spawn.hpp"
#include "core/process/words.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/secret_environment.hpp"

namespace patchbay {
namespace {

constexpr std::size_t kept_output = 1024 * 1024;

void add_environment(JobContext& job, Command& command, Secrets secrets) {
    if (secrets == Secrets::given) {
        for (auto& [name, value] : secret_environment(job)) command.environment.try_emplace(name, value);
    }
    command.environment["LAVA_JOB_ID"] = job.id;
}

}  // namespace

Task<CommandOutput> run_logged(JobContext& job, Command command, Deadline deadline, Secrets secrets) {
    add_environment(job, command, secrets);
    job.log.debug("Calling: " + python_list(command.argv));
    // A command may take minutes: who looks on sees each line as it comes.
    job.log.flush();
    CommandOutput output;
    auto to_log = [&job, &output](std::string_view line) {
        job.log.debug(">> " + std::string{line});
        job.log.flush();
        output.text += line.substr(0, kept_output - output.text.size());
        if (output.text.size() < kept_output) output.text += '\n';
    };
    const OnLine on_line = to_log;
    const auto result = co_await run_command(std::move(command), on_line, deadline);
    output.exit_code = result.exit_code;
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(result.took).count();
    job.log.debug("Returned " + std::to_string(result.exit_code) + " in " + std::to_string(seconds) + " seconds");
    co_return output;
}

Task<std::string> run_program(JobContext& job, Command command, Deadline deadline, std::string next_step) {
    const auto argv = command.argv;
    auto output = co_await run_logged(job, std::move(command), deadline);
    if (output.exit_code == 0) co_return std::move(output.text);
    throw InfrastructureError{not_run(argv, output.text) + (next_step.empty() ? "" : "; " + next_step)};
}

std::string not_run(const std::vector<std::string>& argv, std::string_view output) {
    const std::string last{last_line(output)};
    return "Unable to run: " + python_list(argv) + (last.empty() ? "" : "; it said: " + last);
}

Task<> run_local_commands(JobContext& job, std::vector<std::string> commands, Deadline deadline,
                          std::string failure_text) {
    for (const auto& text : commands) {
        Command command;
        command.argv = split_words(text);
        const auto output = co_await run_logged(job, std::move(command), deadline, Secrets::given);
        if (output.exit_code != 0) throw InfrastructureError{failure_text + "'" + text + "' failed"};
    }
}

void need_program(const std::string& program, const std::string& package, std::vector<std::string>& errors) {
    if (find_program(program)) return;
    errors.push_back("the program '" + program + "' is not installed on this host; install the Debian package '" +
                     package + "'");
}

}  // namespace patchbay
