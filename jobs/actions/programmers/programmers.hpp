// SPDX-License-Identifier: Apache-2.0
#pragma once
// Boot methods of microcontrollers: a program of this host writes the images of an earlier deploy through a debug probe
// or the chip's own USB (lava_dispatcher/actions/boot/{openocd,pyocd,jlink,dfu,gdb}.py).

#include <string>
#include <vector>

#include "jobs/actions/action.hpp"
#include "jobs/actions/bootloader/loader_settings.hpp"
#include "jobs/results/interactive.hpp"

namespace patchbay {

ActionPtr build_boot_openocd(const ActionBlock& block, const JobContext& job);
ActionPtr build_boot_pyocd(const ActionBlock& block, const JobContext& job);
ActionPtr build_boot_jlink(const ActionBlock& block, const JobContext& job);
ActionPtr build_boot_dfu(const ActionBlock& block, const JobContext& job);
ActionPtr build_boot_gdb(const ActionBlock& block, const JobContext& job);

/// What a device's boot method says of its programmer.
class Programmer {
public:
    /// `method`: of the device; `package`: the Debian package of its usual program.
    Programmer(std::string method, std::string package) : method_{std::move(method)}, package_{std::move(package)} {}

    /// The program is here, and the board has a number.
    void validate(const JobContext& job, std::vector<std::string>& errors) const;

    /// The device's boot method, and `parameters` in it; a null value when there is none.
    const config::Value& method(const JobContext& job) const;
    const config::Value& parameters(const JobContext& job) const;
    /// The words of `parameters.command`.
    std::vector<std::string> program(const JobContext& job) const;

private:
    std::string method_, package_;
};

/// "{KEY}" -> path, for each image of a namespace; keys in capitals, too.
/// Throws: JobError, a path holds what a programmer could take for a command; there is no image.
Substitutions image_paths(JobContext& job, const std::string& ns);

/// A step that calls it. Whatever fails is the lab's.
class ProgrammerStep : public Action {
public:
    ProgrammerStep(std::string name, std::string method, std::string package)
        : Action{std::move(name), "write the images with a program of this host"},
          programmer_{std::move(method), std::move(package)} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        programmer_.validate(job, errors);
        co_return;
    }

protected:
    ErrorType timeout_type() const override { return ErrorType::infrastructure; }

    const config::Value& method(const JobContext& job) const { return programmer_.method(job); }
    const config::Value& parameters(const JobContext& job) const { return programmer_.parameters(job); }
    std::vector<std::string> program(const JobContext& job) const { return programmer_.program(job); }

private:
    Programmer programmer_;
};

/// reset-device and wait-device-boardid, where the board's supply can be cut.
void add_board_entry(Action& boot, const JobContext& job);

/// Adds an error unless this lab trusts its submitters: `what` may run any program of this host.
void need_trust(const JobContext& job, const std::string& what, std::vector<std::string>& errors);

}  // namespace patchbay
