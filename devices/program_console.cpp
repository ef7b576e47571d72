// SPDX-License-Identifier: Apache-2.0
#include "devices/program_console.hpp"

#include <utility>

#include "core/errors.hpp"
#include "core/process/process.hpp"

namespace patchbay {

ProgramConsole::ProgramConsole(asio::any_io_executor executor, Command command, std::string label,
                               std::string description)
    : executor_{std::move(executor)},
      command_{std::move(command)},
      label_{std::move(label)},
      description_{std::move(description)} {
    command_.stdio = Stdio::pty;  // telnet and ssh behave as for a person only in a terminal
}

ProgramConsole::~ProgramConsole() = default;

Task<> ProgramConsole::open() {
    if (process_ && !process_->exit_code()) co_return;
    process_ = std::make_shared<Process>(executor_, command_);
}

Task<std::string> ProgramConsole::read_some() {
    const auto process = process_;
    if (!process) co_return std::string{};
    co_return co_await process->read_some();
}

Task<> ProgramConsole::write(std::string bytes) {
    const auto process = process_;
    if (!process) throw ConnectionClosedError{label_ + " is not open"};
    co_await process->write(std::move(bytes));
}

Task<> ProgramConsole::close() {
    const auto process = std::exchange(process_, nullptr);
    if (process) co_await process->stop(std::chrono::seconds{1});
}

}  // namespace patchbay
