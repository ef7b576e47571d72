// SPDX-License-Identifier: Apache-2.0
// From a multinode job to the jobs of its group (lava_scheduler_app/utils.py, split_multinode_yaml).
#include <sys/random.h>

#include <algorithm>
#include <array>
#include <set>

#include "core/config/yaml.hpp"
#include "daemon/api/jobs/submission.hpp"
#include "daemon/schedule/group_decision.hpp"
#include "daemon/store/devices.hpp"
#include "daemon/store/rights.hpp"
#include "daemon/store/tag_set.hpp"
#include "daemon/store/users.hpp"
#include "daemon/store/workers.hpp"
#include "jobs/definition/multinode.hpp"
#include "jobs/definition/submission.hpp"

namespace patchbay {
namespace {

/// A random UUID (RFC 9562, version 4), as LAVA names its groups.
std::string make_uuid() {
    std::array<unsigned char, 16> bytes{};
    // Never short or interrupted for so few bytes.
    if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
        throw StoreError{"the system gives no random numbers"};
    bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0F) | 0x40);
    bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3F) | 0x80);
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
        text += digits[bytes[i] >> 4];
        text += digits[bytes[i] & 0x0F];
    }
    return text;
}

SubmissionRefused bad_data(const std::string& text) { return {SubmissionRefused::Reason::bad_data, text}; }

/// LAVA's runners on other machines find the parts of their group by lava-coordinator, which is not spoken here.
SubmissionRefused on_another_machine(const std::string& what, const std::string& worker) {
    return bad_data(what + " on worker '" + worker +
                    "', another machine, and the parts of a multinode job meet on the lab's own machine only; submit a "
                    "job for each device, or use devices of the lab's machine (docs/multinode.md)");
}

/// LAVA's words for the device and the worker that a role names.
void check_named(const MultinodePart& part, const std::string& device_type, const UserRow& submitter, Database& db) {
    constexpr auto any_sql = "SELECT 1 FROM worker WHERE hostname = $1";
    if (!part.worker.empty() && !db.run(any_sql, part.worker)->step())
        throw bad_data("Worker '" + part.worker + "' does not exist.");
    const auto remote = Workers{db}.remote();
    if (part.device.empty() && remote.contains(part.worker))
        throw on_another_machine("Role '" + part.role + "' would run", part.worker);
    if (part.device.empty()) return;
    const auto device = Devices{db}.find(part.device);
    if (!device || device->health == DeviceHealth::retired || !viewer_of(db, submitter).sees_device(part.device))
        throw bad_data("Device '" + part.device + "' does not exist.");
    if (device->device_type != device_type)
        throw bad_data("Device '" + part.device + "' is not of type '" + device_type + "'.");
    if (!part.worker.empty() && device->worker_host != part.worker)
        throw bad_data("Device '" + part.device + "' is not attached to worker '" + part.worker + "'.");
    if (!Rights{db, submitter}.on_device(Permission::submit, part.device, device_type))
        throw bad_data("You do not have permission to submit jobs to device '" + part.device + "'.");
    if (remote.contains(device->worker_host))
        throw on_another_machine("Device '" + part.device + "' is", device->worker_host);
}

/// The lab must have a device for each part at once that the submitter may use, or the group would wait for ever. Busy
/// and bad ones count.
void check_devices(const NewGroup& group, const UserRow& submitter, Database& db) {
    static const auto type_filter = *find_filter(QueryList::devices, "device_type");
    std::vector<WaitingPart> wanted;
    std::set<std::string> types;
    for (const auto& part : group.parts) {
        wanted.push_back({JobId{},
                          *part.job.requested_device_type,
                          format_tag_set(part.job.tags),
                          {},
                          {},
                          part.device,
                          part.worker});
        types.insert(*part.job.requested_device_type);
    }
    std::vector<FreeDevice> devices;
    std::vector<FreeDevice> elsewhere;
    const auto remote = Workers{db}.remote();
    const Rights rights{db, submitter};
    for (const auto& type : types) {
        const auto closed = rights.closed_devices(type);
        Query query;
        query.limit = -1;
        query.conditions.push_back({type_filter.field, Lookup::exact, {type}, false, {}});
        for (const auto& device : Devices{db}.list(query)) {
            if (closed.contains(device.hostname)) continue;
            auto& of_machine = remote.contains(device.worker_host) ? elsewhere : devices;
            of_machine.push_back({device.hostname, type, format_tag_set(device.tags), device.worker_host});
        }
    }
    const auto places = match_parts(wanted, devices);
    const auto missing = std::ranges::find(places, std::optional<std::size_t>{});
    if (missing == places.end()) return;
    auto everywhere = devices;
    everywhere.insert(everywhere.end(), elsewhere.begin(), elsewhere.end());
    const auto all_places = match_parts(wanted, everywhere);
    if (std::ranges::find(all_places, std::optional<std::size_t>{}) == all_places.end()) {
        // Those of other machines are the last.
        const auto& far = everywhere[std::ranges::max_element(all_places)->value()];
        throw on_another_machine("Device '" + far.hostname + "' of type '" + far.device_type + "' is", far.worker);
    }
    const auto& type = wanted[static_cast<std::size_t>(missing - places.begin())].device_type;
    throw SubmissionRefused{
        SubmissionRefused::Reason::devices_unavailable,
        "Not enough devices of type " + type + " are currently available to user " + submitter.name};
}

}  // namespace

CheckedGroup split_definition(CheckedDefinition whole) {
    CheckedGroup group;
    group.target_group = make_uuid();
    std::vector<MultinodePart> places;
    try {
        places = split_multinode(whole.document, group.target_group);
    } catch (const SubmissionError& error) {
        throw bad_data(error.what());
    }
    for (auto& place : places) {
        config::Value document{std::move(place.definition)};
        CheckedDefinition own;
        own.definition = config::dump_yaml(document, config::KeyOrder::sorted);
        own.original_definition = own.definition;
        own.masked = masked_texts(document, own.definition);
        own.metadata = whole.metadata;
        own.document = std::move(*document.as_map());
        config::List tags{place.tags.begin(), place.tags.end()};
        if (!tags.empty()) own.document.set("tags", std::move(tags));  // where those of other jobs are
        group.parts.push_back({std::move(place), std::move(own)});
    }
    group.whole = std::move(whole);
    return group;
}

NewGroup make_group(CheckedGroup checked, UserId submitter, Database& db, const Settings& settings) {
    const auto user = *Users{db}.find(submitter);
    NewGroup group;
    group.target_group = std::move(checked.target_group);
    for (auto& [place, own] : checked.parts) {
        auto job = make_job(std::move(own), submitter, db, settings);
        check_named(place, *job.requested_device_type, user, db);
        group.parts.push_back(
            {std::move(job), std::move(place.role), place.essential, std::move(place.device), std::move(place.worker)});
    }
    check_devices(group, user, db);
    group.definition = std::move(checked.whole.original_definition);
    if (checked.whole.masked) group.masked_definition = std::move(checked.whole.masked->original_definition);
    return group;
}

}  // namespace patchbay
