// SPDX-License-Identifier: Apache-2.0
// The bodies of boots (lava_common/schemas/boot).
#include <algorithm>
#include <map>

#include "jobs/definition/full_schema.hpp"

namespace patchbay {

using namespace schema;

namespace {

using Keys = SchemaKeys;

Rule some_characters() { return all({text(), length(1)}); }

Key prompts() { return optional("prompts", any({some_characters(), list_of({some_characters()})})); }

/// A password needs a prompt to wait for.
Key auto_login() {
    const Keys login{required("login_prompt", some_characters()), required("username", text())};
    const auto plain = joined(login, {optional("login_commands", list_of({some_characters()}))});
    const auto with_password = joined(login, {
                                                 required("password_prompt", text()),
                                                 required("password", text()),
                                                 optional("login_commands", texts()),
                                                 optional("ignore_kernel_messages", boolean()),
                                             });
    return optional("auto_login", any({map(plain), map(with_password)}));
}

Key transfer_overlay() {
    return optional("transfer_overlay", map({
                                            required("download_command", text()),
                                            required("unpack_command", text()),
                                            optional("transfer_method", text()),
                                        }));
}

/// A system that is waited for, logged in to, and given the overlay.
Keys system(const Keys& more = {}) { return joined({prompts(), auto_login(), transfer_overlay()}, more); }

/// A loader that is told what to boot.
Keys loader(const Keys& more = {}) { return joined(system({required("commands", text_or_texts())}), more); }

using Table = std::map<std::string, Rule, std::less<>>;

/// Adds `method: <method>`; a '-' in it may be a '_' in the name of the schema, but not in the job.
void add(Table& table, const std::string& method, Keys keys, Key parameters) {
    auto name = method;
    std::ranges::replace(name, '-', '_');
    keys.insert(keys.begin(), required("method", literal(method, "'method' should be '" + method + "'")));
    keys.push_back(std::move(parameters));
    keys.push_back(optional("soft_reboot", text_or_texts()));
    keys.push_back(optional("ignore_kernel_messages", boolean()));
    table.emplace(std::move(name), action_schema(std::move(keys)));
}

void add(Table& table, const std::string& method, Keys keys) {
    const auto parameters = map({
        optional("kernel-start-message", text()),
        optional("shutdown-message", text()),
        optional("bootloader-final-message", text()),
    });
    add(table, method, std::move(keys), optional("parameters", parameters));
}

void add_loaders(Table& table) {
    const auto use_script = optional("use_bootscript", boolean());
    const auto reset = optional("reset", boolean());
    const auto grub = loader({
        optional("boot_finished", text_or_texts()),
        optional("expect_shell", boolean()),
        use_script,
        reset,
    });
    add(table, "u-boot", loader({use_script, reset}));
    add(table, "grub", grub);
    add(table, "grub-efi", grub);
    add(table, "barebox", loader({use_script}));
    add(table, "ipxe", loader({use_script}));
    add(table, "depthcharge", loader({optional("extra_kernel_args", text()), use_script}));
    add(table, "uefi",
        {required("commands", text_or_texts()), optional("shell_menu", text()), prompts(), auto_login()});
    add(table, "uefi-menu",
        {optional("commands", text()), optional("line_separator", text()), prompts(), auto_login()});
    add(table, "bootloader",
        {
            required("bootloader", text()),
            optional("commands", texts()),
            prompts(),
            use_script,
            reset,
            optional("reset_connection", boolean()),
            optional("reset_device", boolean()),
        });
}

Keys fvp() {
    return system({
        required("image", text()),
        required("arguments", texts()),
        required("console_string", text()),
        required("docker", docker_schema({}, "name")),
        optional("feedbacks", texts()),
        optional("license_variable", text()),
        optional("ubl_license", text()),
        optional("environment", texts()),
        optional("use_telnet", boolean()),
        optional("version_string", text()),
        optional("version_args", text()),
        optional("erpc_app", text()),
        optional("commands", texts()),
    });
}

Keys kexec() {
    return system({
        required("boot_message", text()),
        optional("command", text()),
        optional("kernel", text()),
        optional("dtb", text()),
        optional("initrd", text()),
        optional("options", texts()),
        optional("kernel-config", text()),
        optional("deploy", boolean()),
        optional("on_panic", boolean()),
    });
}

void add_systems(Table& table) {
    const auto serial = optional("connection", words({"serial"}));
    const auto parameters_of_guest =
        optional("parameters", map({optional("hostID", text()), optional("host_key", text())}));
    add(table, "qemu",
        system({serial, optional("media", words({"tmpfs"})),
                optional("docker", docker_schema({optional("binary", text())}))}));
    add(table, "qemu-nfs", system({serial}));
    add(table, "qemu-iso", {required("media", words({"img"})), prompts(), auto_login()});
    add(table, "monitor", {});
    add(table, "minimal",
        system({
            optional("pre_power_command", boolean()),
            optional("pre_os_command", boolean()),
            optional("reset", boolean()),
        }));
    add(table, "new_connection", system({required("connection", text())}));
    add(table, "ssh", {prompts()}, parameters_of_guest);
    add(table, "schroot", {prompts(), required("schroot", text()), optional("connection", words({"ssh"}))});
    add(table, "kexec", kexec());
    add(table, "docker", {required("command", text()), prompts(), optional("downloads-namespace", text())});
    add(table, "nodebooter", {required("command", text()), prompts(), optional("downloads-namespace", text())});
    add(table, "fvp", fvp());
    add(table, "avh",
        {
            required("prompts", prompts().rule),
            auto_login(),
            optional("bootargs", map({optional("normal", text()), optional("restore", text())})),
            optional("docker", docker_schema()),
        });
}

/// What writes to a board over its debugger or its boot ROM.
void add_programmers(Table& table) {
    const auto docker = optional("docker", docker_schema());
    for (const auto* method : {"openocd", "pyocd", "dfu", "cmsis-dap"}) add(table, method, {});
    add(table, "musca", {prompts()});
    add(table, "jlink", {optional("commands", texts()), optional("coretype", text()), prompts(), auto_login()});
    add(table, "gdb", {required("commands", text()), optional("container", text())});
    add(table, "fastboot", system({optional("commands", texts()), optional("use_bootscript", boolean()), docker}));
    add(table, "uuu",
        {
            required("commands", any({text(), list_of({map({every_text(text())})})})),
            optional("skip_uuu_if_bootloader_valid", boolean()),
            docker,
        });
    add(table, "qdl",
        {
            required("firehose_program", text()),
            required("rawprogram", text()),
            optional("patch", text()),
            optional("path", text()),
            optional("storage", text()),
            optional("debug", boolean()),
            docker,
        });
    add(table, "recovery", {required("commands", words({"recovery", "exit"}))});
}

Table table() {
    Table table;
    add_loaders(table);
    add_systems(table);
    add_programmers(table);
    return table;
}

}  // namespace

const schema::Rule* full_boot_schema(std::string_view method) {
    static const auto rules = table();
    const auto found = rules.find(method);
    return found == rules.end() ? nullptr : &found->second;
}

}  // namespace patchbay
