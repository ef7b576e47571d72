// SPDX-License-Identifier: Apache-2.0
#pragma once
// KernelCI's PULL_LABS jobs: JSON that names artifacts and tests, and a platform (kernelci-core,
// config/runtime/base/pull_labs.jinja2).

#include <string>
#include <vector>

#include "jobs/portable/portable_job.hpp"

namespace patchbay {

bool is_pull_lab(const config::Value& document);

/// The same job as a portable one: the platform is where it runs, `boot` becomes a test of the booted system, `ltp` and
/// `kselftest-*` are Linaro's test definitions, the callback LAVA's `notify`.
/// Checksums under `integrity` are those of the downloads. `unused` gets a line for each thing that it says and nothing
/// here reads.
/// Throws: ConfigurationError with every problem; a type of test that is not known here is one.
PortableJob read_pull_lab(const config::Value& document, const std::string& file, std::vector<std::string>& unused);

}  // namespace patchbay
