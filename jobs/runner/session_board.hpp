// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a person may do with a board beside typing at its console: each wish is one command, and its answer a sentence.

#include <filesystem>
#include <functional>
#include <string>

#include "core/deadline.hpp"
#include "core/task.hpp"
#include "devices/description.hpp"
#include "devices/device.hpp"
#include "jobs/journal/session_line.hpp"
#include "jobs/runner/session_witness.hpp"

namespace patchbay {

class SessionBoard {
public:
    /// `say` gets what the lab's programs print, and how far an image is written. All must outlive it.
    SessionBoard(const DeviceDescription& description, Device& device, SessionWitness& console, std::string job,
                 std::filesystem::path folder, std::function<void(std::string)> say);

    /// Never throws but when it is cancelled: what goes wrong is the answer.
    Task<BoardAnswer> obey(BoardCommand command);

private:
    Task<BoardAnswer> run(BoardCommand command);
    Task<BoardAnswer> power(std::string value);
    Task<BoardAnswer> cycle_power();
    Task<BoardAnswer> open_supply(Power& supply);
    Task<BoardAnswer> reset();
    Task<BoardAnswer> line(std::string name, std::string value);
    Task<BoardAnswer> serial(std::string what, std::string value);
    Task<BoardAnswer> connect_storage(std::string name, std::string side);
    Task<BoardAnswer> write_storage(std::string name, std::string file);
    Task<bool> run_commands(std::string name);
    [[noreturn]] void lacks(const std::string& what, const std::string& advice) const;

    const DeviceDescription& description_;
    Device& device_;
    SessionWitness& console_;
    std::string job_;
    std::filesystem::path folder_;
    std::function<void(std::string)> say_;
};

}  // namespace patchbay
