// SPDX-License-Identifier: Apache-2.0
#include "devices/qemu_arguments.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

#include "core/errors.hpp"
#include "core/process/words.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;
using Names = std::set<std::string, std::less<>>;

enum class Kind {
    flag,    // takes no value
    any,     // the guest's business
    path,    // one file
    fields,  // key=value list; no field may point out of the job
    drive,
    blockdev,
    device,
    net,
    netdev,
    serial,
    nothing,  // only "none" and its like
    chardev,
    object,
    usbdevice,
};

const std::map<std::string, Kind, std::less<>> allowed_options{
    // flags
    {"nographic", Kind::flag},
    {"no-reboot", Kind::flag},
    {"no-shutdown", Kind::flag},
    {"no-acpi", Kind::flag},
    {"no-hpet", Kind::flag},
    {"no-fd-bootchk", Kind::flag},
    {"enable-kvm", Kind::flag},
    {"no-kvm", Kind::flag},
    {"nodefaults", Kind::flag},
    {"no-user-config", Kind::flag},
    {"usb", Kind::flag},
    {"S", Kind::flag},
    {"mem-prealloc", Kind::flag},
    {"snapshot", Kind::flag},
    {"singlestep", Kind::flag},
    {"win2k-hack", Kind::flag},
    // the guest's business
    {"append", Kind::any},
    {"smp", Kind::any},
    {"m", Kind::any},
    {"cpu", Kind::any},
    {"name", Kind::any},
    {"uuid", Kind::any},
    {"rtc", Kind::any},
    {"vga", Kind::any},
    {"watchdog", Kind::any},
    {"watchdog-action", Kind::any},
    {"action", Kind::any},
    {"overcommit", Kind::any},
    {"soundhw", Kind::any},
    {"g", Kind::any},
    {"prom-env", Kind::any},
    // files
    {"kernel", Kind::path},
    {"initrd", Kind::path},
    {"dtb", Kind::path},
    {"bios", Kind::path},
    {"pflash", Kind::path},
    {"hda", Kind::path},
    {"hdb", Kind::path},
    {"hdc", Kind::path},
    {"hdd", Kind::path},
    {"cdrom", Kind::path},
    {"fda", Kind::path},
    {"fdb", Kind::path},
    {"sd", Kind::path},
    {"mtdblock", Kind::path},
    {"L", Kind::path},
    // lists
    {"machine", Kind::fields},
    {"M", Kind::fields},
    {"accel", Kind::fields},
    {"boot", Kind::fields},
    {"global", Kind::fields},
    {"k", Kind::fields},
    {"numa", Kind::fields},
    {"icount", Kind::fields},
    {"smbios", Kind::fields},
    {"fw_cfg", Kind::fields},
    {"acpitable", Kind::fields},
    {"drive", Kind::drive},
    {"blockdev", Kind::blockdev},
    {"device", Kind::device},
    {"net", Kind::net},
    {"nic", Kind::net},
    {"netdev", Kind::netdev},
    {"serial", Kind::serial},
    {"chardev", Kind::chardev},
    {"object", Kind::object},
    {"usbdevice", Kind::usbdevice},
    {"monitor", Kind::nothing},
    {"display", Kind::nothing},
    {"parallel", Kind::nothing},
    {"vnc", Kind::nothing},
    {"audiodev", Kind::nothing},
    {"debugcon", Kind::nothing},
};

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
/// Devices that reach through to the host.
constexpr std::array host_devices{
    "vfio",  "usb-host",   "usb-mtp",           "usb-redir", "u2f",          "ccid-card",  "vhost",           "ivshmem",
    "xen",   "pci-assign", "virtio-input-host", "virtio-9p", "scsi-generic", "scsi-block", "igd-passthrough", "tpm",
    "host-", "pvrdma"};
/// Keys whose values name things of the host, whatever they belong to.
const Names host_keys{"dumpdtb",  "rr",        "rrfile",   "rrsnapshot",   "script",    "downscript",
                      "ifname",   "helper",    "br",       "fd",           "fds",       "vhostfd",
                      "vhostfds", "hostdev",   "sysfsdev", "rootdir",      "evdev",     "hidraw",
                      "logfile",  "logappend", "tftp",     "smb",          "smbserver", "hostfwd",
                      "guestfwd", "bootfile",  "mem-path", "tls-creds",    "host",      "hostbus",
                      "hostaddr", "hostport",  "fsdev",    "chardev-path", "socket",    "firmware-log"};

struct Field {
    std::string key;  // empty: a value without a key
    std::string value;
};

