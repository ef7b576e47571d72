// SPDX-License-Identifier: Apache-2.0
#pragma once
// The options of QEMU that jobs may use, and what is looked at in each. Data only; devices/qemu_judge.hpp decides.

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::qemu {

using Names = std::set<std::string, std::less<>>;

enum class Kind {
    unknown,  ///< not for jobs
    flag,     ///< takes no value
    any,      ///< the guest's business
    path,     ///< one file
    fields,   ///< key=value list; no field may point out of the job
    drive,
    blockdev,
    device,
    net,
    serial,
    nothing,  ///< only "none" and its like
    chardev,
    object,
    usbdevice,
};

/// `option` without its dashes.
Kind kind_of(std::string_view option);
/// The key that a first value without one belongs to: "driver" for -device; empty when the option has none.
std::string_view implied_key(std::string_view option);

struct Field {
    std::string key;
    std::string value;
};
/// "a,b=c,,d" -> {implied, "a"}, {"b", "c,d"}. A later part without a key is a switch: its key is empty.
std::vector<Field> split_fields(std::string_view text, std::string_view implied = {});
/// Empty when the key is not there.
std::string value_of(const std::vector<Field>& fields, std::string_view key);

extern const Names drive_keys, blockdev_keys, image_formats, user_net_keys, harmless_objects, random_sources;
/// Keys whose values name things of the host, whatever they belong to.
extern const Names host_keys;
/// Does this device model reach through to the host?
bool is_host_device(std::string_view model);

}  // namespace patchbay::qemu
