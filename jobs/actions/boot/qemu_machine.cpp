// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/boot/qemu_machine.hpp"

#include <algorithm>

#include "jobs/actions/host_address.hpp"
#include "jobs/actions/job_context.hpp"
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

void check_architecture(const JobContext& job, std::vector<std::string>& errors) {
    const auto& available = job.description.available_architectures;
    const auto wanted = architecture_of(job);
    if (wanted.empty()) {
        errors.push_back("Job context must have 'arch', one of the device's architectures");
    } else if (std::find(available.begin(), available.end(), wanted) == available.end()) {
        errors.push_back("Device " + job.device.name() + " cannot run architecture '" + wanted + "'");
    }
}

/// The device is one machine: when it starts for a namespace, no other has it any more.
Task<> drop_consoles(JobContext& job, std::string ns) {
    for (auto& [name, state] : job.namespaces) {
        if (state.console && name != ns) {
            job.log.warning("the machine of namespace '" + name +
                            "' is switched off: this device is one machine, now booted by namespace '" + ns + "'");
        }
        if (!state.console) continue;
        co_await state.console->close();  // what it said last may have no end of line
        state.console.reset();
    }
}

}  // namespace

std::string architecture_of(const JobContext& job) {
    const auto* arch = job.definition.context.find("arch");
    const auto* text = arch ? arch->as_string() : nullptr;
    return text ? *text : std::string{};
}

Task<BootProgram> probe_machine(JobContext& job, const ActionBlock& block, std::vector<std::string>& errors) {
    check_architecture(job, errors);
    if (block.parameters.contains("docker")) {
        job.log.warning("boot.docker is ignored: the machine runs with the QEMU of this host");
    }
    auto program = co_await job.device.need<DirectBoot>().probe();
    job.log.info(program.package + ", installed at version: " + program.version +
                 ", host architecture: " + program.host_architecture);
    co_return program;
}

std::vector<std::string> image_arguments(const JobContext& job, const NamespaceState& state) {
    std::vector<std::string> arguments;
    for (const auto& image : state.images) {
        if (image.image_arg.empty()) {
            job.log.warning("Missing image arg for " + image.key);
            continue;
        }
        const bool mounts = image.image_arg.find("{NFS_SERVER_IP}") != std::string::npos;
        const auto server = mounts ? host_address(job, HostService::nfs) : std::string{};
        const Substitutions values{{"NFS_SERVER_IP", server}, {image.key, image.path.string()}};
        arguments.push_back(substitute(image.image_arg, values));
    }
    return arguments;
}

std::vector<std::string> guest_drive_arguments(const JobContext& job, const NamespaceState& state) {
    if (!state.guest_disk || state.overlay_applied) return {};
    const auto drive = job.device.need<DirectBoot>().guest_drive();
    job.log.info("Extending command line for qcow2 test overlay");
    return {"-drive format=raw,file=" + state.guest_disk->path.string() + ",media=disk,if=" + drive.interface +
            ",id=" + drive.id};
}

Task<> start_machine(JobContext& job, std::string ns, std::vector<std::string> command) {
    co_await drop_consoles(job, ns);
    job.log.info("Boot command: " + joined(command));
    job.log.flush();
    co_await job.device.need<DirectBoot>().boot(std::move(command));
    job.attach_console(ns);
    job.powered();
    job.log.debug("started a shell command");
}

}  // namespace patchbay
