// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/device_types.hpp"

#include <algorithm>

#include "daemon/store/bound_filter.hpp"
#include "daemon/store/owned_by_file.hpp"

namespace patchbay {
namespace {

constexpr auto type_columns =
    "SELECT device_type.name, device_type.description, device_type.architecture, device_type.display, "
    "device_type.health_frequency, device_type.health_denominator, device_type.disable_health_check FROM device_type "
    "WHERE ";

/// Each property with its column, and what it is when nobody says anything.
template <class Fn>
void for_each_property(const DeviceTypeProperties& properties, Fn fn) {
    fn(std::string{"description"}, properties.description, std::string{});
    fn(std::string{"display"}, properties.display, true);
    fn(std::string{"health_frequency"}, properties.health_frequency, 24);
    fn(std::string{"health_denominator"}, properties.health_denominator, HealthDenominator::hours);
    fn(std::string{"disable_health_check"}, properties.disable_health_check, false);
}

bool names(const std::string& configured, const std::string& column) {
    return ("," + configured + ",").find("," + column + ",") != std::string::npos;
}

template <class T>
void set(Database& db, const std::string& type, const std::string& column, const T& value) {
    db.change("UPDATE device_type SET " + column + " = $1 WHERE name = $2", value, type);
}

DeviceTypeRow read_type(const Statement& row, Database& db) {
    DeviceTypeRow type;
    type.name = row.text(0);
    type.description = row.text(1);
    type.architecture = row.text(2);
    type.display = row.integer(3) != 0;
    type.health_frequency = static_cast<int>(row.integer(4));
    type.health_denominator = static_cast<HealthDenominator>(row.integer(5));
    type.disable_health_check = row.integer(6) != 0;
    auto aliases = db.run("SELECT name FROM device_type_alias WHERE device_type = $1 ORDER BY name", type.name);
    while (aliases->step()) type.aliases.emplace_back(aliases->text(0));
    return type;
}

std::string configured_columns(Database& db, const std::string& type) {
    auto row = db.run("SELECT configured FROM device_type WHERE name = $1", type);
    return row->step() ? std::string{row->text(0)} : std::string{};
}

std::string where_in_file(const std::string& type) { return "device_types." + type; }

}  // namespace

void DeviceTypes::configure(const std::vector<ConfiguredDeviceType>& types) {
    for (const auto& type : types)
        db_.change("INSERT INTO device_type (name) VALUES ($1) ON CONFLICT DO NOTHING", type.name);
    Query all;
    all.limit = -1;
    for (const auto& stored : list(all)) {
        const auto entry = std::ranges::find(types, stored.name, &ConfiguredDeviceType::name);
        const auto before = configured_columns(db_, stored.name);
        std::string now;
        for_each_property(entry == types.end() ? DeviceTypeProperties{} : entry->properties,
                          [&](const std::string& column, const auto& value, const auto& otherwise) {
                              if (value) {
                                  set(db_, stored.name, column, *value);
                                  now += (now.empty() ? "" : ",") + column;
                              } else if (names(before, column)) {
                                  set(db_, stored.name, column, otherwise);
                              }
                          });
        set(db_, stored.name, "configured", now);
    }
    constexpr auto alias_sql = R"sql(
        INSERT INTO device_type_alias (name, device_type, configured) VALUES ($1, $2, 1)
        ON CONFLICT (name) DO UPDATE SET device_type = excluded.device_type, configured = 1
    )sql";
    db_.change("DELETE FROM device_type_alias WHERE configured = 1");
    for (const auto& type : types)
        for (const auto& alias : type.aliases) db_.change(alias_sql, alias, type.name);
}

std::optional<DeviceTypeRow> DeviceTypes::find(const std::string& name) {
    static const auto sql = std::string{type_columns} + "device_type.name = $1";
    auto row = db_.run(sql, name);
    if (!row->step()) return std::nullopt;
    return read_type(*row, db_);
}

std::vector<DeviceTypeRow> DeviceTypes::list(const Query& query, const NameSet& hidden) {
    BoundFilter bound;
    add_visible(bound, hidden, "device_type.name");
    bound.add(query.conditions);
    auto rows = bound.page(db_, type_columns + bound.where + " ORDER BY device_type.name", query);
    std::vector<DeviceTypeRow> types;
    while (rows->step()) types.push_back(read_type(*rows, db_));
    return types;
}

