// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/bootloader/boot_media.hpp"

namespace patchbay {
namespace {

std::string text_of(const ActionBlock& block, std::string_view key) {
    return config::text_or_empty(block.parameters.find(key));
}

const config::Value* media_of(const JobContext& job, const ActionBlock& block) {
    const auto* commands = block.parameters.find("commands");
    const auto* name = commands ? commands->as_string() : nullptr;
    const auto* media = job.description.parameters.find("media");
    return name && media ? media->find(*name) : nullptr;
}

bool is_uboot(const ActionBlock& block) { return text_of(block, "method") == "u-boot"; }

}  // namespace

bool boots_from_media(const JobContext& job, const ActionBlock& block) { return media_of(job, block) != nullptr; }

std::vector<std::string> media_problems(const ActionBlock& block) {
    std::vector<std::string> problems;
    const auto need = [&](std::string_view key, std::string problem) {
        if (!block.parameters.contains(key)) problems.push_back(std::move(problem));
    };
    need("kernel", "Missing kernel location");
    need("root_uuid", "Missing UUID of the root file system inside the deployed image");
    need("boot_part", "Missing boot_part for the partition number of the boot files inside the deployed image");
    if (is_uboot(block)) need("kernel_type", "Missing kernel_type for secondary media boot");
    return problems;
}

BootMedia boot_media(const JobContext& job, const ActionBlock& block) {
    BootMedia media;
    media.kernel = text_of(block, "kernel");
    media.ramdisk = text_of(block, "ramdisk");
    media.dtb = text_of(block, "dtb");
    media.root = text_of(block, "root_uuid");
    media.root_part = text_of(block, "boot_part");
    if (!is_uboot(block)) return media;
    media.boot_command = boot_command_of(text_of(block, "kernel_type"), job.description.parameters);
    const auto state = job.namespaces.find(block.name_space);
    const auto device = state == job.namespaces.end() ? std::string{} : state->second.boot.media_device;
    const auto* entry = media_of(job, block)->find(device);
    if (!entry) {
        throw JobError{"'" + device + "' does not match requested media type " + text_of(block, "commands") +
                       "; deploy to a medium of that type in namespace '" + block.name_space + "' first"};
    }
    media.root_part = config::text_or_empty(entry->find("device_id")) + ":" + media.root_part;
    return media;
}

std::string boot_command_of(std::string_view kernel_type, const config::Map& device_parameters) {
    const auto known = [&](std::string_view command, std::string_view twin) {
        return device_parameters.contains(command) || device_parameters.contains(twin);
    };
    if (kernel_type == "uimage") return "bootm";
    if (kernel_type == "zimage") return known("bootz", "zimage") ? "bootz" : "bootm";
    if (kernel_type == "image") return known("booti", "image") ? "booti" : "bootm";
    return {};
}

}  // namespace patchbay
