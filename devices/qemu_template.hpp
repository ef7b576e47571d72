// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "core/config/value.hpp"

namespace patchbay {

/// The rendered device file of a QEMU machine: what LAVA makes of `qemu.jinja2` with a device's variables and a job's
/// context, plus our `driver` and `driver_options`. docs/drivers/qemu.md lists the variables.
///
/// A variable of the device wins over the same one of the context, except that the context chooses `arch` of a device
/// that has none, and wins for what LAVA gives to jobs: cpu, machine, memory, model, netdevice, serial, vga, no_kvm,
/// no_network, guestfs_*, boot_console, boot_root, extra_options, *_character_delay, *_retry, kernel_start_message,
/// lava_test_results_dir. So a lab's `memory: 512` is a default that a job may raise; `fixed: [memory]` keeps it.
/// The context can neither choose a program nor reach the host (devices/qemu_arguments.hpp).
///
/// `job_folder`: where files named by extra_options may lie.
/// Throws: JobError (the context asks for what it may not, or for an unknown architecture), ConfigurationError (the
/// device's own variables are wrong).
config::Map render_qemu(const config::Map& variables, const config::Map& context, const std::string& name,
                        const std::string& device_type, const std::filesystem::path& job_folder = "/nonexistent");

}  // namespace patchbay
