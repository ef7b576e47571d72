// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <string>

#include "devices/program_console.hpp"

namespace patchbay {

/// A session of ssh as a console. Its end is an error that names the target, and is told how to go on; closing it logs
/// out first.
class SshConsole final : public Console {
public:
    /// `command` is ssh; `target`: "root@board7 port 22".
    SshConsole(asio::any_io_executor executor, Command command, std::string target);

    Task<> open() override { return program_.open(); }
    Task<std::string> read_some() override;
    Task<> write(std::string bytes) override { return program_.write(std::move(bytes)); }
    Task<> close() override;
    std::string description() const override { return program_.description(); }

private:
    Task<> log_out();

    std::string target_;
    ProgramConsole program_;
};

}  // namespace patchbay
