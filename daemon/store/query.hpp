// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a list may be filtered and ordered by (lava_rest_app/filters.py), as plain values. The API turns text into
// these; the store turns these into SQL. No text of a client ever becomes part of the SQL.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/ids.hpp"

namespace patchbay {

enum class QueryList { jobs, suites, tests, devices, device_types, aliases, tags, workers };

enum class Lookup {
    exact,
    iexact,
    contains,
    icontains,
    startswith,
    istartswith,
    endswith,
    iendswith,
    in,
    lt,
    lte,
    gt,
    gte,
    isnull,
    has_key,
    has_keys,
    has_any_keys,
};

/// What the value of a filter must look like.
enum class FieldType {
    text,
    integer,  ///< "Enter a number."
    decimal,  ///< a measurement; given as text
    time,     ///< WallTime as microseconds
    boolean,  ///< 0 or 1; a bad word means that the filter is ignored
    job_state,
    job_health,
    device_state,
    device_health,
    health_denominator,
    worker_state,
    worker_health,
    case_result,  ///< a display name; given as its number
    device_type,  ///< name of a device type that must exist ("Select a valid choice...")
    device,       ///< hostname that must exist
    tag,          ///< id that must exist
    user,         ///< id that must exist
    group,        ///< id that must exist
    metadata,     ///< job metadata; Condition::path names the key
};

struct Field {
    std::string_view name;  ///< as in the URL, without lookup: "actual_device__device_type__name"
    FieldType type;
    std::span<const Lookup> lookups;  ///< allowed ones; the first is meant when none is given
    std::string_view sql;             ///< an expression over the list's tables
    std::string_view within = {};     ///< of another table: "job.x IN (SELECT ... WHERE ", closed by ")"
};

using FilterValue = std::variant<std::int64_t, std::string>;

struct Condition {
    const Field* field = nullptr;
    Lookup lookup = Lookup::exact;
    std::vector<FilterValue> values;  ///< one; for `in` and has_*keys any number; for isnull 0 or 1
    bool negate = false;              ///< `field!=value`; rows where the field is null then match
    std::vector<std::string> path;    ///< FieldType::metadata: the keys, outermost first
};

struct Order {
    const Field* field = nullptr;
    bool descending = false;
};

struct Query {
    std::vector<Condition> conditions;  ///< all must hold
    std::vector<Order> ordering;        ///< empty: the list's default; the id is always the last key
    std::int64_t limit = 50;
    std::int64_t offset = 0;

    /// In the order of the ids, and not far from where that begins: nothing is sorted, little is skipped.
    bool is_near_start() const;
};

struct FilterName {
    const Field* field;
    Lookup lookup;
    bool negate;
    std::vector<std::string> path;
};

/// "state__in", "id__lt", "state!", "metadata__build__id__startswith". nullopt: no filter of this list, ignore it.
std::optional<FilterName> find_filter(QueryList list, std::string_view parameter);
/// nullptr when the list cannot be ordered by `name` (then it is ignored).
const Field* find_order(QueryList list, std::string_view name);
std::span<const Field> filter_fields(QueryList list);

/// The SQL of `conditions`, beginning with " AND "; the values are to be bound from parameter `first` on.
struct FilterSql {
    std::string where;
    std::vector<FilterValue> values;
};
FilterSql filter_sql(const std::vector<Condition>& conditions, int first);
/// "start_time ASC NULLS LAST, " per key (as PostgreSQL sorts nulls), ending with `last_key`.
std::string order_sql(const std::vector<Order>& ordering, std::string_view last_key);

}  // namespace patchbay
