// SPDX-License-Identifier: Apache-2.0
#include "devices/program_console.hpp"

#include <utility>

#include "drivers/exec/exec.hpp"

namespace patchbay {
namespace {

Command command_of(std::vector<std::string> argv) {
    Command command;
    command.argv = std::move(argv);
    return command;
}

class ProgramConsoleDriver final : public Driver {
public:
    ProgramConsoleDriver(std::vector<std::string> argv, std::string description, const DriverRequest& request)
        : console_{request.context.executor, command_of(std::move(argv)), request.label, std::move(description)} {}

    void offer(Capabilities& device, const std::string& name) override { device.add<Console>(console_, name); }

    /// A program that a killed owner left is ended by the lease's process scope.
    Task<> make_safe() override { co_await console_.close(); }

private:
    ProgramConsole console_;
};

}  // namespace

DriverPtr make_program_console(std::vector<std::string> argv, std::string description, const DriverRequest& request) {
    return std::make_unique<ProgramConsoleDriver>(std::move(argv), std::move(description), request);
}

}  // namespace patchbay
