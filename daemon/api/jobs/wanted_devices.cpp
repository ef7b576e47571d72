// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/jobs/wanted_devices.hpp"

#include <algorithm>

#include "core/config/value.hpp"
#include "daemon/api/jobs/submission.hpp"
#include "daemon/store/device_types.hpp"
#include "daemon/store/devices.hpp"

namespace patchbay {
namespace {

SubmissionRefused unavailable(const std::string& text) {
    return {SubmissionRefused::Reason::devices_unavailable, text};
}

Query devices_with(const std::string& type, const std::vector<TagId>& tags) {
    static const auto type_filter = *find_filter(QueryList::devices, "device_type");
    static const auto tag_filter = *find_filter(QueryList::devices, "tags");
    Query query;
    query.limit = -1;
    query.conditions.push_back({type_filter.field, Lookup::exact, {type}, false, {}});
    for (const auto tag : tags) query.conditions.push_back({tag_filter.field, Lookup::exact, {tag.value}, false, {}});
    return query;
}

bool any_device(Database& db, const std::string& type, const std::vector<TagId>& tags) {
    auto query = devices_with(type, tags);
    query.limit = 1;
    return !Devices{db}.list(query).empty();
}

/// "['a', 'b']": those that the submitter sees.
std::string pool(Database& db, const std::string& type, const UserRow& submitter) {
    config::List names;
    const auto hidden = viewer_of(db, submitter).hidden_devices;
    for (const auto& device : Devices{db}.list(devices_with(type, {}), false, hidden))
        names.emplace_back(device.hostname);
    return config::python_repr(config::Value{std::move(names)});
}

std::string names_of(Database& db, const std::vector<TagId>& tags) {
    std::string names;
    for (const auto tag : tags) names += (names.empty() ? "" : ", ") + Devices{db}.tag(tag)->name;
    return names;
}

}  // namespace

WantedDevices::WantedDevices(Database& db, const std::string& asked_for, const UserRow& submitter)
    : db_{db}, rights_{db, submitter} {
    const auto resolved = DeviceTypes{db_}.resolve(asked_for);
    if (!resolved) throw unavailable("Device type '" + asked_for + "' is unavailable.");
    type_ = *resolved;
    if (!rights_.on_type(Permission::view, type_))
        throw unavailable("Device type '" + asked_for + "' is unavailable to user '" + submitter.name + "'");
    if (!any_device(db_, type_, {})) throw unavailable("No devices of type " + type_ + " are available.");
    if (!any_usable({})) {
        throw unavailable("No devices from " + pool(db_, type_, submitter) + " pool are currently available to user " +
                          submitter.name);
    }
}

void WantedDevices::check_tags(const std::vector<TagId>& tags) const {
    if (tags.empty() || any_usable(tags)) return;
    throw unavailable("No devices of type " + type_ + " are available which have all of the tags '" +
                      names_of(db_, tags) + "'.");
}

bool WantedDevices::any_usable(const std::vector<TagId>& tags) const {
    if (!Rights::any_submission_restricted(db_, type_)) return any_device(db_, type_, tags);
    return !usable(tags).empty();
}

std::vector<DeviceRow> WantedDevices::usable(const std::vector<TagId>& tags) const {
    auto devices = Devices{db_}.list(devices_with(type_, tags));
    const auto closed = rights_.closed_devices(type_);
    std::erase_if(devices, [&](const DeviceRow& device) { return closed.contains(device.hostname); });
    return devices;
}

}  // namespace patchbay
