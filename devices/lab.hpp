// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/config/map_reader.hpp"
#include "core/config/value.hpp"

namespace patchbay {

/// One device of lab.yaml's `devices` list.
struct DeviceEntry {
    std::string name;
    std::string device_type;
    std::string description;
    std::string driver = "qemu";  ///< of a machine; empty for a device that `hardware` or `file` describes
    std::vector<std::string> tags;
    config::Map variables;                 ///< for the driver's template (devices/qemu_template.hpp)
    std::string health_check;              ///< file with a job definition, instead of that of its type
    config::Value hardware;                ///< a board's capabilities (devices/hardware.hpp), as written
    std::vector<std::string> fingerprint;  ///< what its console says at power-on: expressions
    std::string file;                      ///< a rendered LAVA device file, instead of driver and variables
    std::string dictionary;                ///< the file of a LAVA device dictionary, instead of these
    std::vector<std::string> nodes;        ///< below /dev: what its commands use
    std::string worker;                    ///< the machine that runs its jobs; empty: that of the daemon

    bool operator==(const DeviceEntry&) const = default;
};

/// The most that `count` may be: a slip of the finger must not fill a lab.
inline constexpr int most_of_one_entry = 500;

/// Letters, digits, '.', '_', '-', at most 200: what devices and workers may be called.
bool is_device_name(const std::string& name);

/// Reads the list under `devices`. `count: N` makes name-01 … name-NN, each with an own MAC address unless one is
/// given. Problems (wrong types, unknown keys, two devices of one name) are added to the reader's; names are LAVA's:
/// letters, digits, '.', '_', '-'.
std::vector<DeviceEntry> read_lab_devices(config::MapReader& lab, config::Problems& problems);

/// Without a configuration: two virtual machines, qemu-01 and qemu-02, of device type qemu.
std::vector<DeviceEntry> default_lab_devices();

/// What a device of the lab is for a job with this context: the rendered device file.
/// Of an entry with a `file` it is what that file says, under the entry's name.
/// Not of one with a `dictionary` (devices/jinja/device.hpp).
/// Throws: JobError, ConfigurationError; see render_qemu().
config::Value render_device(const DeviceEntry& entry, const config::Map& context,
                            const std::string& job_folder = "/nonexistent");

/// What the entry says itself goes before what its device file says: name, hardware, fingerprint.
void add_own_words(const DeviceEntry& entry, config::Value& rendered);

}  // namespace patchbay
