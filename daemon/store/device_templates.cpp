// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/device_templates.hpp"

namespace patchbay {

namespace {

std::map<std::string, std::string> all_of(StatementHandle row) {
    std::map<std::string, std::string> all;
    while (row->step()) all.emplace(row->text(0), row->text(1));
    return all;
}

}  // namespace

std::map<std::string, std::string> DeviceTemplates::templates() {
    return all_of(db_.run("SELECT name, text FROM device_template"));
}

std::map<std::string, std::string> DeviceTemplates::dictionaries() {
    return all_of(db_.run("SELECT device, text FROM device_dictionary"));
}

std::optional<std::string> DeviceTemplates::find(const std::string& name) {
    auto row = db_.run("SELECT text FROM device_template WHERE name = $1", name);
    return row->step() ? std::optional<std::string>{row->text(0)} : std::nullopt;
}

void DeviceTemplates::set(const std::string& name, const std::string& text) {
    db_.change("INSERT OR REPLACE INTO device_template (name, text) VALUES ($1, $2)", name, text);
}

std::optional<std::string> DeviceTemplates::dictionary(const std::string& device) {
    auto row = db_.run("SELECT text FROM device_dictionary WHERE device = $1", device);
    return row->step() ? std::optional<std::string>{row->text(0)} : std::nullopt;
}

void DeviceTemplates::set_dictionary(const std::string& device, const std::string& text) {
    db_.change("INSERT OR REPLACE INTO device_dictionary (device, text) VALUES ($1, $2)", device, text);
}

void DeviceTemplates::drop_dictionary(const std::string& device) {
    db_.change("DELETE FROM device_dictionary WHERE device = $1", device);
}

}  // namespace patchbay
