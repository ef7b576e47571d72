// SPDX-License-Identifier: Apache-2.0
// boot: {method: qemu-iso}: a machine installs from an ISO image onto an empty disk, then boots from the disk
// (lava_dispatcher/actions/boot/iso.py).
#include <algorithm>

#include "jobs/actions/boot/boot.hpp"
#include "jobs/actions/boot/qemu_machine.hpp"
#include "jobs/actions/deploy/machine_deploy.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/retry.hpp"

namespace patchbay {
namespace {

/// What was deployed for the installation. Throws: JobError, a later deploy has dropped it.
struct Deployed {
    explicit Deployed(const NamespaceState& state) {
        const auto* image = find_image(state, empty_image);
        const auto answers = state.boot.files.find("preseed");
        if (!image || answers == state.boot.files.end()) {
            throw JobError{
                "boot method qemu-iso: the last deploy of this namespace was none to iso-installer, so there is no "
                "disk "
                "to install onto"};
        }
        disk = image->path;
        preseed = answers->second;
    }
    std::filesystem::path disk, preseed;
};

class ExecuteInstaller final : public Action {
public:
    ExecuteInstaller() : Action{"execute-installer-command", "start the machine that installs"} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        co_await probe_machine(job, block(), errors);
        const auto& blocks = job.definition.actions;
        const bool deployed = std::any_of(blocks.begin(), blocks.end(), [this](const ActionBlock& each) {
            return each.kind == ActionBlock::Kind::deploy && each.name_space == ns() &&
                   config::string_or_empty(each.parameters.find("to")) == "iso-installer";
        });
        if (deployed) co_return;
        errors.push_back("boot method qemu-iso needs a deploy to iso-installer before it, in the same namespace");
    }

protected:
    Task<> run(JobContext& job, Deadline) override {
        const auto& state = job.state(ns());
        const auto& machine = job.device.need<DirectBoot>();
        const auto folder = Deployed{state}.preseed.parent_path();
        // A network of the machine's own serves the preseed file; else the lab's server has it.
        const auto served = machine.tftp_address().empty() ? std::filesystem::path{} : folder;
        auto command = machine.command(image_arguments(job, state), served);
        co_await start_machine(job, ns(), std::move(command));
    }
};

/// What Debian's installer, or its kernel, says at its end (lava_dispatcher/deployment_data.py). A panic is ours: LAVA
/// waits until its time is over.
class MonitorInstaller final : public Action {
public:
    MonitorInstaller() : Action{"monitor-installer-connection", "wait for the end of the installation"} {}

protected:
    Task<> run(JobContext& job, Deadline deadline) override {
        const std::vector<std::string> ends{failed, unanswered, panic, asks, power_down};
        job.log.debug(name() + ": Wait for prompt " + python_list(ends) + " (timeout " +
                      format_hms(deadline.left() + 500ms) + ")");
        const auto patterns = PatternSet::of(ends);
        const auto match = co_await job.console(block()).wait(patterns, deadline);
        const auto& end = ends.at(match.index);
        if (end == panic)
            throw JobError{"the kernel of the installer ended with a panic; the log above it has the reason"};
        if (end == failed) throw JobError{"the installer says '" + end + "'; the log above it has the reason"};
        if (end == unanswered) {
            throw InfrastructureError{"the installer says '" + end +
                                      "': it did not reach what serves the file by TFTP, or its network did not come "
                                      "up; the log above has the address"};
        }
        if (end == asks) {
            job.log.warning(
                "the installer waits for a key; as in LAVA, that is taken for its end: let the preseed file "
                "answer, and switch the machine off");
        }
    }

private:
    static constexpr auto failed = "ERROR: Installation step failed";
    static constexpr auto unanswered = "ERROR: Failed to retrieve the preconfiguration file";
    static constexpr auto panic = "Kernel panic - not syncing";
    static constexpr auto asks = "Press enter to continue";
    static constexpr auto power_down = "reboot: Power down";
};

class RebootIntoInstalled final : public Action {
public:
    RebootIntoInstalled() : Action{"reboot-into-installed", "boot the installed system"} {}

    Task<> validate(JobContext&, std::vector<std::string>& errors) override {
        if (block_prompts(block()).empty()) {
            errors.push_back("boot method qemu-iso needs 'prompts' of the system that is installed");
        }
        co_return;
    }

protected:
    Task<> run(JobContext& job, Deadline deadline) override {
        const auto& state = job.state(ns());
        std::vector<std::string> arguments{"-drive format=raw,file=" + Deployed{state}.disk.string()};
        for (auto& drive : guest_drive_arguments(job, state)) arguments.push_back(std::move(drive));
        auto command = job.device.need<DirectBoot>().command(arguments);
        co_await start_machine(job, ns(), std::move(command));
        job.log.debug(name() + ": Wait for prompt ['" + loads + "'] (timeout " + format_hms(deadline.left() + 500ms) +
                      ")");
        const auto patterns = PatternSet::of({loads});
        const auto match = co_await job.console(block()).wait_some(patterns, deadline);
        if (match) co_return;
        throw JobError{std::string{"the boot loader on the installed disk did not say '"} + loads +
                       "'; has the installation put one there that uses the serial console?"};
    }

private:
    static constexpr auto loads = "Loading initial ramdisk";
};

class BootInstallerIso final : public RetryAction {
public:
    BootInstallerIso() : RetryAction{"boot-installer-iso", "install from an ISO image, then boot what was installed"} {
        add<ExecuteInstaller>();
        add<MonitorInstaller>();
        add<RebootIntoInstalled>();
        add(make_auto_login());
        add(make_expect_shell());
        add(make_export_device_env());
    }
};

}  // namespace

ActionPtr build_boot_qemu_iso(const ActionBlock&, const JobContext&) { return std::make_unique<BootInstallerIso>(); }

}  // namespace patchbay
