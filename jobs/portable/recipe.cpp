// SPDX-License-Identifier: Apache-2.0
#include "jobs/portable/recipe.hpp"

#include <algorithm>
#include <array>

namespace patchbay {
namespace {

struct RootName {
    Root root;
    std::string_view name;
};
constexpr std::array root_names{RootName{Root::ramdisk, "ramdisk"}, RootName{Root::nfs, "nfs"},
                                RootName{Root::disk, "disk"}, RootName{Root::own, "own"}};

std::string_view same_word(std::string_view architecture) {
    if (architecture == "amd64" || architecture == "x86-64") return "x86_64";
    if (architecture == "aarch64") return "arm64";
    if (architecture == "armhf" || architecture == "armv7") return "arm";
    if (architecture == "x86" || architecture == "i686") return "i386";
    return architecture;
}

Recipe machine(std::string architecture, std::string console, config::Map context, std::string drive) {
    Recipe recipe;
    recipe.name = "qemu-" + architecture;
    recipe.device_type = "qemu";
    recipe.method = "qemu";
    recipe.roots = {Root::ramdisk, Root::disk};
    recipe.console = std::move(console);
    recipe.drive = std::move(drive);
    context.set("arch", architecture);
    recipe.context = std::move(context);
    recipe.architecture = std::move(architecture);
    return recipe;
}

/// A machine's root is an argument of QEMU; a board gets its own over the network, or has it.
void check_roots(const Recipe& recipe, config::MapReader& map) {
    const bool machine = recipe.method == "qemu";
    if (recipe.roots.empty()) map.problem("root", "is missing: ramdisk, nfs, own; of qemu ramdisk, disk");
    for (const auto root : recipe.roots) {
        const bool fits = root == Root::ramdisk || (root == Root::disk) == machine;
        if (!fits)
            map.problem("root", "'" + std::string{to_string(root)} + "' is not for the method '" + recipe.method + "'");
        if (fits && root == Root::own && !recipe.boot.contains("commands")) {
            map.problem("root",
                        "'own' needs the set of boot commands that boots the board's own root: boot: {commands: NAME}");
        }
    }
}

std::string list(const std::vector<Root>& roots) {
    std::string text;
    for (const auto root : roots) text += (text.empty() ? "" : " or ") + std::string{to_string(root)};
    return text;
}

}  // namespace

std::string_view to_string(Root root) {
    for (const auto& entry : root_names) {
        if (entry.root == root) return entry.name;
    }
    return "";
}

Recipe read_recipe(config::MapReader map, Recipe base) {
    base.architecture = map.value_or("architecture", base.architecture);
    base.method = map.value_or("method", base.method);
    base.kernel_type = map.value_or("kernel_type", base.kernel_type);
    base.console = map.value_or("console", base.console);
    base.drive = map.value_or("drive", base.drive);
    base.memory = map.value_or("memory", base.memory);
    base.capabilities = map.value_or("capabilities", base.capabilities);
    if (const auto roots = map.maybe<std::vector<std::string>>("root")) {
        base.roots.clear();
        for (const auto& name : *roots) {
            const auto* found = std::ranges::find(root_names, std::string_view{name}, &RootName::name);
            if (found == root_names.end()) {
                map.problem("root", "'" + name + "' is none of ramdisk, nfs, disk, own");
            } else {
                base.roots.push_back(found->root);
            }
        }
    }
    const auto merge = [&map](std::string_view key, config::Map& into) {
        const auto* value = map.raw(key);
        if (!value || value->is_null()) return;
        if (!value->as_map()) return map.problem(key, "must be a map");
        for (const auto& [name, each] : *value->as_map()) into.set(name, each);
    };
    merge("context", base.context);
    merge("deploy", base.deploy);
    merge("boot", base.boot);
    check_roots(base, map);
    if (base.architecture.empty()) map.problem("architecture", "is missing: arm64, x86_64, ...");
    if (base.method.empty()) map.problem("method", "is missing: u-boot, grub, qemu, ...");
    map.finish();
    return base;
}

const std::vector<Recipe>& built_in_recipes() {
    static const std::vector<Recipe> recipes = [] {
        const std::string virtio = "-drive format=raw,file={disk},if=none,id=root -device virtio-blk-device,drive=root";
        const std::string disk = "-drive format=raw,file={disk},if=virtio";
        std::vector<Recipe> all;
        all.push_back(machine("x86_64", "ttyS0", {}, disk));
        all.push_back(machine("i386", "ttyS0", {}, disk));
        all.push_back(machine("arm64", "ttyAMA0", {{"machine", "virt"}, {"cpu", "cortex-a57"}}, virtio));
        all.push_back(machine("arm", "ttyAMA0", {{"machine", "virt"}, {"cpu", "cortex-a15"}}, virtio));
        all.push_back(machine("riscv64", "ttyS0", {{"machine", "virt"}, {"cpu", "rv64"}}, virtio));
        return all;
    }();
    return recipes;
}

const Recipe* built_in_recipe(std::string_view name) {
    constexpr std::string_view prefix = "qemu-";
    if (!name.starts_with(prefix)) return nullptr;
    const auto wanted = same_word(name.substr(prefix.size()));
    for (const auto& recipe : built_in_recipes()) {
        if (recipe.architecture == wanted) return &recipe;
    }
    return nullptr;
}

const Artifacts* artifacts_for(const PortableJob& job, const Recipe& recipe) {
    for (const auto& [architecture, artifacts] : job.artifacts) {
        if (same_word(architecture) == same_word(recipe.architecture)) return &artifacts;
    }
    return nullptr;
}

bool has_root(const Artifacts& artifacts, Root root) {
    switch (root) {
        case Root::ramdisk:
            return artifacts.ramdisk.has_value();
        case Root::nfs:
            return artifacts.rootfs.has_value();
        case Root::disk:
            return artifacts.disk.has_value();
        case Root::own:
            return true;
    }
    return false;
}

std::string_view capability_kind(std::string_view wanted) { return wanted == "audio-loopback" ? "audio" : wanted; }

std::vector<std::string> wanted_tags(const PortableJob& job, const Recipe& recipe) {
    auto tags = job.needs.tags;
    for (const auto& wanted : job.needs.capabilities) {
        const auto found = recipe.capability_tags.find(capability_kind(wanted));
        if (found == recipe.capability_tags.end()) continue;
        if (std::ranges::find(tags, found->second) == tags.end()) tags.push_back(found->second);
    }
    return tags;
}

std::optional<std::string> cannot_run(const PortableJob& job, const Recipe& recipe) {
    const auto* artifacts = artifacts_for(job, recipe);
    if (!artifacts) {
        return "'" + recipe.name + "' is " + recipe.architecture + ", and the job has no artifacts for that";
    }
    if (std::ranges::none_of(recipe.roots, [&](Root root) { return has_root(*artifacts, root); })) {
        return "'" + recipe.name + "' can boot from " + list(recipe.roots) + ", and the job's artifacts for " +
               recipe.architecture + " have neither; 'rootfs' is for nfs";
    }
    if (!job.boot_arguments.empty() && !recipe.takes_arguments) {
        return "'" + recipe.name +
               "' has no place for boot_arguments: its devices need a dictionary whose template uses " +
               "extra_kernel_args, or {BOOT_ARGUMENTS} in their boot commands";
    }
    // A virtual machine gets what the job asks for.
    if (job.needs.memory > 0 && recipe.memory == 0 && recipe.method != "qemu") {
        return "the job needs " + std::to_string(job.needs.memory) + " MiB of memory, and nothing says how much '" +
               recipe.name + "' has; the lab's file can: device_types, recipe, memory";
    }
    if (recipe.memory > 0 && job.needs.memory > recipe.memory) {
        return "'" + recipe.name + "' has " + std::to_string(recipe.memory) + " MiB of memory, and the job needs " +
               std::to_string(job.needs.memory);
    }
    for (const auto& wanted : job.needs.capabilities) {
        const auto kind = capability_kind(wanted);
        if (recipe.capability_tags.contains(kind)) continue;
        if (std::ranges::find(recipe.capabilities, kind) == recipe.capabilities.end()) {
            return "'" + recipe.name + "' has no '" + wanted + "', which the job needs";
        }
    }
    return std::nullopt;
}

}  // namespace patchbay
