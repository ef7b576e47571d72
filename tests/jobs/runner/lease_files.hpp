// SPDX-License-Identifier: Apache-2.0
#pragma once
// A lease's folder as the daemon makes it.

#include <filesystem>
#include <string>

#include "core/config/yaml.hpp"
#include "devices/qemu_template.hpp"
#include "jobs/runner/runner.hpp"
#include "tests/jobs/journal/temporary_folder.hpp"

namespace patchbay {

inline const std::string passing_job =
    "job_name: nothing to do\ntimeouts: {job: {minutes: 1}}\nactions:\n- command: {name: hello}\n";

/// The device has a user command `hello`, which is `hello`.
inline void write_lease(const std::filesystem::path& folder, const std::filesystem::path& state,
                        const std::string& job = passing_job, const std::string& hello = "echo hello") {
    std::filesystem::create_directories(folder);
    write_file(folder / "lease.json",
               R"({"lease": 7, "job": 42, "display_id": "42", "device": "qemu-01", "fence": 12, "later": true})");
    write_file(folder / "job.yaml", job);
    const config::Map context{{"arch", "x86_64"}};
    auto device = render_qemu({}, context, "qemu-01", "qemu");
    auto* commands = device.find("commands");
    if (!commands || !commands->as_map()) commands = &device.set("commands", config::Map{});
    const config::Map command{{"do", hello}};
    const config::Map users{{"hello", command}};
    commands->as_map()->set("users", users);
    write_file(folder / "device.yaml", config::dump_yaml(device));
    write_file(folder / "runner.yaml", "state_dir: " + state.string() + "\ncache_dir: " + (state / "cache").string() +
                                           "\nallowed_file_paths: [/srv/images]\nversion: '9.9'\n");
}

/// Gives the device a command of this name, as power_off.
inline void set_command(const std::filesystem::path& folder, const std::string& name, const std::string& command) {
    auto device = config::parse_yaml(read_file(folder / "device.yaml"));
    device.as_map()->find("commands")->as_map()->set(name, command);
    write_file(folder / "device.yaml", config::dump_yaml(device));
}

/// The same job with the arguments of lava-run.
inline LavaRun lava_run_of(const std::filesystem::path& lease, const std::filesystem::path& output) {
    LavaRun options;
    options.job_id = "42";
    options.output_dir = output;
    options.device = lease / "device.yaml";
    options.dispatcher = lease / "runner.yaml";
    options.definition = lease / "job.yaml";
    return options;
}

}  // namespace patchbay
