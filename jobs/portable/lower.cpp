// SPDX-License-Identifier: Apache-2.0
#include "jobs/portable/lower.hpp"

#include <algorithm>
#include <chrono>

#include "core/config/duration.hpp"

namespace patchbay {
namespace {

using Seconds = std::chrono::seconds;

config::Map duration(Seconds time) {
    const auto count = time.count();
    return count % 60 == 0 ? config::Map{{"minutes", count / 60}} : config::Map{{"seconds", count}};
}

config::List texts(const std::vector<std::string>& words) { return {words.begin(), words.end()}; }

Root root_of(const Artifacts& artifacts, const Recipe& recipe) {
    for (const auto root : recipe.roots) {
        if (has_root(artifacts, root)) return root;
    }
    throw LavaBug{"a recipe without a root was not refused"};
}

const Artifact* dtb_of(const Artifacts& artifacts, const Recipe& recipe) {
    for (const auto& name : {recipe.name, recipe.device_type, std::string{}}) {
        if (const auto found = artifacts.dtbs.find(name); found != artifacts.dtbs.end()) return &found->second;
    }
    return nullptr;
}

void merge(config::Map& into, const config::Map& keys) {
    for (const auto& [key, value] : keys) into.set(key, value);
}

/// The test overlay, and what else goes into the root file system of a machine.
config::Map overlays_of(const Artifacts& artifacts) {
    config::Map overlays{{"lava", true}};
    if (artifacts.modules) {
        auto modules = artifacts.modules->keys;
        modules.set("format", "tar");
        modules.set("path", "/");
        overlays.set("modules", std::move(modules));
    }
    return overlays;
}

std::string machine_arguments(const PortableJob& job, const Recipe& recipe, Root root) {
    std::string arguments = "console=" + recipe.console;
    if (root == Root::disk) arguments += " root=/dev/vda rw";
    return job.boot_arguments.empty() ? arguments : arguments + " " + job.boot_arguments;
}

config::Map deploy_machine(const PortableJob& job, const Artifacts& artifacts, const Recipe& recipe, Root root) {
    config::Map images;
    if (artifacts.kernel) {
        auto kernel = artifacts.kernel->keys;
        const auto arguments = machine_arguments(job, recipe, root);
        const std::string quote = arguments.find('"') == std::string::npos ? "\"" : "'";
        kernel.set("image_arg", "-kernel {kernel} -append " + quote + arguments + quote);
        images.set("kernel", std::move(kernel));
    }
    if (const auto* dtb = dtb_of(artifacts, recipe)) {
        auto keys = dtb->keys;
        keys.set("image_arg", "-dtb {dtb}");
        images.set("dtb", std::move(keys));
    }
    if (root == Root::disk && artifacts.initrd) {
        auto keys = artifacts.initrd->keys;
        keys.set("image_arg", "-initrd {initrd}");
        images.set("initrd", std::move(keys));
    }
    auto file = root == Root::ramdisk ? artifacts.ramdisk->keys : artifacts.disk->keys;
    file.set("image_arg", root == Root::ramdisk ? std::string{"-initrd {ramdisk}"} : recipe.drive);
    file.set("format", root == Root::ramdisk ? "cpio.newc" : "ext4");
    file.set("overlays", overlays_of(artifacts));
    images.set(root == Root::ramdisk ? "ramdisk" : "disk", std::move(file));
    return {{"to", "tmpfs"}, {"os", job.os}, {"timeout", duration(job.deploy_time)}, {"images", std::move(images)}};
}

config::Map deploy_board(const PortableJob& job, const Artifacts& artifacts, const Recipe& recipe, Root root) {
    config::Map deploy{{"to", "tftp"}, {"os", job.os}, {"timeout", duration(job.deploy_time)}};
    if (artifacts.kernel) {
        auto kernel = artifacts.kernel->keys;
        if (!recipe.kernel_type.empty()) kernel.set("type", recipe.kernel_type);
        deploy.set("kernel", std::move(kernel));
    }
    if (artifacts.modules) deploy.set("modules", artifacts.modules->keys);
    if (const auto* dtb = dtb_of(artifacts, recipe)) deploy.set("dtb", dtb->keys);
    // A kernel that mounts its root over the network may need a RAM disk with the drivers for it; one that is a root
    // file system itself would take its place.
    const auto& ramdisk = root == Root::ramdisk ? artifacts.ramdisk : artifacts.initrd;
    if (ramdisk) deploy.set("ramdisk", ramdisk->keys);
    if (root == Root::nfs) deploy.set("nfsrootfs", artifacts.rootfs->keys);
    return deploy;
}

config::Map boot_action(const PortableJob& job, const Recipe& recipe, Root root) {
    config::Map boot{{"method", recipe.method}};
    if (recipe.method == "qemu") {
        boot.set("media", "tmpfs");
    } else {
        // "own" has no set of commands that all templates have: the recipe's `boot` names one.
        boot.set("commands", std::string{to_string(root)});
    }
    boot.set("timeout", duration(job.boot_time));
    boot.set("prompts", texts(job.prompts));
    if (!job.login.is_null()) boot.set("auto_login", job.login);
    merge(boot, recipe.boot);
    return boot;
}

/// What an action may take: a recipe may have said otherwise.
Seconds time_of(const config::Map& action) {
    const auto* timeout = action.find("timeout");
    return timeout && timeout->as_map() ? config::sum_of_units(*timeout->as_map()) : Seconds{0};
}

/// Tests that name no time of their own share one action and its time.
config::List test_actions(const PortableJob& job, Seconds& total) {
    config::List actions, together;
    const auto add = [&actions, &total](config::List definitions, Seconds time) {
        total += time;
        config::Map test{{"timeout", duration(time)}, {"definitions", std::move(definitions)}};
        actions.push_back(config::Map{{"test", std::move(test)}});
    };
    const auto flush = [&] {
        if (!together.empty()) add(std::exchange(together, {}), job.test_time);
    };
    for (const auto& test : job.tests) {
        if (!test.timeout) {
            together.push_back(test.definition);
            continue;
        }
        flush();
        add({test.definition}, *test.timeout);
    }
    flush();
    return actions;
}

config::Map context_of(const PortableJob& job, const Recipe& recipe) {
    auto context = recipe.context;
    if (recipe.method == "qemu") {
        if (job.needs.memory > 0) context.set("memory", static_cast<std::int64_t>(job.needs.memory));
    } else if (!job.boot_arguments.empty()) {
        context.set("extra_kernel_args", job.boot_arguments);
    }
    return context;
}

}  // namespace

config::Map lower(const PortableJob& job, const Recipe& recipe) {
    if (const auto problem = cannot_run(job, recipe)) throw JobError{*problem};
    const auto& artifacts = *artifacts_for(job, recipe);
    const auto root = root_of(artifacts, recipe);
    auto deploy = recipe.method == "qemu" ? deploy_machine(job, artifacts, recipe, root)
                                          : deploy_board(job, artifacts, recipe, root);
    merge(deploy, recipe.deploy);
    auto boot = boot_action(job, recipe, root);
    Seconds total = time_of(deploy) + time_of(boot);
    auto tests = test_actions(job, total);
    config::List actions{config::Map{{"deploy", std::move(deploy)}}, config::Map{{"boot", std::move(boot)}}};
    actions.insert(actions.end(), tests.begin(), tests.end());

    config::Map lowered{{"job_name", job.name}, {"device_type", recipe.device_type}};
    for (const auto& [key, value] : {std::pair{"visibility", "public"}, std::pair{"priority", "medium"}}) {
        if (!job.job.contains(key)) lowered.set(key, value);
    }
    merge(lowered, job.job);
    if (const auto tags = wanted_tags(job, recipe); !tags.empty()) lowered.set("tags", texts(tags));
    if (auto context = context_of(job, recipe); !context.empty()) lowered.set("context", std::move(context));
    // The steps have their own times; this only ends a job whose steps all took theirs to the last second.
    constexpr Seconds slack{120};
    lowered.set("timeouts", config::Map{{"job", duration(total + slack)}, {"action", config::Map{{"minutes", 5}}}});
    lowered.set("actions", std::move(actions));
    return lowered;
}

}  // namespace patchbay
