// SPDX-License-Identifier: Apache-2.0
#include "jobs/definition/submission_schema.hpp"

namespace patchbay {

using namespace schema;

schema::Rule submission_duration_schema() {
    return map(Extra::refused, {
                                   exclusive("days", "timeout_unit", integer()),
                                   exclusive("hours", "timeout_unit", integer()),
                                   exclusive("minutes", "timeout_unit", integer()),
                                   exclusive("seconds", "timeout_unit", integer()),
                                   optional("skip", boolean()),
                               });
}

namespace {

Rule timeouts() {
    const auto name = std::string{lower} + "-";
    const auto named = map({every(name, submission_duration_schema())});
    return map({
        required("job", submission_duration_schema()),
        optional("action", submission_duration_schema()),
        optional("connection", submission_duration_schema()),
        optional("queue", submission_duration_schema()),
        optional("actions", named),
        optional("connections", named),
    });
}

Rule protocols(RetiredProtocols retired) {
    std::vector<Key> keys{
        optional("lava-multinode", map({optional("timeout", submission_duration_schema()), optional("roles", dict())})),
        optional("lava-xnbd", dict()),
    };
    if (retired == RetiredProtocols::accepted) {
        keys.push_back(optional("lava-lxc", dict()));
        keys.push_back(optional("lava-vland", dict()));
    }
    return map(std::move(keys));
}

}  // namespace

schema::Rule submission_context_schema() {
    const auto value = any({integer(), text(), list_of({integer(), text()})});
    std::vector<Key> keys;
    for (const auto& name : context_variables()) keys.push_back(optional(name, value));
    return map(std::move(keys));
}

const std::vector<std::string>& context_variables() {
    static const std::vector<std::string> names{
        "arch",
        "boot_console",
        "boot_root",
        "cpu",
        "extra_options",
        "guestfs_driveid",
        "guestfs_interface",
        "guestfs_size",
        "machine",
        "memory",
        "model",
        "monitor",
        "netdevice",
        "no_kvm",
        "no_network",
        "serial",
        "vga",
        "booti_dtb_addr",
        "booti_kernel_addr",
        "booti_ramdisk_addr",
        "bootm_dtb_addr",
        "bootm_kernel_addr",
        "bootm_ramdisk_addr",
        "bootz_dtb_addr",
        "bootz_kernel_addr",
        "bootz_ramdisk_addr",
        "deploy_character_delay",
        "boot_character_delay",
        "boot_retry",
        "bootloader_prompt",
        "console_device",
        "custom_kernel_args",
        "extra_kernel_args",
        "extra_nfsroot_args",
        "failure_retry",
        "kernel_loglevel",
        "kernel_start_message",
        "lava_test_results_dir",
        "menu_interrupt_prompt",
        "mustang_menu_list",
        "test_character_delay",
        "tftp_mac_address",
        "uboot_extra_error_message",
        "uboot_needs_interrupt",
        "uboot_altbank",
    };
    return names;
}

JobProblem as_job_problem(schema::Problem problem) {
    auto text = problem.text();
    return {std::move(text), std::move(problem.path)};
}

schema::Rule submission_schema(RetiredProtocols retired) {
    const auto name = all({text(), length(1)});
    return map({
        required("job_name", all({text(), length(1, 200)})),
        optional("device_type", name),
        optional("device", name),
        optional("worker", name),
        required("visibility",
                 any({literal("public"), literal("personal"), map({optional("group", list_of({text()}))})})),
        optional("priority", any({words({"high", "medium", "low"}), integer()})),
        required("timeouts", timeouts()),
        required("actions", list_of({submission_action_schema()})),
        optional("protocols", protocols(retired)),
        optional("context", submission_context_schema()),
        optional("metadata", map({every_text_or_number(anything())})),
        optional("tags", list_of({text()})),
        optional("secrets", dict()),
        optional("environment", dict()),
        optional("notify", submission_notify_schema()),
        optional("reboot_to_fastboot", boolean()),
    });
}

}  // namespace patchbay
