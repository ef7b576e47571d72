// SPDX-License-Identifier: Apache-2.0
// What groups may do with devices and device types (lava_rest_app/v02/views.py, GroupDevicePermissionViewSet).
#include "daemon/store/permissions.hpp"

#include "daemon/api/api_error.hpp"
#include "daemon/api/fields.hpp"
#include "daemon/api/filters.hpp"
#include "daemon/api/handlers.hpp"
#include "daemon/api/paging.hpp"
#include "daemon/api/respond.hpp"
#include "daemon/schedule/scheduler.hpp"
#include "daemon/store/audited.hpp"
#include "daemon/store/device_types.hpp"
#include "daemon/store/devices.hpp"
#include "daemon/store/groups.hpp"

namespace patchbay {
namespace {

std::string_view object_field(Restrictable kind) { return kind == Restrictable::device ? "device" : "devicetype"; }

void write_permission(JsonWriter& json, const PermissionRow& row) {
    json.begin_object().member("id", row.id).member("group", row.group.name);
    json.member("permission", codename(row.kind, row.permission)).member(object_field(row.kind), row.object);
    json.end_object();
}

ApiError no_such(std::string_view field, std::string_view key, const std::string& name) {
    return field_error(field, "Object with " + std::string{key} + "=" + name + " does not exist.");
}

GroupRow group_named(Database& db, const std::string& name) {
    auto group = Groups{db}.find(name);
    if (!group) throw no_such("group", "name", name);
    return std::move(*group);
}

Permission permission_of(Restrictable kind, const std::string& name) {
    const auto permission = permission_named(kind, name);
    if (!permission) throw no_such("permission", "codename", name);
    return *permission;
}

/// Filters: group, permission, and device or device_type, by name.
Permissions::Wanted wanted(const Request& request, Restrictable kind, Database& db) {
    const auto page = read_query(request, QueryList::suites, db);  // only limit and offset are used
    Permissions::Wanted wanted{{}, {}, {}, page.limit, page.offset};
    const auto given = [&](std::string_view name) {
        const auto* text = request.query_value(name);
        return text && !text->empty() ? text : nullptr;
    };
    if (const auto* name = given(kind == Restrictable::device ? "device" : "device_type")) wanted.object = *name;
    if (const auto* name = given("group")) wanted.group = group_named(db, *name).id;
    if (const auto* name = given("permission")) wanted.permission = permission_of(kind, *name);
    return wanted;
}

Task<Response> list(Call& call, Restrictable kind) {
    auto& db = call.lab.store.reader();
    const auto query = wanted(call.request, kind, db);
    Query page;
    page.limit = query.limit;
    page.offset = query.offset;
    Permissions permissions{db};
    JsonWriter json;
    begin_page(json, call.request, page, permissions.count(kind, query));
    for (const auto& row : permissions.list(kind, query)) write_permission(json, row);
    end_page(json);
    co_return json_answer(200, json.take());
}

PermissionRow find(Call& call, Restrictable kind) {
    auto row = Permissions{call.lab.store.reader()}.find(kind, PermissionId{path_number(call, 0)});
    if (!row) throw not_found();
    return std::move(*row);
}

Task<Response> show(Call& call, Restrictable kind) {
    JsonWriter json;
    write_permission(json, find(call, kind));
    co_return json_answer(200, json.take());
}

std::string described(const PermissionRow& row) {
    return "group " + row.group.name + ": " + std::string{codename(row.kind, row.permission)} + " on " + row.object;
}

enum class Given { all, some };

/// What the body leaves out, if it may, stays as it is in `row`.
void read_permission(PermissionRow& row, const Fields& fields, Given given, Database& db) {
    const auto says = [&](std::string_view name) { return given == Given::all || fields.find(name); };
    if (says("group")) row.group = group_named(db, fields.required_text("group"));
    if (says("permission")) row.permission = permission_of(row.kind, fields.required_text("permission"));
    const auto field = object_field(row.kind);
    if (!says(field)) return;
    row.object = fields.required_text(field);
    const bool known = row.kind == Restrictable::device ? Devices{db}.find(row.object).has_value()
                                                        : DeviceTypes{db}.find(row.object).has_value();
    if (!known) throw unknown_key(field, row.object);
}

Task<Response> create(Call& call, Restrictable kind) {
    PermissionRow row;
    row.kind = kind;
    read_permission(row, Fields{call.request}, Given::all, call.lab.store.reader());
    auto grant = [row](Database& writer) {
        return Permissions{writer}.grant(row.kind, row.object, row.permission, row.group.id);
    };
    row.id = co_await write_audited(call.lab.store, {call.user->name, "permission.add", row.group.name, described(row)},
                                    std::move(grant));
    call.lab.scheduler.wake_all();
    JsonWriter json;
    write_permission(json, row);
    co_return json_answer(201, json.take());
}

Task<Response> change(Call& call, Restrictable kind) {
    auto row = find(call, kind);
    const auto before = described(row);
    const auto given = call.request.method == Method::put ? Given::all : Given::some;
    read_permission(row, Fields{call.request}, given, call.lab.store.reader());
    auto update = [row](Database& db) {
        if (!Permissions{db}.change(row))
            throw field_error("non_field_errors", "The fields group, permission, " +
                                                      std::string{object_field(row.kind)} + " must make a unique set.");
    };
    co_await write_audited(call.lab.store,
                           {call.user->name, "permission.change", row.group.name, before + "; now " + described(row)},
                           std::move(update));
    call.lab.scheduler.wake_all();
    JsonWriter json;
    write_permission(json, row);
    co_return json_answer(200, json.take());
}

Task<Response> remove(Call& call, Restrictable kind) {
    const auto row = find(call, kind);
    auto revoke = [row](Database& db) { return Permissions{db}.revoke(row.kind, row.id); };
    co_await write_audited(call.lab.store, {call.user->name, "permission.delete", row.group.name, described(row)},
                           std::move(revoke));
    call.lab.scheduler.wake_all();
    co_return no_content();
}

}  // namespace

Task<Response> list_device_permissions(Call& call) { return list(call, Restrictable::device); }
Task<Response> show_device_permission(Call& call) { return show(call, Restrictable::device); }
Task<Response> add_device_permission(Call& call) { return create(call, Restrictable::device); }
Task<Response> change_device_permission(Call& call) { return change(call, Restrictable::device); }
Task<Response> delete_device_permission(Call& call) { return remove(call, Restrictable::device); }
Task<Response> list_type_permissions(Call& call) { return list(call, Restrictable::device_type); }
Task<Response> show_type_permission(Call& call) { return show(call, Restrictable::device_type); }
Task<Response> add_type_permission(Call& call) { return create(call, Restrictable::device_type); }
Task<Response> change_type_permission(Call& call) { return change(call, Restrictable::device_type); }
Task<Response> delete_type_permission(Call& call) { return remove(call, Restrictable::device_type); }

}  // namespace patchbay
