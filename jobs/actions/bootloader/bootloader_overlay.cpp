// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/bootloader/bootloader_overlay.hpp"

#include <algorithm>
#include <fstream>

#include "core/net/own_address.hpp"
#include "jobs/actions/bootloader/boot_media.hpp"
#include "jobs/actions/bootloader/command_set.hpp"
#include "jobs/actions/bootloader/loader.hpp"
#include "jobs/actions/deploy/board_deploy.hpp"
#include "jobs/actions/host_address.hpp"

namespace patchbay {
namespace {

/// The block's `use_bootscript`, else that of the device's method.
bool uses_script(const ActionBlock& block, const LoaderSettings& loader) {
    const auto* own = block.parameters.find("use_bootscript");
    const auto* flag = own ? own->as_bool() : nullptr;
    return flag ? *flag : loader.flag("use_bootscript", false);
}

void check_kernel_type(const std::vector<std::string>& commands, const JobBootValues& boot) {
    if (boot.addresses) return;
    const auto missing = missing_kernel_type(commands);
    if (missing.empty()) return;
    throw JobError{"the boot commands hold " + python_list(missing) +
                   ", but the kernel's type is not known: give the deploy's kernel a 'type' (image, uimage, zimage)"};
}

std::vector<std::string> typed(JobContext& job, const std::vector<std::string>& commands, const JobBootValues& boot) {
    auto done = substitute_commands(commands, boot.values, Missing::drops_command);
    job.log.debug("substitutions:");
    for (const auto& [name, value] : boot.values) {
        job.log.debug("- {" + name + "}: " + (value.empty() ? "None" : value));
    }
    job.log.info("Parsed boot commands:");
    for (const auto& command : done) job.log.info("- " + command);
    return done;
}

/// iPXE loses what is typed fast: the commands go into a file that it fetches.
std::vector<std::string> script(JobContext& job, const std::vector<std::string>& commands, const JobBootValues& boot) {
    const auto kernel = value_of(boot, "KERNEL");
    if (kernel.empty()) {
        throw JobError{"use_bootscript: no deploy put a kernel below the TFTP root; deploy with 'to: tftp' first"};
    }
    const auto folder = std::filesystem::path{kernel}.parent_path();
    const auto path = job.tftp_directory().parent_path() / folder / "script.ipxe";
    std::ofstream file{path, std::ios::trunc};
    file << "#!ipxe\n";
    for (const auto& command : substitute_commands(commands, boot.values, Missing::keeps_placeholder)) {
        file << "\n" << command;
    }
    file << "\n";
    if (!file.flush()) throw InfrastructureError{"cannot write " + path.string()};
    publish(job, path);
    std::vector<std::string> done{"dhcp net0", "chain tftp://" + host_address(job, HostService::tftp) + "/" +
                                                   (folder / "script.ipxe").generic_string()};
    job.log.info("Parsed boot commands: " + done[0] + "; " + done[1]);
    return done;
}

class FromMedia final : public Action {
public:
    explicit FromMedia(std::string name) : Action{std::move(name), "set bootloader strings for deployed media"} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        if (!boots_from_media(job, block())) co_return;
        for (auto& problem : media_problems(block())) errors.push_back(std::move(problem));
    }

protected:
    Task<> run(JobContext&, Deadline) override { co_return; }
};

}  // namespace

std::string value_of(const JobBootValues& boot, std::string_view name) {
    const auto found = std::ranges::find(boot.values, name, &BootValues::value_type::first);
    return found == boot.values.end() ? std::string{} : found->second;
}

Task<> BootloaderOverlay::validate(JobContext& job, std::vector<std::string>& errors) {
    const LoaderSettings loader{job, block()};
    if (!loader.map()) {
        errors.push_back("Boot method '" + loader.method() + "' has no settings in the device's boot methods");
        co_return;
    }
    check_commands(block(), loader, errors);
    const auto* commands = block().parameters.find("commands");
    if (commands && commands->as_list() && config::string_or_empty(block().parameters.find("method")) != "bootloader") {
        job.log.warning("the boot commands are those of the job, not those of the device's configuration");
    }
    const auto mac = loader.text("lava_mac");
    if (!mac.empty() && !is_mac_address(mac)) errors.push_back("lava_mac is not a valid mac address");
}

Task<> BootloaderOverlay::run(JobContext& job, Deadline) {
    const LoaderSettings loader{job, block()};
    const auto boot = boot_values(job, block(), loader.text("lava_mac"));
    auto commands = refine(job, boot, command_set(block(), loader));
    commands = expand_overlays(commands, texts_of(loader.parameter("apply_dtbo_commands")), boot.overlays);
    // Templates put the context's word into the commands; a device file that is not rendered has this place for it.
    const auto arguments = config::text_or_empty(job.definition.context.find("extra_kernel_args"));
    commands = with_boot_arguments(std::move(commands), arguments);
    check_kernel_type(commands, boot);
    job.state(ns()).loader.commands =
        uses_script(block(), loader) ? script(job, commands, boot) : typed(job, commands, boot);
    report_addresses(boot);
    co_return;
}

void BootloaderOverlay::report_addresses(const JobBootValues& boot) {
    if (!boot.addresses) return;
    report("kernel_addr", boot.addresses->kernel);
    report("dtb_addr", boot.addresses->dtb);
    report("ramdisk_addr", boot.addresses->ramdisk);
    report("tee_addr", boot.addresses->tee.empty() ? config::Value{} : config::Value{boot.addresses->tee});
}

ActionPtr make_bootloader_overlay() { return std::make_unique<BootloaderOverlay>(); }
ActionPtr make_from_media(std::string name) { return std::make_unique<FromMedia>(std::move(name)); }

}  // namespace patchbay
