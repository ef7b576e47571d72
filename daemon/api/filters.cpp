// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/filters.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "core/config/yaml.hpp"
#include "core/text.hpp"
#include "daemon/api/api_error.hpp"
#include "daemon/api/times.hpp"
#include "daemon/api/words.hpp"
#include "daemon/store/device_types.hpp"
#include "daemon/store/devices.hpp"
#include "daemon/store/groups.hpp"
#include "daemon/store/rows.hpp"
#include "daemon/store/users.hpp"

namespace patchbay {
namespace {

constexpr std::int64_t default_page = 50;
// Each key is one more term of an expression, and SQLite refuses deep ones.
constexpr std::size_t most_keys = 100;

bool is_decimal(std::string_view text) {
    double number = 0;
    const auto end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, number);
    return !text.empty() && parsed.ec == std::errc{} && parsed.ptr == end;
}

std::optional<std::int64_t> truth(std::string_view text) {
    for (const std::string_view yes : {"true", "True", "1"}) {
        if (text == yes) return 1;
    }
    for (const std::string_view no : {"false", "False", "0"}) {
        if (text == no) return 0;
    }
    return std::nullopt;
}

/// Turns the text of one filter into values; knows the error texts.
class ValueReader {
public:
    ValueReader(std::string_view parameter, const FilterName& filter, Database& db)
        : parameter_{parameter}, filter_{filter}, db_{db} {
        while (parameter_.ends_with('!')) parameter_.remove_suffix(1);
    }

    /// nullopt: the whole filter is ignored.
    std::optional<FilterValue> read(const std::string& text) const {
        switch (filter_.field->type) {
            case FieldType::text:
            case FieldType::metadata:
                return text;
            case FieldType::integer:
                if (const auto number = whole_number(text)) return *number;
                if (filter_.field->name == "priority") refuse_word(text);
                throw field_error(parameter_, "Enter a number.");
            case FieldType::decimal:
                if (is_decimal(text)) return text;
                throw field_error(parameter_, "Enter a number.");
            case FieldType::time:
                if (const auto time = parse_time(text)) return std::int64_t{time->time_since_epoch().count()};
                throw field_error(parameter_, "Enter a valid date/time.");
            case FieldType::boolean:
                if (const auto flag = truth(text)) return *flag;
                return std::nullopt;
            case FieldType::job_state:
                return word(text, number_of_word(text, JobState::finished, Case::matters));
            case FieldType::job_health:
                return word(text, number_of_word(text, JobHealth::canceled, Case::matters));
            case FieldType::device_state:
                return word(text, number_of_word(text, DeviceState::running, Case::matters));
            case FieldType::device_health:
                return word(text, number_of_word(text, DeviceHealth::retired, Case::ignored));
            case FieldType::worker_state:
                return word(text, number_of_word(text, WorkerState::offline, Case::matters));
            case FieldType::worker_health:
                return word(text, number_of_word(text, WorkerHealth::retired, Case::matters));
            case FieldType::health_denominator:
                return word(text, number_of_word(text, HealthDenominator::jobs, Case::matters));
            case FieldType::case_result:
                return word(text, number_of_word(text, CaseResult::unknown, Case::ignored));
            case FieldType::device_type:
                if (!DeviceTypes{db_}.find(text)) refuse_relation();
                return text;
            case FieldType::device:
                if (!Devices{db_}.find(text)) refuse_relation();
                return text;
            case FieldType::tag:
                return related(text, [&](std::int64_t id) { return Devices{db_}.tag(TagId{id}).has_value(); });
            case FieldType::user:
                return related(text, [&](std::int64_t id) { return Users{db_}.find(UserId{id}).has_value(); });
            case FieldType::group:
                return related(text, [&](std::int64_t id) { return Groups{db_}.find(GroupId{id}).has_value(); });
        }
        return std::nullopt;
    }

private:
    FilterValue word(const std::string& text, std::optional<std::int64_t> number) const {
        if (!number) refuse_word(text);
        return *number;
    }
    template <class Exists>
    FilterValue related(const std::string& text, Exists exists) const {
        const auto id = whole_number(text);
        if (!id || !exists(*id)) refuse_relation();
        return *id;
    }
    [[noreturn]] void refuse_word(const std::string& text) const {
        throw field_error(parameter_, "Select a valid choice. " + text + " is not one of the available choices.");
    }
    [[noreturn]] void refuse_relation() const {
        throw field_error(parameter_, "Select a valid choice. That choice is not one of the available choices.");
    }

