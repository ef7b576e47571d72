// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/bootloader/boot_values.hpp"

#include <array>

#include "devices/capability/network.hpp"
#include "jobs/actions/bootloader/boot_media.hpp"
#include "jobs/actions/bootloader/loader_settings.hpp"
#include "jobs/actions/host_address.hpp"

namespace patchbay {
namespace {

const BootFiles& files_of(const JobContext& job, const ActionBlock& block) {
    static const BootFiles none;
    const auto state = job.namespaces.find(block.name_space);
    return state == job.namespaces.end() ? none : state->second.boot;
}

/// What the loader asks the TFTP server for; empty: there is no such file.
std::string tftp_name(const JobContext& job, const BootFiles& boot, std::string_view key) {
    const auto file = boot.files.find(key);
    return file == boot.files.end() ? std::string{} : job.tftp_name(file->second);
}

/// The job's files by what placeholders call them; of a written medium the names there.
struct Names {
    std::string kernel, ramdisk, dtb, tee;
    bool initrd = false;
};

Names names_of(const JobContext& job, const BootFiles& boot, const std::optional<BootMedia>& media) {
    Names names;
    if (media) {
        names.kernel = media->kernel;
        names.ramdisk = media->ramdisk;
        names.dtb = media->dtb;
        return names;
    }
    names.kernel = tftp_name(job, boot, "kernel");
    names.dtb = tftp_name(job, boot, "dtb");
    names.tee = tftp_name(job, boot, "tee");
    names.initrd = boot.files.contains("initrd");
    names.ramdisk = tftp_name(job, boot, names.initrd ? "initrd" : "ramdisk");
    return names;
}

const config::Map& parameters_of(const JobContext& job, const std::string& boot_command) {
    const auto* found = job.description.parameters.find(boot_command);
    if (!found || !found->as_map()) {
        throw ConfigurationError{"the device's parameters have no '" + boot_command +
                                 "' with the addresses for kernel, ramdisk and dtb"};
    }
    return *found->as_map();
}

BootxParts bootx_parts(const JobContext& job, const std::string& method, const std::string& command,
                       const LoadAddresses& addresses, const Names& names) {
    const auto header = config::text_or_empty(job.description.deploy_parameters.find("add_header"));
    BootxParts parts;
    parts.command = command;
    parts.kernel = addresses.kernel;
    parts.ramdisk = addresses.ramdisk;
    parts.dtb = addresses.dtb;
    parts.tee = addresses.tee;
    parts.has_tee = !names.tee.empty();
    parts.has_ramdisk = !names.ramdisk.empty() && (method != "u-boot" || header == "u-boot" || header == "raw");
    parts.sized = names.initrd || header == "raw";
    return parts;
}

void add_overlays(JobBootValues& boot, const JobContext& job, const BootFiles& files, const config::Map& addresses) {
    for (;; ++boot.overlays) {
        const auto key = "dtbo" + std::to_string(boot.overlays);
        auto name = tftp_name(job, files, key);
        if (name.empty()) break;
        boot.values.emplace_back("DTBO" + std::to_string(boot.overlays), std::move(name));
    }
    const bool any = boot.overlays > 0;
    const auto resize = config::text_or_empty(job.description.parameters.find("dtb_base_resize"));
    boot.values.emplace_back("DTB_BASE_ADDR", any ? config::text_or_empty(addresses.find("dtb")) : "");
    boot.values.emplace_back("DTB_BASE_RESIZE", any ? resize : "");
    boot.values.emplace_back("DTBO_ADDR", any ? config::text_or_empty(addresses.find("dtbo")) : "");
}

/// A loader that has files to fetch cannot do without.
std::string server_of(const JobContext& job, const BootFiles& boot) {
    const bool fetches = !boot.files.empty();
    return fetches ? host_address(job, HostService::tftp) : host_address_if_known(job, HostService::tftp);
}

std::string mac_of(const JobContext& job) {
    const auto* network = job.device.find<Network>();
    return network ? network->mac().value_or("") : "";
}

}  // namespace

std::vector<std::string> missing_kernel_type(const std::vector<std::string>& commands) {
    constexpr std::array by_type{"{BOOTX}", "{KERNEL_ADDR}", "{RAMDISK_ADDR}", "{DTB_ADDR}", "{TEE_ADDR}"};
    std::vector<std::string> missing;
    for (const auto* placeholder : by_type) {
        for (const auto& command : commands) {
            if (command.find(placeholder) == std::string::npos) continue;
            missing.emplace_back(placeholder);
            break;
        }
    }
    return missing;
}

JobBootValues boot_values(const JobContext& job, const ActionBlock& block, const std::string& lava_mac) {
    const auto& files = files_of(job, block);
    std::optional<BootMedia> media;
    if (boots_from_media(job, block)) media = boot_media(job, block);
    const auto names = names_of(job, files, media);
    const auto preseed = files.files.find("preseed");

    JobBootValues boot;
    auto& values = boot.values;
    values = {{"SERVER_IP", server_of(job, files)},
              {"LAVA_DISPATCHER_IP", host_address_if_known(job, HostService::http)},
              {"PRESEED_CONFIG", tftp_name(job, files, "preseed")},
              {"PRESEED_LOCAL", preseed == files.files.end() ? "" : preseed->second.filename().string()},
              {"DTB", names.dtb},
              {"RAMDISK", names.ramdisk},
              {"INITRD", names.ramdisk},
              {"KERNEL", names.kernel},
              {"TEE", names.tee},
              {"LAVA_MAC", lava_mac.empty() ? mac_of(job) : lava_mac},
              {"LAVA_JOB_ID", job.id},
              {"EXTRA_FILES_DIR", tftp_name(job, files, "extra_files")}};

    auto command = media && !media->boot_command.empty() ? media->boot_command : files.boot_command;
    if (command.empty()) {
        command = boot_command_of(config::text_or_empty(block.parameters.find("type")), job.description.parameters);
    }
    if (!command.empty()) {
        const auto& map = parameters_of(job, command);
        LoadAddresses addresses{config::text_or_empty(map.find("kernel")), config::text_or_empty(map.find("ramdisk")),
                                config::text_or_empty(map.find("dtb")), config::text_or_empty(map.find("tee"))};
        add_overlays(boot, job, files, map);
        const auto parts = bootx_parts(job, loader_of(block), command, addresses, names);
        if (!parts.has_ramdisk) addresses.ramdisk = "-";
        values.emplace_back("BOOTX", bootx(parts));
        values.emplace_back("KERNEL_ADDR", addresses.kernel);
        values.emplace_back("DTB_ADDR", addresses.dtb);
        values.emplace_back("RAMDISK_ADDR", addresses.ramdisk);
        values.emplace_back("TEE_ADDR", addresses.tee);
        boot.addresses = std::move(addresses);
    }
    values.emplace_back("NFSROOTFS", files.nfs_root);
    values.emplace_back("NFS_SERVER_IP", files.nfs_server);
    values.emplace_back("NBDSERVERIP", files.nbd_server);
    values.emplace_back("NBDSERVERPORT", files.nbd_port == 0 ? "" : std::to_string(files.nbd_port));
    values.emplace_back("ROOT", media ? media->root : "");
    values.emplace_back("ROOT_PART", media ? media->root_part : "");
    return boot;
}

}  // namespace patchbay
