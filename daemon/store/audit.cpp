// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/audit.hpp"

#include "daemon/store/bound_filter.hpp"

namespace patchbay {
namespace {

BoundFilter filter(const Audit::Wanted& wanted) {
    BoundFilter bound;
    if (wanted.who) bound.where += " AND who = " + bound.parameter(*wanted.who);
    if (wanted.action) bound.where += " AND action = " + bound.parameter(*wanted.action);
    if (wanted.object) bound.where += " AND object = " + bound.parameter(*wanted.object);
    return bound;
}

}  // namespace

void Audit::record(const Deed& deed, WallTime now) {
    constexpr auto sql = "INSERT INTO audit (time, who, action, object, detail) VALUES ($1, $2, $3, $4, $5)";
    db_.change(sql, now, deed.who, deed.action, deed.object, std::string_view{deed.detail}.substr(0, 1000));
}

std::vector<AuditRow> Audit::list(const Wanted& wanted) {
    const auto bound = filter(wanted);
    Query page;
    page.limit = wanted.limit;
    page.offset = wanted.offset;
    auto rows = bound.page(
        db_, "SELECT id, time, who, action, object, detail FROM audit WHERE " + bound.where + " ORDER BY id DESC",
        page);
    std::vector<AuditRow> deeds;
    while (rows->step()) {
        deeds.push_back({rows->integer(0),
                         time_of(rows->integer(1)),
                         {std::string{rows->text(2)}, std::string{rows->text(3)}, std::string{rows->text(4)},
                          std::string{rows->text(5)}}});
    }
    return deeds;
}

std::int64_t Audit::count(const Wanted& wanted) {
    const auto bound = filter(wanted);
    auto row = bound.prepare(db_, "SELECT COUNT(*) FROM audit WHERE " + bound.where);
    return row->step() ? row->integer(0) : 0;
}

bool Audit::remove_piece(WallTime limit) {
    constexpr auto sql = "DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE time < $1 ORDER BY time LIMIT 500)";
    return db_.change(sql, limit) == 500;
}

}  // namespace patchbay
