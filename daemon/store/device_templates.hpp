// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>

#include "daemon/store/database.hpp"

namespace patchbay {

/// LAVA's device files as they were uploaded. They go before the files of the lab.
class DeviceTemplates {
public:
    explicit DeviceTemplates(Database& db) : db_{db} {}

    /// By file name.
    std::map<std::string, std::string> templates();
    std::optional<std::string> find(const std::string& name);
    void set(const std::string& name, const std::string& text);

    /// By device.
    std::map<std::string, std::string> dictionaries();
    std::optional<std::string> dictionary(const std::string& device);
    void set_dictionary(const std::string& device, const std::string& text);
    /// The file of the lab holds again.
    void drop_dictionary(const std::string& device);

private:
    Database& db_;
};

}  // namespace patchbay