    std::string_view parameter_;
    const FilterName& filter_;
    Database& db_;
};

std::vector<std::string> split(const std::string& text) {
    std::vector<std::string> parts;
    for (std::size_t from = 0;;) {
        const auto comma = text.find(',', from);
        parts.push_back(text.substr(from, comma - from));
        if (comma == std::string::npos) return parts;
        from = comma + 1;
    }
}

std::optional<Condition> read_condition(const std::string& parameter, const std::string& text, FilterName filter,
                                        Database& db) {
    Condition condition{filter.field, filter.lookup, {}, filter.negate, filter.path};
    if (filter.lookup == Lookup::isnull) {
        const auto flag = truth(text);
        if (!flag) return std::nullopt;
        condition.values.emplace_back(*flag);
        return condition;
    }
    const bool whole_map = filter.field->type == FieldType::metadata && filter.path.empty();
    if (whole_map && filter.lookup == Lookup::contains) {
        try {
            if (!config::parse_json(text).is_map()) throw field_error(parameter, "Enter a JSON object.");
        } catch (const config::YamlError&) {
            throw field_error(parameter, "Enter a JSON object.");
        }
    }
    const bool several =
        filter.lookup == Lookup::in || filter.lookup == Lookup::has_keys || filter.lookup == Lookup::has_any_keys;
    const auto parts = several ? split(text) : std::vector<std::string>{text};
    if (filter.lookup != Lookup::in && parts.size() > most_keys)
        throw field_error(parameter, "More than " + std::to_string(most_keys) + " keys; ask for less at once.");
    const ValueReader reader{parameter, filter, db};
    for (const auto& part : parts) {
        auto value = reader.read(part);
        if (!value) return std::nullopt;
        condition.values.push_back(std::move(*value));
    }
    return condition;
}

std::vector<Order> read_ordering(const std::string& text, QueryList list) {
    std::vector<Order> ordering;
    for (std::string_view name : split(text)) {
        const bool descending = name.starts_with('-');
        if (descending) name.remove_prefix(1);
        const auto* field = find_order(list, name);
        const auto again = [&](const Order& order) { return order.field == field; };
        if (field && std::none_of(ordering.begin(), ordering.end(), again)) ordering.push_back({field, descending});
    }
    return ordering;
}

}  // namespace

Query read_query(const Request& request, QueryList list, Database& db) {
    Query query;
    if (const auto* text = request.query_value("limit")) {
        const auto limit = whole_number(*text).value_or(0);
        query.limit = limit > 0 ? std::min(limit, largest_page) : default_page;
    } else {
        query.limit = default_page;
    }
    if (const auto* text = request.query_value("offset")) {
        query.offset = std::max<std::int64_t>(0, whole_number(*text).value_or(0));
    }
    if (const auto* text = request.query_value("ordering")) query.ordering = read_ordering(*text, list);
    for (const auto& [parameter, text] : request.query) {
        if (text.empty() || request.query_value(parameter) != &text) continue;  // a later one wins
        auto filter = find_filter(list, parameter);
        if (!filter) continue;
        auto condition = read_condition(parameter, text, std::move(*filter), db);
        if (condition) query.conditions.push_back(std::move(*condition));
    }
    if (query.conditions.size() > most_filters) {
        throw api_error(400, "detail", "More than " + std::to_string(most_filters) + " filters; ask for less at once.");
    }
    return query;
}

}  // namespace patchbay
