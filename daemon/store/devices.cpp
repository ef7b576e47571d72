// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/devices.hpp"

#include <algorithm>

#include "core/config/utf8.hpp"
#include "daemon/store/bound_filter.hpp"
#include "daemon/store/jobs.hpp"
#include "daemon/store/tag_set.hpp"

namespace patchbay {
namespace {

// Kept in the history; so one that a person retired is told from one that only was away.
constexpr auto not_configured = "not in the configuration any more";
// Kept likewise, for the next configuration to clear: nobody configures mistakes.
constexpr std::string_view mistaken = "its description has mistakes: ";
// A history is read by people.
constexpr std::size_t longest_detail = 4096;

const std::string device_columns =
    "SELECT device.hostname, device.device_type, device.description, device.tag_set, device.state, device.health, "
    "device.last_health_report_job, device.current_job, device.worker_host, device.configuration FROM device WHERE ";

DeviceRow read_device_row(const Statement& row) {
    DeviceRow device;
    device.hostname = row.text(0);
    device.device_type = row.text(1);
    device.description = row.text(2);
    device.tags = parse_tag_set(row.text(3));
    device.state = static_cast<DeviceState>(row.integer(4));
    device.health = static_cast<DeviceHealth>(row.integer(5));
    if (const auto job = maybe_integer(row, 6)) device.last_health_report_job = JobId{*job};
    if (const auto job = maybe_integer(row, 7)) device.current_job = JobId{*job};
    device.worker_host = row.text(8);
    device.configuration = row.text(9);
    return device;
}

BoundFilter devices_for(const Query& query, bool all, const NameSet& hidden) {
    BoundFilter bound;
    if (!all) bound.where = "device.health <> 5";
    add_visible(bound, hidden, "device.hostname");
    bound.add(query.conditions);
    return bound;
}

}  // namespace

void Devices::configure(const std::vector<ConfiguredDevice>& devices) {
    constexpr auto upsert_sql = R"sql(
        INSERT INTO device (hostname, device_type, description, tag_set, worker_host, configuration, last_fence, health)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT (hostname) DO UPDATE SET device_type = excluded.device_type, description = excluded.description,
            tag_set = excluded.tag_set, worker_host = excluded.worker_host, configuration = excluded.configuration,
            last_fence = CASE WHEN excluded.last_fence > device.last_fence THEN excluded.last_fence
                ELSE device.last_fence END
    )sql";
    const auto now = wall_now();
    const auto first_health = [this](const ConfiguredDevice& device) {
        auto row = db_.run("SELECT disable_health_check FROM device_type WHERE name = $1", device.device_type);
        return row->step() && row->integer(0) != 0 ? DeviceHealth::good : device.first_health;
    };
    for (const auto& device : devices) {
        db_.change("INSERT INTO device_type (name) VALUES ($1) ON CONFLICT DO NOTHING", device.device_type);
        db_.change("INSERT INTO worker (hostname) VALUES ($1) ON CONFLICT DO NOTHING", device.worker_host);
        std::vector<TagId> tags;
        for (const auto& name : device.tags) tags.push_back(make_tag(name).id);
        const auto known = find(device.hostname);
        db_.change(upsert_sql, device.hostname, device.device_type, device.description, format_tag_set(tags),
                   device.worker_host, device.configuration, device.seen_fence, first_health(device));
        // Of a lease that a restored store has open, the device was another's since: it is ours again, to make it safe.
        db_.change("UPDATE lease SET fence = $1 WHERE device = $2 AND fence < $1 AND phase < 3", device.seen_fence,
                   device.hostname);
        db_.change("DELETE FROM device_tag WHERE device = $1 AND configured = 1", device.hostname);
        for (const auto tag : tags)
            db_.change("INSERT OR REPLACE INTO device_tag (device, tag, configured) VALUES ($1, $2, 1)",
                       device.hostname, tag);
        gather_tags(device.hostname);
        const auto last = known ? health_history(device.hostname, 1) : std::vector<HealthChange>{};
        if (!last.empty() && last[0].to == DeviceHealth::retired && last[0].reason.text == not_configured)
            set_health(device.hostname, first_health(device), "in the configuration again", now);
        else if (!last.empty() && last[0].to == DeviceHealth::bad && last[0].reason.text.starts_with(mistaken))
            set_health(device.hostname, first_health(device), "its description was read again", now);
    }
    Query everything;
    everything.limit = -1;
    for (const auto& device : list(everything)) {
        const auto is_this = [&](const ConfiguredDevice& candidate) { return candidate.hostname == device.hostname; };
        if (std::none_of(devices.begin(), devices.end(), is_this))
            set_health(device.hostname, DeviceHealth::retired, not_configured, now);
    }
}

