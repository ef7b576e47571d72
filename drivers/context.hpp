// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "core/process/scope.hpp"

namespace patchbay {

/// What a driver gets beside the device's description.
struct DriverContext {
    asio::any_io_executor executor;
    /// Every process that a driver starts is started in it.
    std::shared_ptr<ProcessScope> scope;
    /// The lease's own folder: what a job's arguments may name, and where programs run.
    std::filesystem::path job_folder;
    /// Where facts about this machine are remembered between leases (kvm-verdict, qemu-versions). Empty: the user's
    /// cache folder.
    std::filesystem::path state_folder;
    /// What whoever has the lease should read: an adapter that went and came back, a switch that cannot be read back.
    /// May be empty; nothing of it fails.
    std::function<void(const std::string& text)> tell = {};
    /// Where /sys and /dev are looked for. A test gives a tree of its own.
    std::filesystem::path root = "/";
};

}  // namespace patchbay
