// SPDX-License-Identifier: Apache-2.0
// The bodies of deploys (lava_common/schemas/deploy).
#include <algorithm>
#include <map>

#include "jobs/definition/full_schema.hpp"

namespace patchbay {

using namespace schema;

namespace {

using Keys = SchemaKeys;

Rule overlay_backend() { return words({"auto", "e2fsprogs", "guestfs"}); }

/// What every download may say.
Keys download_keys() {
    return {
        required("url", text()),
        optional("headers", dict()),
        optional("compression", any({words({"bz2", "gz", "xz", "zip", "zstd"}), null()})),
        optional("archive", words({"tar"})),
        optional("md5sum", text()),
        optional("sha256sum", text()),
        optional("sha512sum", text()),
        optional("use_cache", boolean()),
    };
}

/// A file, which may say what is put into it; its format is then needed, except where LAVA forgot that.
Rule file(const Keys& more = {}, Key (*format)(std::string, Rule) = required) {
    const auto keys = joined(download_keys(), more);
    const auto overlay =
        map(joined(download_keys(), {required("format", words({"file", "tar"})), required("path", text())}));
    const Keys overlays{
        required("overlays", map({optional("lava", boolean()), every_text(overlay)})),
        format("format", words({"cpio.newc", "ext4", "tar"})),
        optional("partition", integer()),
        optional("sparse", boolean()),
        optional("overlay_backend", overlay_backend()),
    };
    return any({map(keys), map(joined(overlays, keys))});
}

Key root_partition() { return optional("root_partition", at_least(0)); }
Key apply_overlay() { return optional("apply-overlay", boolean()); }
Key sparse() { return optional("sparse", boolean()); }
Key uniquify() { return optional("uniquify", boolean()); }
Key images_of(Rule image) { return required("images", map({some_text("'images' is empty", std::move(image))})); }
Key images(const Keys& more = {}) { return images_of(file(more)); }

/// The keys of every deploy, and these.
Rule deploy(Rule to, const Keys& keys) {
    const Keys common{
        required("to", std::move(to)),
        optional("os", text()),
        optional("authorize", words({"ssh"})),
        optional("overlay_backend", overlay_backend()),
    };
    return action_schema(joined(common, keys));
}

Key kernel(Key key) {
    key.rule = file({optional("type", words({"image", "uimage", "zimage"}))});
    return key;
}

Keys tftp() {
    const Keys installs{optional("install_modules", boolean()), optional("install_overlay", boolean())};
    const auto persistent_nfs = map({required("address", text()), optional("install_overlay", boolean())});
    return {
        kernel(optional("kernel", {})),
        optional("dtb", file()),
        optional("dtbo", list_of({file()})),
        optional("modules", file()),
        optional("preseed", file()),
        optional("tee", file()),
        optional("ramdisk", file(joined(installs, {optional("header", words({"u-boot"}))}))),
        exclusive("nfsrootfs", "nfs", file(joined(installs, {optional("prefix", text())}))),
        exclusive("persistent_nfs", "nfs", persistent_nfs),
        optional("extra_files", map({every_text(file())})),
    };
}

Keys nbd() {
    auto needed = kernel(required("kernel", {}));
    needed.missing = "needs a kernel to deploy";
    return {needed, required("nbdroot", file()), required("initrd", file()), optional("dtb", file())};
}

/// An image that the booted system writes to a medium.
Keys removable() {
    const auto tool = map({required("tool", text()), required("options", text()), required("prompt", text())});
    const auto image = file({root_partition()});
    return {
        exclusive("images", "image",
                  map({required("image", image), every_text(file({root_partition(), apply_overlay()}))})),
        exclusive("image", "image", image),
        required("device", text()),
        optional("download", tool),
        optional("writer", tool),
        optional("tool", map({required("prompts", texts()), optional("flags", text())})),
        uniquify(),
    };
}

Keys fastboot() {
    const auto reboot =
        words({"hard-reset", "fastboot-reboot", "fastboot-reboot-bootloader", "fastboot-reboot-fastboot"});
    return {
        images({apply_overlay(), root_partition(), sparse(), optional("reboot", reboot)}),
        optional("docker", docker_schema()),
        optional("connection", words({"lxc"})),
    };
}

Keys downloads() {
    const auto container = docker_schema({optional("devices", texts()), required("steps", texts())});
    return {images(), uniquify(), optional("postprocess", map({required("docker", container)}))};
}

Rule avh(const Rule& to) {
    const Keys of_image{root_partition(), optional("format", words({"ext4"})), optional("type", words({"image"}))};
    const auto options = optional("options", map({
                                                 optional("model", text()),
                                                 optional("api_endpoint", text()),
                                                 optional("project_name", text()),
                                             }));
    const auto package = required("fw_package", file(joined(of_image, {optional("storage_file", text())}), optional));
    return any({deploy(to, {options, images_of(file(of_image, optional))}), deploy(to, {options, package})});
}

Keys iso_installer() {
    const auto iso =
        map({required("installation_size", text()), optional("kernel", text()), optional("initrd", text())});
    return {
        required("images", map({required("iso", file({optional("image_arg", text())})), required("preseed", file())})),
        required("iso", iso),
    };
}

Keys fvp() {
    const auto ramdisk = map({
        optional("install_overlay", boolean()),
        optional("compression", text()),
        optional("header", words({"u-boot"})),
    });
    return {images(), optional("ramdisk", ramdisk), uniquify()};
}

Keys uuu() {
    const auto image = file({apply_overlay(), root_partition(), sparse()});
    return {required("images", map({required("boot", image), every_text(image)})), uniquify()};
}

/// "test_binary", "test_binary_1".
bool is_test_binary(const Value& key) {
    const auto* name = key.as_string();
    if (!name || !name->starts_with("test_binary")) return false;
    const auto rest = std::string_view{*name}.substr(std::string_view{"test_binary"}.size());
    const auto word = std::string{letters} + std::string{digits} + "_";
    return rest.empty() ||
           (rest.size() > 1 && rest.front() == '_' && rest.find_first_not_of(word) == std::string_view::npos);
}

Keys mps() {
    const Key test_binary{"", file({optional("rename", text())}), false, "", is_test_binary};
    return {required("images", all({map({optional("recovery_image", file()), test_binary}), length(1)}))};
}

Keys musca() {
    auto test_binary = required("test_binary", file());
    test_binary.missing = "'images' has no 'test_binary' entry";
    return {required("images", map({test_binary}))};
}

Keys optional_files(std::initializer_list<const char*> names) {
    Keys keys;
    for (const auto* name : names) keys.push_back(optional(name, file()));
    return keys;
}

using Table = std::map<std::string, Rule, std::less<>>;

/// A '-' in the name may be a '_' in the name of the schema, but not in the job.
void add(Table& table, const std::string& to, const Keys& keys) {
    auto name = to;
    std::ranges::replace(name, '-', '_');
    table.emplace(std::move(name), deploy(literal(to), keys));
}

Table table() {
    Table table;
    const auto image_arg = optional("image_arg", text());
    add(table, "tmpfs",
        {images_of(file({image_arg}, optional)), optional("type", words({"monitor"})), optional("uefi", file())});
    add(table, "tftp", tftp());
    add(table, "nbd", nbd());
    table.emplace("nfs", any({deploy(literal("nfs"), optional_files({"nfsrootfs", "modules"})),
                              deploy(literal("nfs"), {images({image_arg})})}));
    add(table, "fastboot", fastboot());
    add(table, "downloads", downloads());
    add(table, "download", {images()});
    add(table, "flasher", {required("images", map({every_text(file({optional("download", boolean())}))})), uniquify()});
    for (const auto* medium : {"usb", "sata", "sd"})
        table.emplace(medium, deploy(words({"sata", "sd", "usb"}), removable()));
    add(table, "ssh", optional_files({"firmware", "kernel", "dtb", "rootfs", "modules"}));
    add(table, "overlay", {});
    add(table, "iso-installer", iso_installer());
    add(table, "fvp", fvp());
    add(table, "docker", {required("image", any({docker_image_schema(), docker_schema({}, "name")}))});
    add(table, "u-boot-ums", {required("image", file({root_partition()}))});
    add(table, "usbg-ms", {required("image", file())});
    add(table, "uuu", uuu());
    add(table, "qdl", {required("qcomflash", file({apply_overlay()})), optional("rootfs_image", text()), uniquify()});
    table.emplace("avh", avh(literal("avh")));
    add(table, "mps", mps());
    add(table, "musca", musca());
    add(table, "vemsd", {required("recovery_image", file())});
    add(table, "recovery", {images()});
    return table;
}

}  // namespace

const schema::Rule* full_deploy_schema(std::string_view to) {
    static const auto rules = table();
    const auto found = rules.find(to);
    return found == rules.end() ? nullptr : &found->second;
}

}  // namespace patchbay
