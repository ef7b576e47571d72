// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/query.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace patchbay {
namespace {

constexpr std::array<std::pair<std::string_view, Lookup>, 17> lookup_names{{
    {"exact", Lookup::exact},
    {"iexact", Lookup::iexact},
    {"contains", Lookup::contains},
    {"icontains", Lookup::icontains},
    {"startswith", Lookup::startswith},
    {"istartswith", Lookup::istartswith},
    {"endswith", Lookup::endswith},
    {"iendswith", Lookup::iendswith},
    {"in", Lookup::in},
    {"lt", Lookup::lt},
    {"lte", Lookup::lte},
    {"gt", Lookup::gt},
    {"gte", Lookup::gte},
    {"isnull", Lookup::isnull},
    {"has_key", Lookup::has_key},
    {"has_keys", Lookup::has_keys},
    {"has_any_keys", Lookup::has_any_keys},
}};

std::optional<Lookup> lookup_named(std::string_view name) {
    for (const auto& [candidate, lookup] : lookup_names)
        if (candidate == name) return lookup;
    return std::nullopt;
}

const Field* field_named(QueryList list, std::string_view name) {
    for (const auto& field : filter_fields(list))
        if (field.name == name) return &field;
    return nullptr;
}

bool allows(const Field& field, Lookup lookup) {
    return std::find(field.lookups.begin(), field.lookups.end(), lookup) != field.lookups.end();
}

std::optional<FilterName> metadata_filter(const Field& field, std::string_view rest, bool negate) {
    std::vector<std::string> path;
    while (!rest.empty()) {
        const auto cut = rest.find("__");
        path.emplace_back(rest.substr(0, cut));
        rest = cut == std::string_view::npos ? std::string_view{} : rest.substr(cut + 2);
    }
    auto lookup = Lookup::exact;
    if (!path.empty()) {
        if (const auto named = lookup_named(path.back()); named && allows(field, *named)) {
            lookup = *named;
            path.pop_back();
        }
    }
    if (path.empty() && lookup != Lookup::contains && lookup != Lookup::has_key && lookup != Lookup::has_keys &&
        lookup != Lookup::has_any_keys)
        return std::nullopt;
    return FilterName{&field, lookup, negate, std::move(path)};
}

/// Builds the SQL; numbers the parameters as it goes.
class Sql {
public:
    explicit Sql(int first) : next_{first} {}

    std::string parameter(FilterValue value) {
        values.push_back(std::move(value));
        return "$" + std::to_string(next_++);
    }

    std::string compare(const std::string& field, const Condition& condition) {
        const auto one = [&](std::string_view before, std::string_view after) {
            return field + std::string{before} + parameter(condition.values.at(0)) + std::string{after};
        };
        switch (condition.lookup) {
            case Lookup::exact:
                return one(" = ", "");
            case Lookup::lt:
                return one(" < ", "");
            case Lookup::lte:
                return one(" <= ", "");
            case Lookup::gt:
                return one(" > ", "");
            case Lookup::gte:
                return one(" >= ", "");
            case Lookup::iexact:
                return lower(field) + " = " + lower(parameter(condition.values.at(0)));
            case Lookup::contains:
                // Twice as fast as instr() on long texts.
                return field + " GLOB " + parameter("*" + literal_glob(text(condition.values.at(0))) + "*");
            case Lookup::icontains:
                return "instr(" + lower(field) + ", " + lower(parameter(condition.values.at(0))) + ") > 0";
            case Lookup::startswith:
                return starts(field, parameter(condition.values.at(0)));
            case Lookup::istartswith:
                return starts(lower(field), lower(parameter(condition.values.at(0))));
            case Lookup::endswith:
                return ends(field, parameter(condition.values.at(0)));
            case Lookup::iendswith:
                return ends(lower(field), lower(parameter(condition.values.at(0))));
            case Lookup::isnull: {
                const auto* flag = std::get_if<std::int64_t>(&condition.values.at(0));
                return field + (flag && *flag == 0 ? " IS NOT NULL" : " IS NULL");
            }
            case Lookup::in: {
                std::string list;
                for (const auto& value : condition.values) list += (list.empty() ? "" : ", ") + parameter(value);
                return list.empty() ? "0" : field + " IN (" + list + ")";
            }
            case Lookup::has_key:
            case Lookup::has_keys:
            case Lookup::has_any_keys:
                break;  // of metadata only
        }
        return "0";
    }