std::optional<DeviceRow> Devices::find(const std::string& hostname) {
    static const auto sql = device_columns + "device.hostname = $1";
    auto row = db_.run(sql, hostname);
    if (!row->step()) return std::nullopt;
    return read_device_row(*row);
}

std::vector<DeviceRow> Devices::list(const Query& query, bool all, const NameSet& hidden) {
    const auto bound = devices_for(query, all, hidden);
    auto rows = bound.page(
        db_, device_columns + bound.where + " ORDER BY " + order_sql(query.ordering, "device.hostname"), query);
    std::vector<DeviceRow> devices;
    while (rows->step()) devices.push_back(read_device_row(*rows));
    return devices;
}

std::int64_t Devices::count(const Query& query, bool all, const NameSet& hidden) {
    const auto bound = devices_for(query, all, hidden);
    auto row = bound.prepare(db_, "SELECT COUNT(*) FROM device WHERE " + bound.where);
    return row->step() ? row->integer(0) : 0;
}

bool Devices::reserve(const std::string& hostname, JobId job) {
    return db_.change("UPDATE device SET state = 1, current_job = $1 WHERE hostname = $2 AND state = 0", job,
                      hostname) == 1;
}

bool Devices::start(const std::string& hostname, JobId job) {
    constexpr auto sql = R"sql(
        UPDATE device SET state = 2, jobs_since_check = jobs_since_check + 1
        WHERE hostname = $1 AND state = 1 AND current_job = $2
    )sql";
    return db_.change(sql, hostname, job) == 1;
}

bool Devices::release(const std::string& hostname, JobId job) {
    return db_.change("UPDATE device SET state = 0, current_job = NULL WHERE hostname = $1 AND current_job = $2",
                      hostname, job) == 1;
}

bool Devices::set_health(const std::string& hostname, DeviceHealth health, const HealthReason& reason, WallTime now) {
    constexpr auto history_sql = R"sql(
        INSERT INTO device_health_change (device, changed, was, became, reason, job, detail)
        SELECT hostname, $1, health, $2, $3, $4, $5 FROM device WHERE hostname = $6
    )sql";
    const auto detail = config::first_bytes(reason.detail, longest_detail);
    if (db_.change(history_sql, now, health, reason.text, reason.job, detail, hostname) == 0) return false;
    db_.change("UPDATE device SET health = $1 WHERE hostname = $2", health, hostname);
    return true;
}

void Devices::judge(const std::string& hostname, DeviceHealth health, const HealthReason& reason, WallTime now) {
    const auto device = find(hostname);
    if (!device || device->health == DeviceHealth::maintenance || device->health == DeviceHealth::retired) return;
    set_health(hostname, health, reason, now);
}

std::string Devices::reason_of_mistakes(const std::string& problems) {
    return std::string{mistaken} + problems.substr(0, problems.find('\n')) + "; mend it, then `patchbayd reload`";
}

void Devices::note_check(const std::string& hostname, JobId check, WallTime submitted) {
    constexpr auto sql = R"sql(
        UPDATE device SET last_health_report_job = $1, last_check = $2, jobs_since_check = 0 WHERE hostname = $3
    )sql";
    db_.change(sql, check, submitted, hostname);
}

std::vector<Devices::HealthChange> Devices::health_history(const std::string& hostname, std::int64_t limit) {
    constexpr auto sql = R"sql(
        SELECT changed, was, became, reason, job, detail FROM device_health_change WHERE device = $1
        ORDER BY id DESC LIMIT $2
    )sql";
    auto rows = db_.run(sql, hostname, limit);
    std::vector<HealthChange> changes;
    while (rows->step()) {
        HealthReason reason{std::string{rows->text(3)}};
        if (const auto job = maybe_integer(*rows, 4)) reason.job = JobId{*job};
        reason.detail = rows->text(5);
        changes.push_back({time_of(rows->integer(0)), static_cast<DeviceHealth>(rows->integer(1)),
                           static_cast<DeviceHealth>(rows->integer(2)), std::move(reason)});
    }
    return changes;
}

std::string Devices::shown(const HealthReason& reason, const Viewer& viewer) {
    return reason.job && Jobs{db_}.is_seen(*reason.job, viewer) ? reason.whole() : reason.text;
}

}  // namespace patchbay
