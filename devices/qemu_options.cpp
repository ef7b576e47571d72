// SPDX-License-Identifier: Apache-2.0
#include "devices/qemu_options.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace patchbay::qemu {
namespace {

const std::map<Kind, Names> allowed{
    {Kind::flag,
     {"nographic", "no-reboot", "no-shutdown", "no-acpi", "no-hpet", "no-fd-bootchk", "enable-kvm", "no-kvm",
      "nodefaults", "no-user-config", "usb", "S", "mem-prealloc", "snapshot", "singlestep", "win2k-hack"}},
    {Kind::any,
     {"append", "smp", "m", "cpu", "name", "uuid", "rtc", "vga", "watchdog", "watchdog-action", "action", "overcommit",
      "soundhw", "g", "prom-env"}},
    {Kind::path,
     {"kernel", "initrd", "dtb", "bios", "pflash", "hda", "hdb", "hdc", "hdd", "cdrom", "fda", "fdb", "sd", "mtdblock",
      "L"}},
    {Kind::fields, {"machine", "M", "accel", "boot", "global", "k", "numa", "icount", "smbios", "fw_cfg", "acpitable"}},
    {Kind::drive, {"drive"}},
    {Kind::blockdev, {"blockdev"}},
    {Kind::device, {"device"}},
    {Kind::net, {"net", "nic", "netdev"}},
    {Kind::serial, {"serial"}},
    {Kind::nothing, {"monitor", "display", "parallel", "vnc", "audiodev", "debugcon"}},
    {Kind::chardev, {"chardev"}},
    {Kind::object, {"object"}},
    {Kind::usbdevice, {"usbdevice"}},
};

/// Source: the option lists' `implied_opt_name` in QEMU 7.2.
const std::map<std::string, std::string, std::less<>> implied_keys{
    {"device", "driver"},   {"chardev", "backend"}, {"object", "qom-type"}, {"netdev", "type"}, {"net", "type"},
    {"nic", "type"},        {"machine", "type"},    {"M", "type"},          {"accel", "accel"}, {"boot", "order"},
    {"audiodev", "driver"}, {"numa", "type"},       {"icount", "shift"},    {"fw_cfg", "name"},
};

constexpr std::array host_devices{
    "vfio",  "usb-host",   "usb-mtp",           "usb-redir", "u2f",          "ccid-card",  "vhost",           "ivshmem",
    "xen",   "pci-assign", "virtio-input-host", "virtio-9p", "scsi-generic", "scsi-block", "igd-passthrough", "tpm",
    "host-", "pvrdma"};

}  // namespace

Kind kind_of(std::string_view option) {
    for (const auto& [kind, names] : allowed) {
        if (names.contains(option)) return kind;
    }
    return Kind::unknown;
}

std::string_view implied_key(std::string_view option) {
    const auto found = implied_keys.find(option);
    return found == implied_keys.end() ? std::string_view{} : found->second;
}

std::vector<Field> split_fields(std::string_view text, std::string_view implied) {
    std::vector<std::string> parts{""};
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != ',') {
            parts.back() += text[i];
        } else if (i + 1 < text.size() && text[i + 1] == ',') {
            parts.back() += text[i++];
        } else {
            parts.emplace_back();
        }
    }
    std::vector<Field> fields;
    for (auto& part : parts) {
        const auto equal = part.find('=');
        if (equal != std::string::npos) {
            fields.push_back({part.substr(0, equal), part.substr(equal + 1)});
        } else if (!part.empty()) {  // a comma too many is none
            fields.push_back({fields.empty() ? std::string{implied} : std::string{}, part});
        }
    }
    return fields;
}

std::string value_of(const std::vector<Field>& fields, std::string_view key) {
    const auto found = std::find_if(fields.begin(), fields.end(), [key](const auto& each) { return each.key == key; });
    return found == fields.end() ? std::string{} : found->value;
}

bool is_host_device(std::string_view model) {
    return std::any_of(host_devices.begin(), host_devices.end(),
                       [model](std::string_view prefix) { return model.starts_with(prefix); });
}

const Names drive_keys{"file",
                       "format",
                       "if",
                       "index",
                       "media",
                       "id",
                       "cache",
                       "readonly",
                       "read-only",
                       "snapshot",
                       "bus",
                       "unit",
                       "aio",
                       "discard",
                       "detect-zeroes",
                       "werror",
                       "rerror",
                       "serial",
                       "node-name",
                       "copy-on-read",
                       "locking",
                       "cache.direct",
                       "cache.writeback",
                       "cache.no-flush",
                       "auto-read-only"};
const Names blockdev_keys{"driver",
                          "file",
                          "filename",
                          "file.driver",
                          "file.filename",
                          "node-name",
                          "read-only",
                          "file.node-name",
                          "discard",
                          "detect-zeroes",
                          "cache.direct",
                          "cache.no-flush",
                          "file.cache.direct",
                          "file.cache.no-flush",
                          "auto-read-only",
                          "file.read-only"};
const Names image_formats{"raw", "qcow2"};
const Names user_net_keys{"id",       "name",        "net",        "host", "restrict", "hostname", "dhcpstart",
                          "dns",      "dnssearch",   "domainname", "ipv4", "ipv6",     "ipv6-net", "ipv6-host",
                          "ipv6-dns", "ipv6-prefix", "model",      "mac",  "macaddr",  "vlan"};
const Names harmless_objects{"rng-random", "rng-builtin", "memory-backend-ram", "iothread", "throttle-group"};
const Names random_sources{"/dev/urandom", "/dev/random", "/dev/hwrng"};
const Names host_keys{"dumpdtb",  "rr",        "rrfile",   "rrsnapshot",   "script",    "downscript",
                      "ifname",   "helper",    "br",       "fd",           "fds",       "vhostfd",
                      "vhostfds", "hostdev",   "sysfsdev", "rootdir",      "evdev",     "hidraw",
                      "logfile",  "logappend", "tftp",     "smb",          "smbserver", "hostfwd",
                      "guestfwd", "bootfile",  "mem-path", "tls-creds",    "host",      "hostbus",
                      "hostaddr", "hostport",  "fsdev",    "chardev-path", "socket",    "firmware-log"};

}  // namespace patchbay::qemu
