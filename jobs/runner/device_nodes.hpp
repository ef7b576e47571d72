// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace patchbay {

/// One device of lab.yaml, and the nodes that its runner needs at this moment.
struct DeviceNodes {
    std::string device;
    std::vector<std::filesystem::path> nodes;  ///< below root's /dev, links resolved; only those that are there
};

/// Every device of the file whose jobs run on this machine. `root` is "/", or a tree of a test.
/// Throws: ConfigurationError with every problem of the file; a device that cannot be described has only its `nodes`.
std::vector<DeviceNodes> device_nodes(const std::filesystem::path& lab_file, const std::filesystem::path& root = "/");

}  // namespace patchbay