    /// Django's JSON lookups on the job's metadata, whose scalars are strings.
    std::string metadata(const Condition& condition) {
        const std::string column{condition.field->sql};
        std::string keys;
        switch (condition.lookup) {
            case Lookup::has_key:
            case Lookup::has_keys:
            case Lookup::has_any_keys:
                for (const auto& value : condition.values) {
                    auto path = condition.path;
                    path.push_back(text(value));
                    const bool any = condition.lookup == Lookup::has_any_keys;
                    keys += (keys.empty() ? ""
                             : any        ? " OR "
                                          : " AND ") +
                            ("json_type(" + column + ", " + parameter(json_path(path)) + ") IS NOT NULL");
                }
                return keys.empty() ? "1" : "(" + keys + ")";
            case Lookup::contains:
                if (condition.path.empty()) {
                    // Every scalar of the wanted object is at the same place in the job's.
                    return "NOT EXISTS (SELECT 1 FROM json_tree(" + parameter(condition.values.at(0)) +
                           ") AS wanted WHERE wanted.atom IS NOT NULL AND json_extract(" + column +
                           ", wanted.fullkey) IS NOT wanted.atom)";
                }
                break;
            default:
                break;
        }
        return compare("json_extract(" + column + ", " + parameter(json_path(condition.path)) + ")", condition);
    }

    std::vector<FilterValue> values;

private:
    static std::string lower(const std::string& sql) { return "lower(" + sql + ")"; }
    static std::string starts(const std::string& field, const std::string& value) {
        return "substr(" + field + ", 1, length(" + value + ")) = " + value;
    }
    static std::string ends(const std::string& field, const std::string& value) {
        // substr(x, -0) would be the whole text; every text ends with the empty one.
        return "(" + value + " = '' OR substr(" + field + ", -length(" + value + ")) = " + value + ")";
    }
    static std::string text(const FilterValue& value) {
        const auto* text = std::get_if<std::string>(&value);
        return text ? *text : std::to_string(std::get<std::int64_t>(value));
    }
    static std::string literal_glob(const std::string& text) {
        std::string glob;
        for (const char c : text) {
            if (c == '*' || c == '?' || c == '[')
                glob += std::string{"["} + c + "]";
            else
                glob += c;
        }
        return glob;
    }
    static std::string json_path(const std::vector<std::string>& keys) {
        std::string path = "$";
        for (auto key : keys) {
            // SQLite's paths have no way to write a quote or a NUL; a key without them is another key.
            std::erase(key, '"');
            std::erase(key, '\0');
            path += ".\"" + key + "\"";
        }
        return path;
    }

    int next_;
};

}  // namespace

std::optional<FilterName> find_filter(QueryList list, std::string_view parameter) {
    bool negate = false;
    if (parameter.ends_with('!')) {
        negate = true;
        parameter.remove_suffix(1);
    }
    const auto* metadata = list == QueryList::jobs ? field_named(list, "metadata") : nullptr;
    if (metadata && parameter.starts_with("metadata__"))
        return metadata_filter(*metadata, parameter.substr(10), negate);
    if (metadata && parameter == "metadata") return std::nullopt;
    if (const auto* field = field_named(list, parameter)) return FilterName{field, field->lookups.front(), negate, {}};
    const auto cut = parameter.rfind("__");
    if (cut == std::string_view::npos) return std::nullopt;
    const auto* field = field_named(list, parameter.substr(0, cut));
    const auto lookup = lookup_named(parameter.substr(cut + 2));
    if (!field || !lookup || !allows(*field, *lookup)) return std::nullopt;
    return FilterName{field, *lookup, negate, {}};
}

bool Query::is_near_start() const {
    return (ordering.empty() || ordering.front().field->name == "id") && offset <= 1000;
}

FilterSql filter_sql(const std::vector<Condition>& conditions, int first) {
    Sql sql{first};
    std::string where;
    for (const auto& condition : conditions) {
        auto holds = condition.field->type == FieldType::metadata
                         ? sql.metadata(condition)
                         : sql.compare(std::string{condition.field->sql}, condition);
        if (!condition.field->within.empty()) holds = std::string{condition.field->within} + holds + ")";
        where += condition.negate ? " AND NOT COALESCE(" + holds + ", 0)" : " AND " + holds;
    }
    return {std::move(where), std::move(sql.values)};
}

std::string order_sql(const std::vector<Order>& ordering, std::string_view last_key) {
    std::string out;
    for (const auto& order : ordering) {
        if (order.field->type == FieldType::metadata) continue;
        out += std::string{order.field->sql} + (order.descending ? " DESC NULLS FIRST, " : " ASC NULLS LAST, ");
    }
    return out + std::string{last_key};
}

}  // namespace patchbay
