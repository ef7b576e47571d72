// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/reservations.hpp"

#include <algorithm>

namespace patchbay {
namespace {

const std::string columns = R"sql(
    SELECT r.device, r.user_id, u.name, r.job, r.made, r.until, r.idle_release, r.last_used, r.reason, d.state <> 0,
        d.health <= 1, d.device_type
    FROM reservation r JOIN user_account u ON u.id = r.user_id JOIN device d ON d.hostname = r.device
    WHERE (r.job IS NULL OR EXISTS (SELECT 1 FROM job WHERE job.id = r.job AND job.state = 0))
)sql";

Reservation read_reservation(const Statement& row) {
    Reservation found;
    found.device = row.text(0);
    found.user.value = row.integer(1);
    found.user_name = row.text(2);
    if (const auto job = maybe_integer(row, 3)) found.job = JobId{*job};
    found.made = time_of(row.integer(4));
    found.until = maybe_time(row, 5);
    if (const auto seconds = maybe_integer(row, 6)) found.idle_release = std::chrono::seconds{*seconds};
    found.last_used = time_of(row.integer(7));
    found.reason = row.text(8);
    found.in_use = row.integer(9) != 0;
    found.usable = row.integer(10) != 0;
    found.device_type = row.text(11);
    return found;
}

bool is_over(const Reservation& reservation, WallTime now) {
    const auto end = reservation.ends();
    return end && *end <= now;
}

std::vector<Reservation> read_all(StatementHandle rows) {
    std::vector<Reservation> all;
    while (rows->step()) all.push_back(read_reservation(*rows));
    return all;
}

}  // namespace

std::optional<WallTime> Reservation::ends() const {
    if (in_use || !idle_release) return until;
    const WallTime idle = last_used + *idle_release;
    return until ? std::min(*until, idle) : idle;
}

std::optional<Reservation> Reservations::find(const std::string& device, WallTime now) {
    static const auto sql = columns + " AND r.device = $1";
    auto row = db_.run(sql, device);
    if (!row->step()) return std::nullopt;
    auto found = read_reservation(*row);
    if (is_over(found, now)) return std::nullopt;
    return found;
}

std::vector<Reservation> Reservations::list(WallTime now) {
    static const auto sql = columns + " ORDER BY r.device";
    auto all = read_all(db_.run(sql));
    std::erase_if(all, [now](const Reservation& one) { return is_over(one, now); });
    return all;
}

bool Reservations::put(const Reservation& reservation, WallTime now) {
    constexpr auto sql = R"sql(
        INSERT INTO reservation (device, user_id, job, made, until, idle_release, last_used, reason)
        VALUES ($1, $2, $3, $4, $5, $6, $4, $7)
        ON CONFLICT (device) DO UPDATE SET user_id = excluded.user_id, job = excluded.job, made = excluded.made,
            until = excluded.until, idle_release = excluded.idle_release, last_used = excluded.last_used,
            reason = excluded.reason
    )sql";
    const auto held = find(reservation.device, now);
    if (held && held->user != reservation.user) return false;
    std::optional<std::int64_t> idle;
    if (reservation.idle_release) idle = reservation.idle_release->count();
    db_.change(sql, reservation.device, reservation.user, reservation.job, now, reservation.until, idle,
               reservation.reason);
    return true;
}

bool Reservations::remove(const std::string& device) {
    return db_.change("DELETE FROM reservation WHERE device = $1", device) == 1;
}

Reservations::Release Reservations::release(const std::string& device, std::optional<UserId> user, WallTime now) {
    const auto held = find(device, now);
    if (!held) return Release::nothing;
    if (user && held->user != *user) return Release::anothers;
    return remove(device) ? Release::done : Release::nothing;
}

void Reservations::taken(const std::string& device, JobId job) {
    constexpr auto other_sql = "SELECT job FROM reservation WHERE device = $1 AND job IS NOT NULL AND job <> $2";
    std::optional<std::int64_t> other;
    if (auto row = db_.run(other_sql, device, job); row->step()) other = row->integer(0);
    if (!other) {
        db_.change("DELETE FROM reservation WHERE job = $1", job);
        return;
    }
    remove(device);
    db_.change("UPDATE reservation SET job = $1 WHERE job = $2", *other, job);
}

void Reservations::touch(const std::string& device, WallTime now) {
    db_.change("UPDATE reservation SET last_used = $1 WHERE device = $2", now, device);
}

void Reservations::remove_ended(WallTime now) {
    constexpr auto of_jobs = R"sql(
        DELETE FROM reservation
        WHERE job IS NOT NULL AND NOT EXISTS (SELECT 1 FROM job WHERE job.id = reservation.job AND job.state = 0)
    )sql";
    db_.change(of_jobs);
    static const auto sql = columns + " ORDER BY r.device";
    for (const auto& one : read_all(db_.run(sql)))
        if (is_over(one, now)) remove(one.device);
}

}  // namespace patchbay