/// "a,b=c,,d" -> {"", "a"}, {"b", "c,d"}.
std::vector<Field> split_fields(std::string_view text) {
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
        if (equal == std::string::npos) {
            fields.push_back({"", part});
        } else {
            fields.push_back({part.substr(0, equal), part.substr(equal + 1)});
        }
    }
    return fields;
}

std::string value_of(const std::vector<Field>& fields, std::string_view key, bool first_is_it = false) {
    if (first_is_it && !fields.empty() && fields.front().key.empty()) return fields.front().value;
    for (const auto& field : fields) {
        if (field.key == key) return field.value;
    }
    return {};
}

/// Decides about one option and its value. Reasons are sentences without a subject: "reaches a host device".
class Judge {
public:
    explicit Judge(const fs::path& folder) : folder_{fs::weakly_canonical(folder)} {}

    std::optional<std::string> refuse(std::string_view option, const std::string& value) const {
        const auto known = allowed_options.find(option);
        if (known == allowed_options.end()) return "is not among the options that jobs may use";
        switch (known->second) {
            case Kind::flag:
            case Kind::any:
                return std::nullopt;
            case Kind::path:
                // A list of modules ("-initrd a,b") would hide its second file.
                if (value.find(',') != std::string::npos) return "names a file with a comma";
                return option == "bios" && is_bare_name(value) ? std::nullopt : path(value);
            case Kind::fields:
                return fields(split_fields(value));
            case Kind::drive:
                return keyed(split_fields(value), drive_keys, "format");
            case Kind::blockdev:
                return blockdev(value);
            case Kind::device:
                return device(value);
            case Kind::net:
            case Kind::netdev:
                return net(split_fields(value));
            case Kind::serial:
                return serial(value);
            case Kind::nothing:
                return nothing(value);
            case Kind::chardev:
                return chardev(split_fields(value));
            case Kind::object:
                return object(split_fields(value));
            case Kind::usbdevice:
                if (value == "tablet" || value == "mouse" || value == "keyboard") return std::nullopt;
                return "reaches a host device";
        }
        return "is unknown";
    }

    static bool takes_value(std::string_view option) {
        const auto known = allowed_options.find(option);
        return known == allowed_options.end() || known->second != Kind::flag;
    }

    /// A file that QEMU opens: inside the job, and no block-layer protocol ("nbd:", "json:", "fat:").
    std::optional<std::string> path(const std::string& value) const {
        if (value.starts_with('{') && value.find('/') == std::string::npos && value.find(':') == std::string::npos) {
            return std::nullopt;  // a placeholder that is still to be filled
        }
        if (value.substr(0, value.find('/')).find(':') != std::string::npos) return "is no plain file name";
        const auto full = fs::weakly_canonical(folder_ / value);
        const auto [end, rest] = std::mismatch(folder_.begin(), folder_.end(), full.begin(), full.end());
        if (end != folder_.end()) return "names a file outside of the job";
        return std::nullopt;
    }

private:
    /// A firmware that comes with QEMU: "OVMF.fd", "none".
    static bool is_bare_name(const std::string& value) {
        return value.find('/') == std::string::npos && value.find(':') == std::string::npos;
    }

    std::optional<std::string> field(const Field& field) const {
        if (host_keys.contains(field.key)) return "has the key '" + field.key + "', which reaches the host";
        const bool file = field.key == "file" || field.key.ends_with(".file") || field.key.ends_with("filename") ||
                          field.key == "romfile" || field.key == "path" || field.key == "splash";
        if (file || field.value.find('/') != std::string::npos) return path(field.value);
        return std::nullopt;
    }

    std::optional<std::string> fields(const std::vector<Field>& list) const {
        for (const auto& each : list) {
            if (auto reason = field(each)) return reason;
        }
        return std::nullopt;
    }

    std::optional<std::string> keyed(const std::vector<Field>& list, const Names& keys, std::string_view format) const {
        for (const auto& each : list) {
            if (each.value.empty() && each.key.empty()) continue;  // a comma too many
            if (!keys.contains(each.key)) return "has the key '" + each.key + "', which jobs may not use";
            if (each.key == format && !image_formats.contains(each.value))
                return "has a format other than raw and qcow2";
            if (auto reason = field(each)) return reason;
        }
        return std::nullopt;
    }

    std::optional<std::string> blockdev(const std::string& value) const {
        if (value.starts_with('{')) return "is in JSON form, which is not checked";
        const auto list = split_fields(value);
        for (const auto& each : list) {
            const bool driver = each.key == "driver" || each.key == "file.driver";
            if (driver && each.value != "file" && !image_formats.contains(each.value)) {
                return "has a driver other than raw, qcow2 and file";
            }
            // Of `file` only the name of another node is allowed; a file is named by filename.
        }
        return keyed(list, blockdev_keys, "format");
    }

