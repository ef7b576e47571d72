// SPDX-License-Identifier: Apache-2.0
#pragma once
// `attach` of the configuration file: LAVA servers whose jobs our devices run, as their workers do.

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/config/map_reader.hpp"
#include "devices/lab.hpp"

namespace patchbay {

struct AttachSettings {
    std::string name;                            ///< ours for it; what is stored about its jobs goes by it
    std::string server;                          ///< "https://lava.example.com", no slash at the end
    std::string worker;                          ///< the name by which the server knows us
    std::filesystem::path token_file;            ///< of the worker, absolute; empty: we ask the server for one
    std::string user;                            ///< whose jobs they are here
    std::map<std::string, std::string> devices;  ///< the server's name of a device to ours
    int priority = 0;                            ///< of its jobs in our queue
    std::chrono::seconds interval{20};           ///< between two questions for news; that of lava-worker
};

/// Reads the list and reports its problems. `devices`: those of the lab.
std::vector<AttachSettings> read_attach_settings(config::MapReader& lab, const std::vector<DeviceEntry>& devices);

/// The tag that ties a job to this device. Each device that an attachment names has it.
std::string host_tag(const std::string& device);

/// Where the worker's token is: `token_file`, or where the one that the server gave us is kept.
std::filesystem::path token_file_of(const AttachSettings& attach, const std::filesystem::path& state_dir);

/// The secret that lava-worker keeps in such a file. Throws: ConfigurationError naming the file and what is wrong.
std::string read_worker_token(const std::filesystem::path& file);

}  // namespace patchbay
