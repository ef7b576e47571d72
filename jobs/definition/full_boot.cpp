// SPDX-License-Identifier: Apache-2.0
// The bodies of boots (lava_common/schemas/boot).
#include <map>

#include "jobs/definition/full_schema.hpp"

namespace patchbay {

using namespace schema;

namespace {

using Keys = std::vector<Key>;

Rule text_or_texts() { return any({text(), list_of({text()})}); }

Keys boot_keys() {
    // A password needs a prompt to wait for.
    const Keys login{
        required("login_prompt", all({text(), length(1)})),
        required("username", text()),
        optional("login_commands", list_of({text()})),
    };
    auto login_with_password = login;
    login_with_password.push_back(required("password_prompt", text()));
    login_with_password.push_back(required("password", text()));
    const auto auto_login = any({map(login), map(login_with_password)});
    const auto parameters = map({
        optional("shutdown-message", text()),
        optional("kernel-start-message", text()),
        optional("bootloader-final-message", text()),
    });
    const auto transfer = map({
        required("download_command", text()),
        required("unpack_command", text()),
        optional("transfer_method", words({"http", "nfs", "zmodem"})),
    });
    return {
        required("method", text()),
        optional("prompts", any({all({text(), length(1)}), list_of({all({text(), length(1)})})})),
        optional("auto_login", auto_login),
        optional("parameters", parameters),
        optional("soft_reboot", text_or_texts()),
        optional("transfer_overlay", transfer),
        optional("ignore_kernel_messages", boolean()),
    };
}

Rule boot(Keys keys) {
    const auto common = boot_keys();
    // A method may say more about a key than the common rule does; its own comes first.
    keys.insert(keys.end(), common.begin(), common.end());
    return action_schema(std::move(keys));
}

Rule bootloader(Keys keys = {}) {
    keys.push_back(required("commands", text_or_texts()));
    keys.push_back(optional("use_bootscript", boolean()));
    keys.push_back(optional("reset", boolean()));
    return boot(std::move(keys));
}

Rule qemu() {
    return boot({
        optional("media", text()),
        optional("connection", words({"serial"})),
        optional("docker", docker_schema({optional("binary", text())})),
    });
}

Rule fvp() {
    const auto docker = map({
        required("name", text()),
        optional("local", boolean()),
        optional("container_name", text()),
    });
    return boot({
        required("image", text()),
        required("arguments", list_of({text()})),
        required("console_string", text()),
        required("docker", docker),
        optional("feedbacks", list_of({text()})),
        optional("license_variable", text()),
        optional("ubl_license", text()),
        optional("environment", list_of({text()})),
        optional("use_telnet", boolean()),
        optional("version_string", text()),
        optional("version_args", text()),
        optional("erpc_app", text()),
        optional("commands", list_of({text()})),
    });
}

Rule kexec() {
    return boot({
        required("boot_message", text()),
        optional("command", text()),
        optional("kernel", text()),
        optional("dtb", text()),
        optional("initrd", text()),
        optional("options", list_of({text()})),
        optional("kernel-config", text()),
        optional("deploy", boolean()),
        optional("on_panic", boolean()),
    });
}

Rule qdl() {
    return boot({
        optional("firehose_program", text()),
        optional("rawprogram", text()),
        optional("patch", text()),
        optional("path", text()),
        optional("storage", text()),
        optional("debug", boolean()),
        optional("docker", docker_schema()),
    });
}

std::map<std::string, Rule, std::less<>> table() {
    const auto grub = bootloader({
        optional("expect_shell", boolean()),
        optional("boot_finished", text_or_texts()),
    });
    const auto docker = optional("docker", docker_schema());
    return {
        {"u_boot", bootloader()},
        {"grub", grub},
        {"grub_efi", grub},
        {"barebox", bootloader()},
        {"ipxe", bootloader()},
        {"depthcharge", bootloader({optional("extra_kernel_args", text())})},
        {"minimal", boot({
                        optional("pre_power_command", boolean()),
                        optional("pre_os_command", boolean()),
                        optional("reset", boolean()),
                    })},
        {"bootloader", boot({
                           required("bootloader", text()),
                           optional("commands", text_or_texts()),
                           optional("reset_connection", boolean()),
                           optional("reset_device", boolean()),
                           optional("reset", boolean()),
                           optional("use_bootscript", boolean()),
                       })},
        {"qemu", qemu()},
        {"qemu_nfs", qemu()},
        {"monitor", qemu()},
        {"qemu_iso", boot({optional("media", words({"img"}))})},
        {"fastboot", boot({optional("commands", list_of({text()})), docker})},
        {"new_connection", boot({required("connection", text())})},
        {"ssh", boot({})},
        {"schroot", boot({required("schroot", text())})},
        {"kexec", kexec()},
        {"docker", boot({required("command", text()), optional("downloads-namespace", text())})},
        {"fvp", fvp()},
        {"openocd", boot({})},
        {"pyocd", boot({})},
        {"dfu", boot({})},
        {"cmsis_dap", boot({})},
        {"musca", boot({})},
        {"jlink", boot({optional("commands", list_of({text()})), optional("coretype", text())})},
        {"gdb", boot({required("commands", text()), optional("container", text())})},
        {"uefi", bootloader({optional("shell_menu", text())})},
        {"uefi_menu", boot({
                          required("commands", text()),
                          optional("line_separator", words({"dos", "unix"})),
                      })},
        {"uuu", boot({
                    required("commands", list_of({dict()})),
                    optional("skip_uuu_if_bootloader_valid", boolean()),
                    docker,
                })},
        {"qdl", qdl()},
        {"avh", boot({optional("bootargs", map({optional("normal", text()), optional("restore", text())})), docker})},
        {"recovery", boot({required("commands", words({"recovery", "exit"}))})},
        {"nodebooter", boot({optional("commands", text_or_texts()), docker})},
    };
}

}  // namespace

const schema::Rule* full_boot_schema(std::string_view method) {
    static const auto rules = table();
    const auto found = rules.find(method);
    return found == rules.end() ? nullptr : &found->second;
}

}  // namespace patchbay