    std::optional<std::string> device(const std::string& value) const {
        if (value.starts_with('{')) return "is in JSON form, which is not checked";
        const auto list = split_fields(value);
        const auto model = value_of(list, "driver", true);
        for (const std::string_view prefix : host_devices) {
            if (model.starts_with(prefix)) return "reaches a host device";
        }
        return fields(list);
    }

    std::optional<std::string> net(const std::vector<Field>& list) const {
        const auto type = value_of(list, "type", true);
        if (type == "none") return std::nullopt;
        if (type == "nic" || type == "hubport") return fields(list);
        if (type != "user") return "connects to the host's network other than as 'user'";
        for (std::size_t i = 1; i < list.size(); ++i) {
            if (!user_net_keys.contains(list[i].key) && !(list[i].key.empty() && list[i].value.empty())) {
                return "has the key '" + list[i].key + "', which reaches the host";
            }
        }
        return std::nullopt;
    }

    static std::optional<std::string> serial(const std::string& value) {
        if (value == "stdio" || value == "mon:stdio" || value == "none" || value == "null") return std::nullopt;
        if (value.starts_with("chardev:")) return std::nullopt;  // the character device is judged where it is made
        return "is a line other than stdio, null and none";
    }

    static std::optional<std::string> nothing(const std::string& value) {
        const auto first = value.substr(0, value.find(','));
        if (first == "none" || first == "null" || first == "driver=none") return std::nullopt;
        return "is something other than none";
    }

    static std::optional<std::string> chardev(const std::vector<Field>& list) {
        const auto backend = value_of(list, "backend", true);
        if (backend == "patchbay-qmp" || value_of(list, "id") == "patchbay-qmp") return "takes a name of ours";
        if (backend != "stdio" && backend != "null" && backend != "ringbuf")
            return "is a line other than stdio and null";
        for (const auto& each : list) {
            if (each.key == "logfile" || each.key == "path") return "writes a file";
        }
        return std::nullopt;
    }

    std::optional<std::string> object(const std::vector<Field>& list) const {
        const auto type = value_of(list, "qom-type", true);
        if (!harmless_objects.contains(type)) return "is an object that jobs may not make";
        if (type == "rng-random") {
            const auto source = value_of(list, "filename");
            return source.empty() || random_sources.contains(source) ? std::nullopt
                                                                     : std::optional<std::string>{"names a host file"};
        }
        return fields(list);
    }

    fs::path folder_;
};

[[noreturn]] void refuse_all(const std::string& reasons) {
    throw JobError{"the job gives QEMU arguments that this lab does not allow: " + reasons +
                   "; the lab's owner can allow them with 'trusted_jobs: true' for this device"};
}

std::string strip_dashes(const std::string& word) { return word.substr(word.starts_with("--") ? 2 : 1); }

}  // namespace

std::vector<std::string> check_qemu_arguments(std::vector<std::string> words, const fs::path& job_folder) {
    const Judge judge{job_folder};
    std::string reasons;
    const auto add = [&reasons](const std::string& words_of_it, const std::string& reason) {
        reasons += (reasons.empty() ? "" : ", ") + ("'" + words_of_it + "' " + reason);
    };
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (!words[i].starts_with('-') || words[i].size() < 2) {
            if (const auto reason = judge.path(words[i])) add(words[i], *reason);  // a disk without an option
            continue;
        }
        const auto option = strip_dashes(words[i]);
        const bool has_value = Judge::takes_value(option) && i + 1 < words.size();
        const std::string value = has_value ? words[i + 1] : "";
        if (const auto reason = judge.refuse(option, value)) add(words[i] + (has_value ? " " + value : ""), *reason);
        if (option == "serial" && value == "mon:stdio") words[i + 1] = "stdio";
        if (has_value) ++i;
    }
    if (!reasons.empty()) refuse_all(reasons);
    return words;
}

std::vector<std::string> check_job_pieces(const std::vector<std::string>& pieces, const fs::path& job_folder) {
    std::string line;
    for (const auto& piece : pieces) line += piece + " ";
    check_qemu_arguments(split_command_line(line), job_folder);
    auto checked = pieces;
    for (auto& piece : checked) {
        constexpr std::string_view shared = "mon:stdio";
        if (const auto at = piece.find(shared); at != std::string::npos) piece.replace(at, shared.size(), "stdio");
    }
    return checked;
}

void check_qemu_value(std::string_view option, const std::string& value, const fs::path& job_folder) {
    if (const auto reason = Judge{job_folder}.refuse(option, value)) {
        refuse_all("'-" + std::string{option} + " " + value + "' " + *reason);
    }
}

}  // namespace patchbay
