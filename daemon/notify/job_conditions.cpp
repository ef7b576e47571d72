// SPDX-License-Identifier: Apache-2.0
#include "daemon/notify/job_conditions.hpp"

#include <algorithm>
#include <array>

#include "core/errors.hpp"
#include "core/text.hpp"
#include "daemon/store/rows.hpp"

namespace patchbay {
namespace {

constexpr std::size_t most_conditions = 20;

/// Takes the part in front of the next "__"; all of the text when there is none.
std::string_view next_part(std::string_view& text) {
    const auto cut = text.find("__");
    const auto part = text.substr(0, cut);
    text = cut == std::string_view::npos ? std::string_view{} : text.substr(cut + 2);
    return part;
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

bool is_operator(std::string_view word) {
    for (const std::string_view known : {"exact", "iexact", "ne", "icontains", "gt", "lt"})
        if (word == known) return true;
    return false;
}

// Short values, found without a look into another text: a query is asked while every other write waits for it.
constexpr std::string_view fields[] = {"submitter",     "state", "health",       "priority", "description",
                                       "actual_device", "tags",  "health_check", "id",       "requested_device_type"};

/// LAVA compares what a key points to by its name; here the filter's name says so.
std::string filter_name(std::string_view model, std::string_view field) {
    if (model == "namedtestattribute") return "metadata__" + std::string{field};
    if (field == "submitter") return "submitter__username";
    if (field == "actual_device") return "actual_device__hostname";
    if (field == "requested_device_type") return "requested_device_type__name";
    if (field == "tags") return "tags__name";
    return std::string{field};
}

template <class E>
std::optional<FilterValue> numbered(std::string_view word, E last) {
    for (int number = 0; number <= static_cast<int>(last); ++number)
        if (to_string(static_cast<E>(number)) == word) return std::int64_t{number};
    return std::nullopt;
}

/// nullopt: no value of this type.
std::optional<FilterValue> read_value(FieldType type, std::string_view text) {
    switch (type) {
        case FieldType::job_state:
            return numbered(text, JobState::finished);
        case FieldType::job_health:
            return numbered(text, JobHealth::canceled);
        case FieldType::boolean:
            return std::int64_t{text == "True" || text == "true" || text == "1"};
        case FieldType::integer:
            if (const auto number = whole_number(text)) return *number;
            return std::nullopt;
        case FieldType::text:
        case FieldType::metadata:
            return std::string{text};
        default:
            return std::nullopt;
    }
}

Condition parse_one(std::string_view text) {
    const auto fail = [text] {
        return JobError{"condition '" + std::string{text} +
                        "': this lab knows no such query; write testjob__FIELD__OPERATOR__VALUE with the operators "
                        "exact, iexact, ne, icontains, gt, lt"};
    };
    auto rest = text;
    auto field = next_part(rest);
    std::string_view model = "testjob";
    if (field == "testjob" || field == "namedtestattribute") {
        model = field;
        field = next_part(rest);
    }
    std::string_view word = "exact";
    if (auto behind = rest; is_operator(next_part(behind)) && rest.find("__") != std::string_view::npos) {
        word = next_part(rest);
    }
    if (model == "testjob" && std::find(std::begin(fields), std::end(fields), field) == std::end(fields)) throw fail();
    const bool negate = word == "ne";
    const auto found =
        find_filter(QueryList::jobs, filter_name(model, field) + "__" + std::string{negate ? "exact" : word});
    if (!found || field.empty()) throw fail();
    auto value = read_value(found->field->type, rest);
    if (!value) throw fail();
    return {found->field, found->lookup, {std::move(*value)}, negate, found->path};
}

}  // namespace

std::vector<Condition> parse_job_conditions(std::string_view text) {
    std::vector<Condition> conditions;
    if (std::ranges::any_of(text, is_control))
        throw JobError{"a query with a control character (as a tab or a NUL); write it in one line of plain text"};
    while (!text.empty()) {
        const auto comma = text.find(',');
        conditions.push_back(parse_one(text.substr(0, comma)));
        if (conditions.size() > most_conditions)
            throw JobError{"more than " + std::to_string(most_conditions) + " conditions in a query; ask for less"};
        text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
    }
    return conditions;
}

}  // namespace patchbay
