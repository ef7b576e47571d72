// SPDX-License-Identifier: Apache-2.0
#include "devices/qemu_judge.hpp"

#include <algorithm>

namespace patchbay::qemu {
namespace {

using Reason = std::optional<std::string>;

/// A firmware that comes with QEMU: "OVMF.fd", "none".
bool is_bare_name(const std::string& value) { return value.find_first_of("/:") == std::string::npos; }

/// A placeholder that is still to be filled: "{kernel}".
bool is_placeholder(const std::string& value) { return value.starts_with('{') && is_bare_name(value); }

Reason given_twice(const std::vector<Field>& list) {
    // QEMU collects the first three; the template's own address follows a job's.
    static const Names repeatable{"cpus", "dnssearch", "value", "macaddr"};
    Names seen;
    for (const auto& each : list) {
        if (each.key.empty() || repeatable.contains(each.key)) continue;
        if (!seen.insert(each.key).second) return "gives the key '" + each.key + "' twice";
    }
    return std::nullopt;
}

Reason serial(const std::string& value) {
    if (value == "stdio" || value == "mon:stdio" || value == "none" || value == "null") return std::nullopt;
    if (value.starts_with("chardev:")) return std::nullopt;  // the character device is judged where it is made
    return "is a line other than stdio, null and none";
}

Reason nothing(const std::vector<Field>& list) {
    const bool none = !list.empty() && (list.front().value == "none" || list.front().value == "null");
    if (none && (list.size() == 1 || (list.size() == 2 && list.back().key == "id"))) return std::nullopt;
    return "is something other than none";
}

Reason chardev(const std::vector<Field>& list) {
    const auto backend = value_of(list, "backend");
    if (backend == "patchbay-qmp" || value_of(list, "id") == "patchbay-qmp") return "takes a name of ours";
    if (backend != "stdio" && backend != "null" && backend != "ringbuf") return "is a line other than stdio and null";
    for (const auto& each : list) {
        if (each.key == "logfile" || each.key == "path") return "writes a file";
    }
    return std::nullopt;
}

}  // namespace

Reason Judge::refuse(std::string_view option, const std::string& value) const {
    const auto kind = kind_of(option);
    switch (kind) {
        case Kind::unknown:
            return "is not among the options that jobs may use";
        case Kind::flag:
        case Kind::any:
            return std::nullopt;
        case Kind::path:
            // A list of modules ("-initrd a,b") would hide its second file.
            if (value.find(',') != std::string::npos) return "names a file with a comma";
            return option == "bios" && is_bare_name(value) ? std::nullopt : path(value);
        case Kind::serial:
            return serial(value);
        case Kind::usbdevice:
            if (value == "tablet" || value == "mouse" || value == "keyboard") return std::nullopt;
            return "reaches a host device";
        default:
            break;
    }
    if (value.starts_with('{') && !is_placeholder(value)) return "is in JSON form, which is not checked";
    const auto list = split_fields(value, implied_key(option));
    if (auto twice = given_twice(list)) return twice;
    switch (kind) {
        case Kind::drive:
            return keyed(list, drive_keys);
        case Kind::blockdev:
            return blockdev(list);
        case Kind::device:
            return is_host_device(value_of(list, "driver")) ? "reaches a host device" : fields(list);
        case Kind::net:
            return net(list);
        case Kind::nothing:
            return nothing(list);
        case Kind::chardev:
            return chardev(list);
        case Kind::object:
            return object(list);
        default:
            return fields(list);
    }
}

Reason Judge::path(const std::string& value) const {
    if (is_placeholder(value)) return std::nullopt;
    if (value.substr(0, value.find('/')).find(':') != std::string::npos) return "is no plain file name";
    const auto full = std::filesystem::weakly_canonical(folder_ / value);
    const auto [end, rest] = std::mismatch(folder_.begin(), folder_.end(), full.begin(), full.end());
    if (end != folder_.end()) return "names a file outside of the job";
    return std::nullopt;
}

Reason Judge::field(const Field& field) const {
    if (host_keys.contains(field.key)) return "has the key '" + field.key + "', which reaches the host";
    const bool file = field.key == "file" || field.key.ends_with(".file") || field.key.ends_with("filename") ||
                      field.key == "romfile" || field.key == "path" || field.key == "splash";
    if (file || field.value.find('/') != std::string::npos) return path(field.value);
    return std::nullopt;
}

Reason Judge::fields(const Fields& list) const {
    for (const auto& each : list) {
        if (auto reason = field(each)) return reason;
    }
    return std::nullopt;
}

Reason Judge::keyed(const Fields& list, const Names& keys) const {
    for (const auto& each : list) {
        if (!keys.contains(each.key)) return "has the key '" + each.key + "', which jobs may not use";
        if (each.key == "format" && !image_formats.contains(each.value)) return "has a format other than raw and qcow2";
        if (auto reason = field(each)) return reason;
    }
    return std::nullopt;
}

Reason Judge::blockdev(const Fields& list) const {
    for (const auto& each : list) {
        const bool driver = each.key == "driver" || each.key == "file.driver";
        if (driver && each.value != "file" && !image_formats.contains(each.value)) {
            return "has a driver other than raw, qcow2 and file";
        }
    }
    return keyed(list, blockdev_keys);
}

Reason Judge::net(const Fields& list) const {
    const auto type = value_of(list, "type");
    if (type == "none") return std::nullopt;
    if (type == "nic" || type == "hubport") return fields(list);
    if (type != "user") return "connects to the host's network other than as 'user'";
    for (const auto& each : list) {
        if (each.key != "type" && !user_net_keys.contains(each.key)) {
            return "has the key '" + each.key + "', which reaches the host";
        }
    }
    return std::nullopt;
}

Reason Judge::object(const Fields& list) const {
    const auto type = value_of(list, "qom-type");
    if (!harmless_objects.contains(type)) return "is an object that jobs may not make";
    if (type != "rng-random") return fields(list);
    const auto source = value_of(list, "filename");
    if (source.empty() || random_sources.contains(source)) return std::nullopt;
    return "names a host file";
}

}  // namespace patchbay::qemu
