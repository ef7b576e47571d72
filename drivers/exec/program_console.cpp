// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <utility>

#include "core/errors.hpp"
#include "core/process/process.hpp"
#include "devices/capability/console.hpp"
#include "drivers/exec/exec.hpp"

namespace patchbay {
namespace {

class ProgramConsole final : public Driver, public Console {
public:
    ProgramConsole(std::vector<std::string> argv, std::string description, const DriverRequest& request)
        : argv_{std::move(argv)},
          description_{std::move(description)},
          label_{request.label},
          executor_{request.context.executor} {}

    void offer(Capabilities& device, const std::string& name) override { device.add<Console>(*this, name); }

    /// A program that a killed owner left is ended by the lease's process scope.
    Task<> make_safe() override { return close(); }

    Task<> open() override {
        if (process_ && !process_->exit_code()) co_return;
        Command command;
        command.argv = argv_;
        command.stdio = Stdio::pty;  // telnet and ssh behave as for a person only in a terminal
        process_ = std::make_shared<Process>(executor_, std::move(command));
    }

    Task<std::string> read_some() override {
        const auto process = process_;
        if (!process) co_return std::string{};
        co_return co_await process->read_some();
    }

    Task<> write(std::string bytes) override {
        const auto process = process_;
        if (!process) throw ConnectionClosedError{label_ + " is not open"};
        co_await process->write(std::move(bytes));
    }

    Task<> close() override {
        const auto process = std::exchange(process_, nullptr);
        if (process) co_await process->stop(std::chrono::seconds{1});
    }

    std::string description() const override { return description_; }

private:
    std::vector<std::string> argv_;
    std::string description_;
    std::string label_;
    asio::any_io_executor executor_;
    std::shared_ptr<Process> process_;
};

}  // namespace

DriverPtr make_program_console(std::vector<std::string> argv, std::string description, const DriverRequest& request) {
    return std::make_unique<ProgramConsole>(std::move(argv), std::move(description), request);
}

}  // namespace patchbay
