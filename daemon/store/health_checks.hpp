// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/store/database.hpp"
#include "daemon/store/jobs.hpp"

namespace patchbay {

/// A job that the lab runs by itself to see whether a device works.
struct HealthCheck {
    std::string device_type;
    std::string device;  ///< empty: all devices of the type
    NewJob job;          ///< without submitter and device type
};

/// The jobs are kept ready to be stored: what can be wrong with a definition is found when it is set.
class HealthChecks {
public:
    explicit HealthChecks(Database& db) : db_{db} {}

    /// Those of the configuration file become these; what was set at run time gives way to them.
    void configure(const std::vector<HealthCheck>& checks);
    /// For all devices of a type that has none of the file. Throws: OwnedByFile.
    void set(const HealthCheck& check);

    std::optional<HealthCheck> of_type(const std::string& device_type);
    /// The device's own, else that of its type.
    std::optional<HealthCheck> of_device(const std::string& device_type, const std::string& device);
    /// Does such a check decide about this device? Not when those of its type are disabled.
    bool decides(const std::string& device_type, const std::string& device);

private:
    void store(const HealthCheck& check, bool configured);

    Database& db_;
};

}  // namespace patchbay
