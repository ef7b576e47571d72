// SPDX-License-Identifier: Apache-2.0
// boot: {method: qemu}: a machine that takes its images as arguments (lava_dispatcher/actions/boot/qemu.py).
#include <algorithm>

#include "devices/capability/direct_boot.hpp"
#include "jobs/actions/boot/boot.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/retry.hpp"
#include "jobs/results/interactive.hpp"

namespace patchbay {
namespace {

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const auto& word : words) {
        if (!text.empty()) text += ' ';
        const bool plain = !word.empty() && word.find_first_of(" \t\"'\\") == std::string::npos;
        text += plain ? word : "\"" + word + "\"";
    }
    return text;
}

class ExecuteQemu final : public Action {
public:
    ExecuteQemu() : Action{"execute-qemu", "run the command to start the machine"} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        check_architecture(job, errors);
        if (block().parameters.contains("docker")) {
            job.log.warning("boot.docker is ignored: the machine runs with the QEMU of this host");
        }
        program_ = co_await job.device.need<DirectBoot>().probe();
        job.log.info(program_.package + ", installed at version: " + program_.version +
                     ", host architecture: " + program_.host_architecture);
    }

protected:
    Task<> run(JobContext& job, Deadline) override {
        auto& state = job.state(ns());
        auto& machine = job.device.need<DirectBoot>();
        co_await drop_consoles(job);
        auto command = machine.command(image_arguments(job, state, machine));
        job.log.info("Boot command: " + joined(command));
        job.log.flush();
        co_await machine.boot(std::move(command));
        job.attach_console(ns());
        job.powered();
        job.log.debug("started a shell command");
        report("qemu_version", program_.version);
        report("host_arch", program_.host_architecture);
        report("job_arch", architecture(job));
    }

private:
    /// The device is one machine: when it starts for a namespace, no other has it any more.
    Task<> drop_consoles(JobContext& job) const {
        for (auto& [name, state] : job.namespaces) {
            if (state.console && name != ns()) {
                job.log.warning("the machine of namespace '" + name +
                                "' is switched off: this device is one machine, " + "now booted by namespace '" + ns() +
                                "'");
            }
            if (!state.console) continue;
            co_await state.console->close();  // what it said last may have no end of line
            state.console.reset();
        }
    }

    static std::string architecture(const JobContext& job) {
        const auto* arch = job.definition.context.find("arch");
        const auto* text = arch ? arch->as_string() : nullptr;
        return text ? *text : std::string{};
    }

    static void check_architecture(const JobContext& job, std::vector<std::string>& errors) {
        const auto& available = job.description.available_architectures;
        const auto wanted = architecture(job);
        if (wanted.empty()) {
            errors.push_back("Job context must have 'arch', one of the device's architectures");
        } else if (std::find(available.begin(), available.end(), wanted) == available.end()) {
            errors.push_back("Device " + job.device.name() + " cannot run architecture '" + wanted + "'");
        }
    }

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

    std::vector<std::string> image_arguments(const JobContext& job, const NamespaceState& state,
                                             const DirectBoot& machine) const {
        std::vector<std::string> arguments;
        for (const auto& image : state.images) {
            if (image.image_arg.empty()) {
                job.log.warning("Missing image arg for " + image.key);
                continue;
            }
            if (job.settings.dispatcher_ip.empty() && image.image_arg.find("{NFS_SERVER_IP}") != std::string::npos) {
                throw ConfigurationError{"image_arg of " + image.key +
                                         " asks for {NFS_SERVER_IP}, but 'dispatcher_ip' is not set: give the address "
                                         "by which targets reach this machine"};
            }
            const Substitutions values{{"NFS_SERVER_IP", job.settings.dispatcher_ip}, {image.key, image.path.string()}};
            arguments.push_back(substitute(image.image_arg, values));
        }
        if (config::string_or_empty(block().parameters.find("method")) == "qemu-nfs") {
            arguments.push_back(nfs_append(job, state.boot));
            return arguments;
        }
        if (state.uefi) arguments.push_back("-L " + state.uefi->parent_path().string() + " -monitor none");
        if (state.guest_disk && !state.overlay_applied) {
            const auto drive = machine.guest_drive();
            job.log.info("Extending command line for qcow2 test overlay");
            arguments.push_back("-drive format=raw,file=" + state.guest_disk->path.string() +
                                ",media=disk,if=" + drive.interface + ",id=" + drive.id);
        }
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
