// SPDX-License-Identifier: Apache-2.0
// boot: {method: qemu}: a machine that takes its images as arguments (lava_dispatcher/actions/boot/qemu.py).
#include "jobs/actions/boot/boot.hpp"
#include "jobs/actions/boot/qemu_machine.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/retry.hpp"
#include "jobs/results/interactive.hpp"

namespace patchbay {
namespace {

class ExecuteQemu final : public Action {
public:
    ExecuteQemu() : Action{"execute-qemu", "run the command to start the machine"} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        program_ = co_await probe_machine(job, block(), errors);
    }

protected:
    Task<> run(JobContext& job, Deadline) override {
        auto command = job.device.need<DirectBoot>().command(arguments(job, job.state(ns())));
        co_await start_machine(job, ns(), std::move(command));
        report("qemu_version", program_.version);
        report("host_arch", program_.host_architecture);
        report("job_arch", architecture_of(job));
    }

private:
    /// The command line of a kernel whose root is on this host: the device's method says how it is written.
    static std::string nfs_append(const JobContext& job, const BootFiles& boot) {
        const auto* method = job.description.boot_methods.find("qemu-nfs");
        const auto* parameters = method ? method->find("parameters") : nullptr;
        const auto* append = parameters ? parameters->find("append") : nullptr;
        if (!append) throw ConfigurationError{"boot method qemu-nfs has no 'append' in the device's parameters"};
        if (boot.nfs_root.empty()) {
            throw JobError{"qemu-nfs: no deploy of this namespace gave the machine a root file system by NFS"};
        }
        const auto text = [append](std::string_view key) { return config::text_or_empty(append->find(key)); };
        const Substitutions root{{"NFS_SERVER_IP", boot.nfs_server}, {"NFSROOTFS", boot.nfs_root}};
        return "--append \"console=" + text("console") + " root=/dev/nfs " + substitute(text("nfsrootargs"), root) +
               " rw " + text("ipargs") + "\"";
    }

    std::vector<std::string> arguments(const JobContext& job, const NamespaceState& state) const {
        auto arguments = image_arguments(job, state);
        if (config::string_or_empty(block().parameters.find("method")) == "qemu-nfs") {
            arguments.push_back(nfs_append(job, state.boot));
            return arguments;
        }
        if (state.uefi) arguments.push_back("-L " + state.uefi->parent_path().string() + " -monitor none");
        for (auto& drive : guest_drive_arguments(job, state)) arguments.push_back(std::move(drive));
        return arguments;
    }

    BootProgram program_;
};

class BootQemuImage final : public RetryAction {
public:
    BootQemuImage() : RetryAction{"boot-qemu-image", "boot a machine with its images"} { add<ExecuteQemu>(); }
};

class BootImageRetry final : public RetryAction {
public:
    BootImageRetry() : RetryAction{"boot-image-retry", "boot a machine, again if it fails"} { add<BootQemuImage>(); }
};

}  // namespace

ActionPtr build_boot_qemu(const ActionBlock& block, const JobContext& job) {
    auto boot = std::make_unique<BootImageRetry>();
    add_boot_tail(*boot, block, job);
    return boot;
}

}  // namespace patchbay
