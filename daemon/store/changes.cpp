// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/changes.hpp"

#include <map>

namespace patchbay {
namespace {

enum class Kind { job = 0, device = 1, worker = 2, message = 3 };

// Temporary things belong to one connection, here the writer's. In the body of a trigger `noted_change` is found by its
// name alone.
constexpr auto schema = R"sql(
    CREATE TEMP TABLE noted_change (
        id INTEGER PRIMARY KEY,
        kind INTEGER NOT NULL,
        name TEXT,
        job INTEGER,
        state INTEGER,
        health INTEGER,
        priority INTEGER,
        device TEXT,
        start_time INTEGER,
        end_time INTEGER
    );
    CREATE TEMP TRIGGER note_new_job AFTER INSERT ON main.job BEGIN
        INSERT INTO noted_change (kind, job, state, health, priority, device, start_time, end_time)
        VALUES (0, NEW.id, NEW.state, NEW.health, NEW.priority, NEW.actual_device, NEW.start_time, NEW.end_time);
    END;
    CREATE TEMP TRIGGER note_job AFTER UPDATE OF state, health ON main.job
    WHEN OLD.state <> NEW.state OR OLD.health <> NEW.health BEGIN
        INSERT INTO noted_change (kind, job, state, health, priority, device, start_time, end_time)
        VALUES (0, NEW.id, NEW.state, NEW.health, NEW.priority, NEW.actual_device, NEW.start_time, NEW.end_time);
    END;
    CREATE TEMP TRIGGER note_device AFTER UPDATE OF state, health ON main.device
    WHEN OLD.state <> NEW.state OR OLD.health <> NEW.health BEGIN
        INSERT INTO noted_change (kind, name, state, health, job)
        VALUES (1, NEW.hostname, NEW.state, NEW.health,
            CASE WHEN OLD.state = 0 AND NEW.state = 1 THEN NULL ELSE COALESCE(NEW.current_job, OLD.current_job) END);
    END;
    CREATE TEMP TRIGGER note_worker AFTER UPDATE OF state, health ON main.worker
    WHEN OLD.state <> NEW.state OR OLD.health <> NEW.health BEGIN
        INSERT INTO noted_change (kind, name, state, health) VALUES (2, NEW.hostname, NEW.state, NEW.health);
    END;
)sql";

constexpr auto take_sql = R"sql(
    SELECT kind, name, job, state, health, priority, device, start_time, end_time FROM noted_change ORDER BY id
)sql";

Change read_change(const Statement& row) {
    switch (static_cast<Kind>(row.integer(0))) {
        case Kind::job:
            return JobNews{JobId{row.integer(2)},
                           static_cast<JobState>(row.integer(3)),
                           static_cast<JobHealth>(row.integer(4)),
                           static_cast<int>(row.integer(5)),
                           maybe_text(row, 6),
                           maybe_time(row, 7),
                           maybe_time(row, 8)};
        case Kind::device: {
            DeviceNews change{std::string{row.text(1)},
                              static_cast<DeviceState>(row.integer(3)),
                              static_cast<DeviceHealth>(row.integer(4)),
                              {}};
            if (const auto job = maybe_integer(row, 2)) change.job = JobId{*job};
            return change;
        }
        case Kind::worker:
            return WorkerNews{std::string{row.text(1)}, static_cast<WorkerHealth>(row.integer(4)),
                              static_cast<WorkerState>(row.integer(3))};
        case Kind::message:
            break;
    }
    return JobMessage{JobId{row.integer(2)}, std::string{row.text(1)}};
}

}  // namespace

void note_changes(Database& db) { db.execute(schema); }

void note_message(Database& db, JobId job, std::string_view text) {
    db.change("INSERT INTO noted_change (kind, job, name) VALUES (3, $1, $2)", job, text);
}

std::vector<Change> take_changes(Database& db) {
    std::vector<Change> changes;
    std::map<std::string, std::size_t> devices;
    auto rows = db.run(take_sql);
    while (rows->step()) {
        auto change = read_change(*rows);
        // The end of a job gives its device back and judges it, in two statements of one write.
        if (const auto* device = std::get_if<DeviceNews>(&change)) {
            const auto [known, is_new] = devices.emplace(device->device, changes.size());
            if (!is_new) {
                auto& first = std::get<DeviceNews>(changes[known->second]);
                first.state = device->state;
                first.health = device->health;
                if (!first.job) first.job = device->job;
                continue;
            }
        }
        changes.push_back(std::move(change));
    }
    rows.reset();
    if (!changes.empty()) db.change("DELETE FROM noted_change");
    return changes;
}

std::optional<ToldJob> told_job(Database& db, JobId job) {
    constexpr auto sql = R"sql(
        SELECT job.description, user_account.name, job.submitter_id, job.health_check, job.requested_device_type,
            job.submit_time, job.visibility, job.actual_device, job.sub_id
        FROM job JOIN user_account ON user_account.id = job.submitter_id WHERE job.id = $1
    )sql";
    auto row = db.run(sql, job);
    if (!row->step()) return std::nullopt;
    ToldJob told;
    told.description = row->text(0);
    told.submitter = row->text(1);
    told.sub_id = row->text(8);
    told.health_check = row->integer(3) != 0;
    told.submit_time = time_of(row->integer(5));
    told.sight = {row->integer(6), UserId{row->integer(2)}, maybe_text(*row, 7), maybe_text(*row, 4)};
    return told;
}

std::optional<ToldDevice> told_device(Database& db, const std::string& hostname) {
    auto row = db.run("SELECT device_type, worker_host FROM device WHERE hostname = $1", hostname);
    if (!row->step()) return std::nullopt;
    return ToldDevice{std::string{row->text(0)}, std::string{row->text(1)}};
}

}  // namespace patchbay
