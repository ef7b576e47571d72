// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <string>
#include <vector>

#include "core/process/command.hpp"
#include "devices/capability/console.hpp"

namespace patchbay {

class Process;

/// A program of this host in a terminal of its own, whose output is the console and whose input the keyboard.
class ProgramConsole final : public Console {
public:
    /// `label`: how errors name it; `description`: how a log does.
    ProgramConsole(asio::any_io_executor executor, Command command, std::string label, std::string description);
    ~ProgramConsole() override;

    Task<> open() override;
    Task<std::string> read_some() override;
    Task<> write(std::string bytes) override;
    Task<> close() override;
    std::string description() const override { return description_; }

private:
    asio::any_io_executor executor_;
    Command command_;
    std::string label_, description_;
    std::shared_ptr<Process> process_;
};

}  // namespace patchbay
