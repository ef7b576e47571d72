// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/devices.hpp"

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

std::vector<TagRow> Devices::tags(std::int64_t limit, std::int64_t offset) {
    auto rows = db_.run("SELECT id, name, description FROM tag ORDER BY id LIMIT $1 OFFSET $2", limit, offset);
    std::vector<TagRow> tags;
    while (rows->step()) tags.push_back(read_tag(*rows));
    return tags;
}

std::int64_t Devices::count_tags() {
    auto row = db_.run("SELECT COUNT(*) FROM tag");
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

}  // namespace patchbay
