// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a device file says, typed. The file is LAVA's rendered device YAML (spec: "LAVA device configuration",
// section 1); ours adds the keys that are marked so.

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/config/map_reader.hpp"
#include "core/config/value.hpp"
#include "devices/hardware.hpp"

namespace patchbay {

struct CharacterDelays {
    std::chrono::milliseconds deploy{0};
    std::chrono::milliseconds boot{0};
    std::chrono::milliseconds test{0};
};

/// `command: {name: X}` of a job: local commands to run and to undo.
struct UserCommand {
    std::vector<std::string> run;
    std::vector<std::string> undo;
};

struct DeviceDescription {
    std::string name;                      ///< `hostname`
    std::string device_type;               ///< `devicetype`
    std::string driver;                    ///< ours: the machine's; "qemu" where boot method qemu is given, else empty
    config::Map driver_options;            ///< ours: typed by the driver
    std::vector<HardwareEntry> hardware;   ///< ours; and what `commands.connect` says
    std::vector<std::string> fingerprint;  ///< ours: expressions, each in some line that the device says at power-on
    std::vector<std::string> available_architectures;
    CharacterDelays character_delays;
    std::map<std::string, std::chrono::seconds> action_timeouts;      ///< `timeouts.actions`
    std::map<std::string, std::chrono::seconds> connection_timeouts;  ///< `timeouts.connections`
    config::Map constants;                                            ///< nested: constants.posix.lava_test_results_dir
    config::Map deploy_methods;                                       ///< `actions.deploy.methods`
    config::Map deploy_parameters;                                    ///< `actions.deploy.parameters`
    config::Map boot_methods;                                         ///< `actions.boot.methods`
    config::Map parameters;                                           ///< `parameters`
    config::Map environment;                                          ///< exported in tests
    config::List device_info, static_info, storage_info;
    std::map<std::string, UserCommand> commands;       ///< power_off, hard_reset, ...; undo is empty
    std::map<std::string, UserCommand> user_commands;  ///< `commands.users`
    config::Map rendered;                              ///< the whole file: the keys of single methods, such as board_id

    /// constants.<prefix>.<key> or constants.<key>; nullptr when absent. `path` has dots: "posix.lava_test_sh_cmd".
    const config::Value* constant(std::string_view path) const;
};

/// Throws: ConfigurationError listing every problem with its line. `file` is used in the messages only.
DeviceDescription read_device(const config::Value& rendered, const std::string& file);

}  // namespace patchbay