std::int64_t DeviceTypes::count(const Query& query, const NameSet& hidden) {
    BoundFilter bound;
    add_visible(bound, hidden, "device_type.name");
    bound.add(query.conditions);
    auto row = bound.prepare(db_, "SELECT COUNT(*) FROM device_type WHERE " + bound.where);
    return row->step() ? row->integer(0) : 0;
}

bool DeviceTypes::add(const std::string& name, const DeviceTypeProperties& properties) {
    if (resolve(name)) return false;
    db_.change("INSERT INTO device_type (name) VALUES ($1)", name);
    return update(name, properties);
}

bool DeviceTypes::update(const std::string& name, const DeviceTypeProperties& properties) {
    if (!find(name)) return false;
    const auto configured = configured_columns(db_, name);
    for_each_property(properties, [&](const std::string& column, const auto& value, const auto&) {
        if (!value) return;
        if (names(configured, column))
            throw OwnedByFile{column + " of device type '" + name + "'", where_in_file(name) + "." + column};
        set(db_, name, column, *value);
    });
    return true;
}

bool DeviceTypes::remove(const std::string& name) {
    if (!find(name)) return false;
    auto devices = db_.run("SELECT hostname FROM device WHERE device_type = $1 ORDER BY hostname LIMIT 1", name);
    if (devices->step())
        throw JobError{"device type '" + name + "' has devices, such as " + std::string{devices->text(0)} +
                       "; it can go when none is left"};
    devices.reset();
    auto configured = db_.run("SELECT name FROM device_type_alias WHERE device_type = $1 AND configured = 1", name);
    if (configured->step() || !configured_columns(db_, name).empty())
        throw OwnedByFile{"device type '" + name + "'", where_in_file(name)};
    configured.reset();
    db_.change("DELETE FROM device_type WHERE name = $1", name);
    return true;
}

std::optional<std::string> DeviceTypes::resolve(const std::string& name) {
    auto type = db_.run("SELECT name FROM device_type WHERE name = $1", name);
    if (type->step()) return name;
    if (const auto known = alias(name)) return known->device_type;
    return std::nullopt;
}

std::optional<AliasRow> DeviceTypes::alias(const std::string& name) {
    auto row = db_.run("SELECT device_type FROM device_type_alias WHERE name = $1", name);
    if (!row->step()) return std::nullopt;
    return AliasRow{name, std::string{row->text(0)}};
}

std::vector<AliasRow> DeviceTypes::aliases(const Query& query, const NameSet& hidden) {
    BoundFilter bound;
    add_visible(bound, hidden, "device_type");
    bound.add(query.conditions);
    auto rows = bound.page(db_,
                           "SELECT name, device_type FROM device_type_alias WHERE " + bound.where + " ORDER BY " +
                               order_sql(query.ordering, "name"),
                           query);
    std::vector<AliasRow> aliases;
    while (rows->step()) aliases.push_back({std::string{rows->text(0)}, std::string{rows->text(1)}});
    return aliases;
}

std::int64_t DeviceTypes::count_aliases(const Query& query, const NameSet& hidden) {
    BoundFilter bound;
    add_visible(bound, hidden, "device_type");
    bound.add(query.conditions);
    auto row = bound.prepare(db_, "SELECT COUNT(*) FROM device_type_alias WHERE " + bound.where);
    return row->step() ? row->integer(0) : 0;
}

bool DeviceTypes::add_alias(const AliasRow& alias) {
    if (resolve(alias.name)) return false;
    db_.change("INSERT INTO device_type_alias (name, device_type) VALUES ($1, $2)", alias.name, alias.device_type);
    return true;
}

bool DeviceTypes::move_alias(const AliasRow& alias) {
    refuse_configured_alias(alias.name);
    return db_.change("UPDATE device_type_alias SET device_type = $1 WHERE name = $2", alias.device_type, alias.name) ==
           1;
}

bool DeviceTypes::remove_alias(const std::string& name) {
    refuse_configured_alias(name);
    return db_.change("DELETE FROM device_type_alias WHERE name = $1", name) == 1;
}

void DeviceTypes::refuse_configured_alias(const std::string& name) {
    auto row = db_.run("SELECT device_type FROM device_type_alias WHERE name = $1 AND configured = 1", name);
    if (row->step()) throw OwnedByFile{"alias '" + name + "'", where_in_file(std::string{row->text(0)}) + ".aliases"};
}

}  // namespace patchbay
