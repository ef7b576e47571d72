// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/container_console.hpp"

#include "core/process/words.hpp"
#include "devices/program_console.hpp"
#include "jobs/actions/job_context.hpp"

namespace patchbay {

Task<> open_container(JobContext& job, std::string ns, Container container, std::vector<std::string> argv) {
    Command command;
    command.argv = container.run(argv);
    command.environment = container.environment();
    const auto shown = join_words(command.argv);
    job.log.debug("Calling: " + python_list(command.argv));
    job.log.flush();
    auto console = std::make_unique<ProgramConsole>(co_await asio::this_coro::executor, std::move(command),
                                                    "container " + container.name(), shown);
    co_await console->open();
    job.attach_program(ns, std::move(console));
}

}  // namespace patchbay
