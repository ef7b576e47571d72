// SPDX-License-Identifier: Apache-2.0
#pragma once
// Device types and their aliases. What the lab's configuration file says about a type is the file's; all else can be
// changed while the daemon runs, and stays.

#include <optional>
#include <string>
#include <vector>

#include "daemon/store/database.hpp"
#include "daemon/store/query.hpp"
#include "daemon/store/rows.hpp"
#include "daemon/store/viewer.hpp"

namespace patchbay {

struct DeviceTypeRow {
    std::string name;
    std::string description;
    std::string architecture;
    bool display = true;  ///< hidden types are not scheduled, as in LAVA
    int health_frequency = 24;
    HealthDenominator health_denominator = HealthDenominator::hours;  ///< unit of health_frequency
    bool disable_health_check = false;
    std::vector<std::string> aliases;
};

/// What may be said about a type. What is not set stays as it is.
struct DeviceTypeProperties {
    std::optional<std::string> description;
    std::optional<bool> display;
    std::optional<int> health_frequency;
    std::optional<HealthDenominator> health_denominator;
    std::optional<bool> disable_health_check;
};

struct ConfiguredDeviceType {
    std::string name;
    DeviceTypeProperties properties;
    std::vector<std::string> aliases;
};

struct AliasRow {
    std::string name;
    std::string device_type;
};

class DeviceTypes {
public:
    explicit DeviceTypes(Database& db) : db_{db} {}

    /// Brings in what the configuration says now, and takes back what it said before: a property is then again what
    /// nobody said, a configured alias is gone.
    void configure(const std::vector<ConfiguredDeviceType>& types);

    std::optional<DeviceTypeRow> find(const std::string& name);
    /// `hidden`: without these types, also for their aliases.
    std::vector<DeviceTypeRow> list(const Query& query, const NameSet& hidden = {});
    std::int64_t count(const Query& query, const NameSet& hidden = {});

    /// A type that no device has so far. False: there is one of this name, or an alias.
    bool add(const std::string& name, const DeviceTypeProperties& properties);
    /// False: no such type. Throws: OwnedByFile.
    bool update(const std::string& name, const DeviceTypeProperties& properties);
    /// False: no such type. Throws: JobError, it has devices; OwnedByFile.
    bool remove(const std::string& name);

    /// The type that a job means by `name`: a type's own name goes before an alias.
    std::optional<std::string> resolve(const std::string& name);
    std::optional<AliasRow> alias(const std::string& name);
    std::vector<AliasRow> aliases(const Query& query, const NameSet& hidden = {});
    std::int64_t count_aliases(const Query& query, const NameSet& hidden = {});
    /// False: another alias, or a type, is called so.
    bool add_alias(const AliasRow& alias);
    /// Gives an alias to another type. False: no such alias. Throws: OwnedByFile.
    bool move_alias(const AliasRow& alias);
    bool remove_alias(const std::string& name);

private:
    void refuse_configured_alias(const std::string& name);

    Database& db_;
};

}  // namespace patchbay
