// SPDX-License-Identifier: Apache-2.0
// Which list can be filtered by what (lava_rest_app/filters.py).
#include <array>

#include "daemon/store/job_duration.hpp"
#include "daemon/store/query.hpp"

namespace patchbay {
namespace {

using enum Lookup;

constexpr std::array text_lookups{exact, iexact, in, contains, icontains, startswith, endswith};
constexpr std::array nullable_text_lookups{exact, iexact, in, contains, icontains, startswith, endswith, isnull};
constexpr std::array id_lookups{exact, lt, gt, in};
constexpr std::array time_lookups{exact, lt, gt, isnull};
constexpr std::array range_lookups{exact, lt, lte, gt, gte};
constexpr std::array number_lookups{exact, in, lt, lte, gt, gte};
constexpr std::array word_lookups{exact, in};
constexpr std::array exact_only{exact};
constexpr std::array key_lookups{exact, in};
constexpr std::array nullable_key_lookups{exact, in, isnull};
constexpr std::array metadata_lookups{exact,    iexact,    in,     contains, icontains, startswith,  istartswith,
                                      endswith, iendswith, isnull, has_key,  has_keys,  has_any_keys};

// Of jobs, that there may be a million of: IN, and not EXISTS, finds them from the other table's side.
constexpr std::string_view with_job_tag =
    "job.id IN (SELECT job_tag.job FROM job_tag JOIN tag ON tag.id = job_tag.tag WHERE ";
constexpr std::string_view with_device = "job.actual_device IN (SELECT device.hostname FROM device WHERE ";
constexpr std::string_view with_device_type =
    "job.requested_device_type IN (SELECT device_type.name FROM device_type WHERE ";
constexpr std::string_view with_actual_type =
    "job.actual_device IN (SELECT device.hostname FROM device JOIN device_type ON device_type.name = "
    "device.device_type "
    "WHERE ";
constexpr std::string_view with_actual_tag =
    "job.actual_device IN (SELECT device_tag.device FROM device_tag JOIN tag ON tag.id = device_tag.tag WHERE ";
constexpr std::string_view with_submitter = "job.submitter_id IN (SELECT user_account.id FROM user_account WHERE ";
constexpr std::string_view with_submitter_group =
    "job.submitter_id IN (SELECT group_member.user_id FROM group_member JOIN user_group ON user_group.id = "
    "group_member.group_id WHERE ";
constexpr std::string_view with_viewing_group =
    "job.visibility IN (SELECT viewing_set_group.viewing_set FROM viewing_set_group JOIN user_group ON user_group.id = "
    "viewing_set_group.group_id WHERE ";
constexpr std::string_view with_device_tag =
    "EXISTS (SELECT 1 FROM device_tag JOIN tag ON tag.id = device_tag.tag "
    "WHERE device_tag.device = device.hostname AND ";
constexpr std::string_view with_type_of_device =
    "EXISTS (SELECT 1 FROM device_type WHERE device_type.name = device.device_type AND ";
constexpr std::string_view with_alias =
    "EXISTS (SELECT 1 FROM device_type_alias WHERE device_type_alias.device_type = device_type.name AND ";
constexpr std::string_view with_suite = "EXISTS (SELECT 1 FROM suite WHERE suite.id = test_case.suite AND ";
constexpr std::string_view with_set = "EXISTS (SELECT 1 FROM test_set WHERE test_set.id = test_case.test_set AND ";

constexpr Field job_fields[] = {
    {"id", FieldType::integer, id_lookups, "job.id"},
    {"submit_time", FieldType::time, time_lookups, "job.submit_time"},
    {"start_time", FieldType::time, time_lookups, "job.start_time"},
    {"end_time", FieldType::time, time_lookups, "job.end_time"},
    {"health_check", FieldType::boolean, exact_only, "job.health_check"},
    {"target_group", FieldType::text, text_lookups, "job.target_group"},
    {"state", FieldType::job_state, word_lookups, "job.state"},
    {"health", FieldType::job_health, word_lookups, "job.health"},
    {"priority", FieldType::integer, number_lookups, "job.priority"},
    {"description", FieldType::text, text_lookups, "job.description"},
    {"definition", FieldType::text, text_lookups, "(SELECT definition FROM job_text WHERE job_text.job = job.id)"},
    {"original_definition", FieldType::text, text_lookups,
     "(SELECT COALESCE(original_definition, definition) FROM job_text WHERE job_text.job = job.id)"},
    {"multinode_definition", FieldType::text, text_lookups,
     "COALESCE((SELECT definition FROM job_group WHERE job_group.name = job.target_group), '')"},
    {"failure_comment", FieldType::text, nullable_text_lookups, "job.failure_comment"},
    {"requested_device_type", FieldType::device_type, nullable_key_lookups, "job.requested_device_type"},
    {"requested_device_type__name", FieldType::text, text_lookups, "job.requested_device_type"},
    {"requested_device_type__description", FieldType::text, text_lookups, "device_type.description", with_device_type},
    {"requested_device_type__display", FieldType::boolean, exact_only, "device_type.display", with_device_type},
    {"requested_device_type__architecture__name", FieldType::text, text_lookups, "device_type.architecture",
     with_device_type},
    {"actual_device", FieldType::device, nullable_key_lookups, "job.actual_device"},
    {"actual_device__hostname", FieldType::text, text_lookups, "job.actual_device"},
    {"actual_device__description", FieldType::text, text_lookups, "device.description", with_device},
    {"actual_device__state", FieldType::device_state, word_lookups, "device.state", with_device},
    {"actual_device__health", FieldType::device_health, word_lookups, "device.health", with_device},
    {"actual_device__worker_host", FieldType::text, exact_only, "device.worker_host", with_device},
    {"actual_device__worker_host__hostname", FieldType::text, text_lookups, "device.worker_host", with_device},
    {"actual_device__device_type", FieldType::device_type, key_lookups, "device.device_type", with_device},
    {"actual_device__device_type__name", FieldType::text, text_lookups, "device.device_type", with_device},
    {"actual_device__device_type__description", FieldType::text, text_lookups, "device_type.description",
     with_actual_type},
    {"actual_device__device_type__architecture__name", FieldType::text, text_lookups, "device_type.architecture",
     with_actual_type},
    {"actual_device__tags", FieldType::tag, key_lookups, "tag.id", with_actual_tag},
    {"actual_device__tags__name", FieldType::text, text_lookups, "tag.name", with_actual_tag},
    {"tags", FieldType::tag, key_lookups, "tag.id", with_job_tag},
    {"tags__name", FieldType::text, text_lookups, "tag.name", with_job_tag},
    {"tags__description", FieldType::text, text_lookups, "tag.description", with_job_tag},
    {"submitter", FieldType::user, key_lookups, "job.submitter_id"},
    {"submitter__username", FieldType::text, text_lookups, "user_account.name", with_submitter},
    {"submitter__group__name", FieldType::text, text_lookups, "user_group.name", with_submitter_group},
    {"viewing_groups", FieldType::group, key_lookups, "user_group.id", with_viewing_group},
    {"viewing_groups__name", FieldType::text, text_lookups, "user_group.name", with_viewing_group},
    {"metadata", FieldType::metadata, metadata_lookups, "job.metadata"},
};
constexpr std::string_view job_orders[] = {"id", "start_time", "end_time", "submit_time"};

constexpr Field suite_fields[] = {
    {"id", FieldType::integer, id_lookups, "suite.id"},
    {"name", FieldType::text, text_lookups, "suite.name"},
};

constexpr Field test_fields[] = {
    {"id", FieldType::integer, id_lookups, "test_case.id"},
    {"result", FieldType::case_result, word_lookups, "test_case.result"},
    {"name", FieldType::text, text_lookups, "test_case.name"},
    {"units", FieldType::text, text_lookups, "test_case.units"},
    {"metadata", FieldType::text, text_lookups, "test_case.metadata"},
    {"measurement", FieldType::decimal, range_lookups, "CAST(test_case.measurement AS REAL)"},
    {"logged", FieldType::time, range_lookups, "test_case.logged"},
    {"start_log_line", FieldType::integer, range_lookups, "test_case.start_log_line"},
    {"end_log_line", FieldType::integer, range_lookups, "test_case.end_log_line"},
    {"suite", FieldType::integer, key_lookups, "test_case.suite"},
    {"suite__name", FieldType::text, text_lookups, "suite.name", with_suite},
    {"test_set", FieldType::integer, nullable_key_lookups, "test_case.test_set"},
    {"test_set__name", FieldType::text, text_lookups, "test_set.name", with_set},
};

constexpr std::string_view test_orders[] = {
    "id", "result", "name", "measurement", "metadata", "start_log_line", "end_log_line", "logged", "suite", "test_set"};

constexpr Field device_fields[] = {
    {"hostname", FieldType::text, text_lookups, "device.hostname"},
    {"device_version", FieldType::text, text_lookups, "''"},
    {"description", FieldType::text, text_lookups, "device.description"},
    {"state", FieldType::device_state, word_lookups, "device.state"},
    {"health", FieldType::device_health, word_lookups, "device.health"},
    {"is_synced", FieldType::boolean, exact_only, "1"},
    {"device_type", FieldType::device_type, key_lookups, "device.device_type"},
    {"device_type__name", FieldType::text, text_lookups, "device.device_type"},
    {"device_type__description", FieldType::text, text_lookups, "device_type.description", with_type_of_device},
    {"device_type__display", FieldType::boolean, exact_only, "device_type.display", with_type_of_device},
    {"device_type__architecture__name", FieldType::text, text_lookups, "device_type.architecture", with_type_of_device},
    {"tags", FieldType::tag, key_lookups, "tag.id", with_device_tag},
    {"tags__name", FieldType::text, text_lookups, "tag.name", with_device_tag},
    {"last_health_report_job", FieldType::integer, nullable_key_lookups, "device.last_health_report_job"},
    {"worker_host", FieldType::text, exact_only, "device.worker_host"},
    {"worker_host__hostname", FieldType::text, text_lookups, "device.worker_host"},
};
constexpr Field device_only_orders[] = {
    {"physical_owner", FieldType::integer, {}, "NULL"},
    {"physical_group", FieldType::integer, {}, "NULL"},
};
constexpr std::string_view device_orders[] = {"hostname", "device_type", "device_version", "description", "tags",
                                              "state",    "health",      "worker_host",    "is_synced"};
constexpr Field device_tag_order{"tags", FieldType::text, {}, "device.tag_set"};
constexpr Field test_unit_order{"unit", FieldType::text, {}, "test_case.units"};

constexpr Field device_type_fields[] = {
    {"name", FieldType::text, text_lookups, "device_type.name"},
    {"cpu_model", FieldType::text, text_lookups, "''"},
    {"description", FieldType::text, text_lookups, "device_type.description"},
    {"health_frequency", FieldType::integer, key_lookups, "device_type.health_frequency"},
    {"health_denominator", FieldType::health_denominator, word_lookups, "device_type.health_denominator"},
    {"disable_health_check", FieldType::boolean, exact_only, "device_type.disable_health_check"},
    {"display", FieldType::boolean, exact_only, "device_type.display"},
    {"alias", FieldType::text, key_lookups, "device_type_alias.name", with_alias},
    {"alias__name", FieldType::text, text_lookups, "device_type_alias.name", with_alias},
    {"architecture__name", FieldType::text, text_lookups, "device_type.architecture"},
};

constexpr Field alias_fields[] = {
    {"name", FieldType::text, text_lookups, "device_type_alias.name"},
    {"device_type", FieldType::device_type, key_lookups, "device_type_alias.device_type"},
    {"device_type__name", FieldType::text, text_lookups, "device_type_alias.device_type"},
};
constexpr Field tag_fields[] = {
    {"id", FieldType::integer, id_lookups, "tag.id"},
    {"name", FieldType::text, text_lookups, "tag.name"},
    {"description", FieldType::text, text_lookups, "tag.description"},
};
constexpr Field worker_fields[] = {
    {"hostname", FieldType::text, text_lookups, "worker.hostname"},
    {"description", FieldType::text, text_lookups, "worker.description"},
    {"state", FieldType::worker_state, word_lookups, "worker.state"},
    {"health", FieldType::worker_health, word_lookups, "worker.health"},
};

const Field* field_named(std::span<const Field> fields, std::string_view name) {
    for (const auto& field : fields)
        if (field.name == name) return &field;
    return nullptr;
}

bool contains_name(std::span<const std::string_view> names, std::string_view name) {
    for (const auto candidate : names)
        if (candidate == name) return true;
    return false;
}

}  // namespace

const Field& job_duration() {
    static constexpr Field field{"duration", FieldType::integer, range_lookups, "(job.end_time - job.start_time)"};
    return field;
}

std::span<const Field> filter_fields(QueryList list) {
    switch (list) {
        case QueryList::jobs:
            return job_fields;
        case QueryList::suites:
            return suite_fields;
        case QueryList::tests:
            return test_fields;
        case QueryList::devices:
            return device_fields;
        case QueryList::device_types:
            return device_type_fields;
        case QueryList::aliases:
            return alias_fields;
        case QueryList::tags:
            return tag_fields;
        case QueryList::workers:
            return worker_fields;
    }
    return {};
}

const Field* find_order(QueryList list, std::string_view name) {
    if (list == QueryList::jobs) return contains_name(job_orders, name) ? field_named(job_fields, name) : nullptr;
    if (list == QueryList::suites || list == QueryList::aliases || list == QueryList::tags ||
        list == QueryList::workers)
        return field_named(filter_fields(list), name);
    if (list == QueryList::tests) {
        if (name == "unit") return &test_unit_order;
        return contains_name(test_orders, name) ? field_named(test_fields, name) : nullptr;
    }
    if (list != QueryList::devices) return nullptr;
    if (const auto* only = field_named(device_only_orders, name)) return only;
    if (name == "tags") return &device_tag_order;
    return contains_name(device_orders, name) ? field_named(device_fields, name) : nullptr;
}

}  // namespace patchbay
