// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/bound_filter.hpp"
#include "daemon/store/devices.hpp"
#include "daemon/store/owned_by_file.hpp"
#include "daemon/store/tag_set.hpp"

namespace patchbay {
namespace {

TagRow read_tag(const Statement& row) {
    return {TagId{row.integer(0)}, std::string{row.text(1)}, std::string{row.text(2)}};
}

std::optional<TagRow> read_one(StatementHandle rows) {
    if (!rows->step()) return std::nullopt;
    return read_tag(*rows);
}

}  // namespace

std::vector<TagRow> Devices::tags(const Query& query) {
    BoundFilter bound;
    bound.add(query.conditions);
    auto rows = bound.page(
        db_,
        "SELECT id, name, description FROM tag WHERE " + bound.where + " ORDER BY " + order_sql(query.ordering, "id"),
        query);
    std::vector<TagRow> tags;
    while (rows->step()) tags.push_back(read_tag(*rows));
    return tags;
}

std::int64_t Devices::count_tags(const Query& query) {
    BoundFilter bound;
    bound.add(query.conditions);
    auto row = bound.prepare(db_, "SELECT COUNT(*) FROM tag WHERE " + bound.where);
    return row->step() ? row->integer(0) : 0;
}

std::optional<TagRow> Devices::tag(TagId id) {
    return read_one(db_.run("SELECT id, name, description FROM tag WHERE id = $1", id));
}

std::optional<TagRow> Devices::tag(const std::string& name) {
    return read_one(db_.run("SELECT id, name, description FROM tag WHERE name = $1", name));
}

TagRow Devices::make_tag(const std::string& name, const std::string& description) {
    if (auto known = tag(name)) return *known;
    db_.change("INSERT INTO tag (name, description) VALUES ($1, $2)", name, description);
    return {TagId{db_.last_id()}, name, description};
}

/// device.tag_set is what device_tag says.
void Devices::gather_tags(const std::string& hostname) {
    std::vector<TagId> tags;
    auto rows = db_.run("SELECT tag FROM device_tag WHERE device = $1", hostname);
    while (rows->step()) tags.push_back(TagId{rows->integer(0)});
    rows.reset();
    db_.change("UPDATE device SET tag_set = $1 WHERE hostname = $2", format_tag_set(tags), hostname);
}

bool Devices::add_tag(const std::string& hostname, TagId tag) {
    if (db_.change("INSERT OR IGNORE INTO device_tag (device, tag, configured) VALUES ($1, $2, 0)", hostname, tag) == 0)
        return false;
    gather_tags(hostname);
    return true;
}

bool Devices::remove_tag(const std::string& hostname, const TagRow& tag) {
    auto row = db_.run("SELECT configured FROM device_tag WHERE device = $1 AND tag = $2", hostname, tag.id);
    if (!row->step()) return false;
    if (row->integer(0) != 0) throw OwnedByFile{"tag '" + tag.name + "' of device " + hostname, "devices"};
    row.reset();
    db_.change("DELETE FROM device_tag WHERE device = $1 AND tag = $2", hostname, tag.id);
    gather_tags(hostname);
    return true;
}

bool Devices::update_tag(const TagRow& row) {
    if (const auto other = tag(row.name); other && other->id != row.id) return false;
    db_.change("UPDATE tag SET name = $1, description = $2 WHERE id = $3", row.name, row.description, row.id);
    return true;
}

bool Devices::remove_tag(const TagRow& row) {
    auto device = db_.run("SELECT device FROM device_tag WHERE tag = $1 ORDER BY device LIMIT 1", row.id);
    if (device->step())
        throw JobError{"tag '" + row.name + "' cannot go: device " + std::string{device->text(0)} + " has it"};
    device.reset();
    auto job = db_.run("SELECT job FROM job_tag WHERE tag = $1 LIMIT 1", row.id);
    if (job->step())
        throw JobError{"tag '" + row.name + "' cannot go: job " + std::to_string(job->integer(0)) + " names it"};
    job.reset();
    return db_.change("DELETE FROM tag WHERE id = $1", row.id) == 1;
}

}  // namespace patchbay
