// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "core/errors.hpp"
#include "core/process/process.hpp"
#include "core/process/words.hpp"
#include "devices/capability/console.hpp"
#include "drivers/exec/exec.hpp"

namespace patchbay {
namespace {

class CommandConsole final : public Driver, public Console {
public:
    CommandConsole(std::string command, const DriverRequest& request)
        : command_{std::move(command)}, label_{request.label}, executor_{request.context.executor} {}

    void offer(Capabilities& device, const std::string& name) override { device.add<Console>(*this, name); }

    /// A program that a killed owner left is ended by the lease's process scope.
    Task<> make_safe() override { return close(); }

    Task<> open() override {
        if (process_ && !process_->exit_code()) co_return;
        Command command;
        command.argv = split_words(command_);
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

    std::string description() const override { return command_; }

private:
    std::string command_;
    std::string label_;
    asio::any_io_executor executor_;
    std::shared_ptr<Process> process_;
};

}  // namespace

DriverPtr make_command_console(const DriverRequest& request) {
    auto command = request.options.required<std::string>("command");
    request.options.finish();
    try {
        if (split_words(command).empty() && request.options.has("command"))
            request.options.problem("command", "is an empty command");
    } catch (const ConfigurationError& error) {
        request.options.problem("command", error.what());
    }
    return std::make_unique<CommandConsole>(std::move(command), request);
}

}  // namespace patchbay
