// SPDX-License-Identifier: Apache-2.0
#pragma once
// Pure: what a job's context may make of a device.

#include <filesystem>
#include <string>

#include "core/config/value.hpp"

namespace patchbay {

/// Templates splice a context's texts into YAML and into options without quotes, so a text may be more than the value
/// that it is meant to be. Refused are texts with line breaks or other control characters.
/// Throws: JobError.
void check_context(const config::Map& context, const std::string& device);

/// `plain`: the device file without the context, `job`: with it. A context may change how the device is deployed to and
/// booted; not what the lab's host runs for it (programmers, fastboot, flashers and containers among them), nor which
/// device it is. What it gives to QEMU is judged as for machines
/// of lab.yaml (devices/qemu_arguments.hpp), unless the device file says `driver_options: {trusted_jobs: true}`.
/// Throws: JobError.
config::Value accept_context(const config::Value& plain, config::Value job, const std::string& device,
                             const std::filesystem::path& job_folder);

}  // namespace patchbay
