// SPDX-License-Identifier: Apache-2.0
// The bodies of deploys (lava_common/schemas/deploy).
#include <map>

#include "jobs/definition/full_schema.hpp"

namespace patchbay {

using namespace schema;

namespace {

using Keys = std::vector<Key>;

Keys joined(Keys keys, const Keys& more) {
    keys.insert(keys.end(), more.begin(), more.end());
    return keys;
}

/// What every download may say.
Keys download_keys() {
    return {
        required("url", text()),
        optional("compression", words({"bz2", "gz", "xz", "zip", "zstd"})),
        optional("archive", words({"tar"})),
        optional("md5sum", text()),
        optional("sha256sum", text()),
        optional("sha512sum", text()),
        optional("headers", map({every_text(text())})),
        optional("use_cache", boolean()),
    };
}

/// A file that nothing is put into.
Rule plain_file(const Keys& more = {}) { return map(joined(download_keys(), more)); }

/// Any file; with `overlays`, what they are put into.
Rule file(const Keys& more = {}) {
    const auto plain = plain_file(more);
    const auto overlay = map(joined(download_keys(), {
                                                         required("format", words({"file", "tar"})),
                                                         required("path", text()),
                                                     }));
    const auto overlays = map({every_text(any({literal(true), overlay}))});
    const auto with_overlays =
        map(joined(joined(download_keys(), more), {
                                                      required("overlays", overlays),
                                                      optional("format", words({"cpio.newc", "ext4", "tar"})),
                                                      optional("partition", integer()),
                                                      optional("sparse", boolean()),
                                                      optional("overlay_backend", text()),
                                                  }));
    return any({plain, with_overlays});
}

Rule files(const Keys& more = {}) { return map({every_text(file(more))}); }

Rule deploy(Keys keys) {
    return action_schema(
        joined(std::move(keys), {
                                    required("to", text()),
                                    optional("os", text()),
                                    optional("authorize", words({"ssh"})),
                                    optional("overlay_backend", words({"auto", "e2fsprogs", "guestfs"})),
                                }));
}

Key images(const Keys& more = {}) { return required("images", all({files(more), length(1)})); }

Rule tftp() {
    const auto persistent_nfs = map({required("address", text()), optional("install_overlay", boolean())});
    return deploy({
        optional("kernel", file({optional("type", words({"image", "uimage", "zimage"}))})),
        optional("dtb", file()),
        optional("dtbo", list_of({file()})),
        optional("modules", file()),
        optional("preseed", file()),
        optional("tee", file()),
        optional("ramdisk", plain_file({
                                optional("install_modules", boolean()),
                                optional("install_overlay", boolean()),
                                optional("header", words({"u-boot"})),
                            })),
        exclusive("nfsrootfs", "nfs",
                  file({
                      optional("install_modules", boolean()),
                      optional("install_overlay", boolean()),
                      optional("prefix", text()),
                  })),
        exclusive("persistent_nfs", "nfs", persistent_nfs),
        optional("extra_files", files()),
        optional("append_dtb", boolean()),
    });
}

Rule removable() {
    const auto tool = map({
        required("tool", text()),
        optional("options", text()),
        optional("prompt", text()),
    });
    return deploy({
        optional("image", file({optional("root_partition", integer())})),
        optional("images", files({optional("apply-overlay", boolean()), optional("root_partition", integer())})),
        required("device", text()),
        optional("download", tool),
        optional("writer", tool),
        optional("tool", map({required("prompts", list_of({text()})), optional("flags", text())})),
        optional("uniquify", boolean()),
    });
}

Rule fastboot() {
    return deploy({
        images({
            optional("apply-overlay", boolean()),
            optional("sparse", boolean()),
            optional("root_partition", integer()),
            optional("reboot", words({"hard-reset", "fastboot-reboot", "fastboot-reboot-bootloader",
                                      "fastboot-reboot-fastboot"})),
        }),
        optional("docker", docker_schema()),
        optional("connection", words({"lxc"})),
    });
}

Rule downloads() {
    const auto postprocess = docker_schema({
        optional("devices", list_of({text()})),
        required("steps", list_of({text()})),
    });
    return deploy({
        images(),
        optional("uniquify", boolean()),
        optional("postprocess", map({required("docker", postprocess)})),
    });
}

Rule avh() {
    const auto options = map({
        required("model", text()),
        optional("api_endpoint", text()),
        optional("project_name", text()),
    });
    return deploy({
        required("options", options),
        optional("images", files({optional("root_partition", integer())})),
        optional("fw_package", file({optional("storage_file", text()), optional("root_partition", integer())})),
    });
}

Rule iso_installer() {
    return deploy({
        required("images", files({optional("image_arg", text())})),
        required("iso", map({
                            required("installation_size", text()),
                            required("kernel", text()),
                            required("initrd", text()),
                        })),
    });
}

std::map<std::string, Rule, std::less<>> table() {
    const Keys partition{optional("root_partition", integer())};
    const Keys overlaid{optional("apply-overlay", boolean()), optional("sparse", boolean()),
                        optional("root_partition", integer())};
    const auto image = [](const Key& key) { return deploy({key}); };
    return {
        {"tmpfs", deploy({
                      images({optional("image_arg", text())}),
                      optional("uefi", file()),
                      optional("type", words({"monitor"})),
                      optional("root_partition", integer()),
                  })},
        {"tftp", tftp()},
        {"nbd", deploy({
                    optional("kernel", file({optional("type", words({"image", "uimage", "zimage"}))})),
                    required("initrd", file()),
                    required("nbdroot", file()),
                    optional("dtb", file()),
                })},
        {"nfs", deploy({
                    optional("images", files({optional("image_arg", text()), optional("prefix", text())})),
                    optional("nfsrootfs", file({optional("prefix", text())})),
                    optional("modules", file()),
                    optional("uefi", file()),
                })},
        {"fastboot", fastboot()},
        {"downloads", downloads()},
        {"download", deploy({images(), optional("uniquify", boolean())})},
        {"flasher", deploy({images({optional("download", boolean())}), optional("uniquify", boolean())})},
        {"usb", removable()},
        {"sata", removable()},
        {"sd", removable()},
        {"ssh", deploy({
                    optional("firmware", file()),
                    optional("kernel", file()),
                    optional("dtb", file()),
                    optional("rootfs", file()),
                    optional("modules", file()),
                })},
        {"overlay", deploy({})},
        {"iso_installer", iso_installer()},
        {"fvp", deploy({
                    images(),
                    optional("ramdisk", file({optional("install_overlay", boolean()), optional("header", text())})),
                    optional("uniquify", boolean()),
                })},
        {"docker",
         deploy({required("image", any({text(), map({required("name", text()), optional("local", boolean())})}))})},
        {"u_boot_ums", image(required("image", file(partition)))},
        {"usbg_ms", image(required("image", file(partition)))},
        {"uuu", deploy({images(overlaid), optional("uniquify", boolean())})},
        {"qdl", deploy({
                    required("qcomflash", file({optional("apply-overlay", boolean())})),
                    optional("rootfs_image", text()),
                    optional("uniquify", boolean()),
                })},
        {"avh", avh()},
        {"mps", deploy({images({optional("rename", text())})})},
        {"musca", image(images())},
        {"vemsd", image(required("recovery_image", file()))},
        {"recovery", deploy({images(), optional("commands", text()), optional("tags", list_of({text()}))})},
    };
}

}  // namespace

const schema::Rule* full_deploy_schema(std::string_view to) {
    static const auto rules = table();
    const auto found = rules.find(to);
    return found == rules.end() ? nullptr : &found->second;
}

}  // namespace patchbay
