// SPDX-License-Identifier: Apache-2.0
#include "tests/compat/exchange.hpp"

#include <algorithm>
#include <sstream>

#include "tests/core/config/typed_json.hpp"

namespace patchbay::testing {
namespace {

std::string text_of(const config::Value& object, std::string_view key) {
    const auto* value = object.find(key);
    return value && value->is_string() ? *value->as_string() : std::string{};
}

std::string definition_body(const std::string& definition, bool strict) {
    config::Map fields;
    fields.set("definition", definition);
    if (strict) fields.set("strict", true);
    return config::dump_json(config::Value{std::move(fields)});
}

Exchange read_exchange(const std::string& name, const config::Value& line) {
    Exchange exchange;
    exchange.name = name + "/" + text_of(line, "name");
    exchange.method = text_of(line, "method");
    exchange.target = text_of(line, "target");
    for (const auto& header : *line.find("headers")->as_list()) exchange.headers.push_back(*header.as_string());
    exchange.body = text_of(line, "body");
    if (const auto file = text_of(line, "definition_file"); !file.empty()) {
        exchange.body = definition_body(read_text(golden_file(name) / file), line.find("strict") != nullptr);
    }
    exchange.status = static_cast<int>(*line.find("status")->as_int());
    exchange.type = text_of(line, "type");
    exchange.disposition = text_of(line, "disposition");
    exchange.allow = text_of(line, "allow");
    if (line.find("answer")) exchange.answer = text_of(line, "answer");
    if (const auto file = text_of(line, "answer_file"); !file.empty()) {
        exchange.answer = read_text(golden_file(name) / file);
    }
    return exchange;
}

std::string shown(const config::Value& value) { return config::dump_json(value); }

void compare_values(const config::Value& ours, const config::Value& recorded, const std::string& at,
                    std::vector<Finding>& findings);

/// What tells one row of a list from another.
std::string key_of(const config::Value& row) {
    for (const auto* key : {"id", "hostname", "name"}) {
        if (const auto* value = row.find(key)) return shown(*value);
    }
    return {};
}

std::string shape_of(const config::Value& row) {
    std::string names;
    const bool is_job = row.find("original_definition") != nullptr;
    if (const auto* map = row.as_map()) {
        for (const auto& [key, value] : *map) {
            const bool differs = *key.as_string() == "token" || (is_job && *key.as_string() == "metadata");
            if (!differs) names += *key.as_string() + " ";
        }
    }
    return names;
}

/// Rows are compared with those of the same key. Those that are only in one of two pages (the pages were cut out of
/// lists in another order) must have the same fields.
void compare_pages(const config::List& ours, const config::List& recorded, std::vector<Finding>& findings) {
    if (ours.size() != recorded.size()) {
        findings.push_back({"results length", std::to_string(ours.size()), std::to_string(recorded.size())});
    }
    std::string order, recorded_order;
    for (const auto& row : ours) order += key_of(row) + " ";
    for (const auto& row : recorded) recorded_order += key_of(row) + " ";
    if (order != recorded_order) findings.push_back({"order", order, recorded_order});
    for (const auto& row : recorded) {
        const auto same =
            std::find_if(ours.begin(), ours.end(), [&](const auto& mine) { return key_of(mine) == key_of(row); });
        if (same != ours.end()) {
            compare_values(*same, row, "results." + key_of(row), findings);
        } else if (!ours.empty() && shape_of(ours.front()) != shape_of(row)) {
            findings.push_back({"results fields", shape_of(ours.front()), shape_of(row)});
        }
    }
}

/// YAML inside of JSON: value by value, then the text.
void compare_yaml(const std::string& ours, const std::string& recorded, const std::string& at,
                  std::vector<Finding>& findings) {
    if (ours == recorded) return;
    const auto before = findings.size();
    compare_values(config::parse_yaml(ours), config::parse_yaml(recorded), at, findings);
    if (findings.size() == before) findings.push_back({at + " text", ours, recorded});
}

void compare_values(const config::Value& ours, const config::Value& recorded, const std::string& at,
                    std::vector<Finding>& findings) {
    if (at.ends_with("metadata") && ours.is_string() && recorded.is_string()) {
        return compare_yaml(*ours.as_string(), *recorded.as_string(), at, findings);
    }
    if (at == "results" && ours.is_list() && recorded.is_list()) {
        return compare_pages(*ours.as_list(), *recorded.as_list(), findings);
    }
    const auto *map = ours.as_map(), *recorded_map = recorded.as_map();
    if (map && recorded_map) {
        std::string order, recorded_order;
        for (const auto& [key, value] : *recorded_map) {
            const auto path = at.empty() ? *key.as_string() : at + "." + *key.as_string();
            const auto* mine = map->find(*key.as_string());
            if (!mine) {
                findings.push_back({path, "(absent)", shown(value)});
                continue;
            }
            recorded_order += *key.as_string() + " ";
            compare_values(*mine, value, path, findings);
        }
        for (const auto& [key, value] : *map) {
            const auto path = at.empty() ? *key.as_string() : at + "." + *key.as_string();
            if (!recorded_map->contains(*key.as_string())) {
                findings.push_back({path, shown(value), "(absent)"});
            } else {
                order += *key.as_string() + " ";
            }
        }
        if (order != recorded_order) findings.push_back({at + " order of fields", order, recorded_order});
        return;
    }
    const auto *list = ours.as_list(), *recorded_list = recorded.as_list();
    if (list && recorded_list) {
        if (list->size() != recorded_list->size()) {
            findings.push_back({at + " length", std::to_string(list->size()), std::to_string(recorded_list->size())});
        }
        for (std::size_t i = 0; i < std::min(list->size(), recorded_list->size()); ++i) {
            compare_values((*list)[i], (*recorded_list)[i], at + "." + std::to_string(i), findings);
        }
        return;
    }
    if (!(ours == recorded)) findings.push_back({at, shown(ours), shown(recorded)});
}

std::vector<std::string> split(const std::string& text, const std::string& between) {
    std::vector<std::string> parts;
    for (std::size_t from = 0;;) {
        const auto end = text.find(between, from);
        parts.push_back(text.substr(from, end - from));
        if (end == std::string::npos) return parts;
        from = end + between.size();
    }
}

/// Lines of CSV or items of a YAML list: LAVA exports them in no order.
bool same_records(const std::string& ours, const std::string& recorded, const std::string& between) {
    auto mine = split("\n" + ours, between), theirs = split("\n" + recorded, between);
    for (auto* records : {&mine, &theirs}) {
        while (records->back().ends_with('\n')) records->back().pop_back();
        std::sort(records->begin(), records->end());
    }
    return mine == theirs;
}

/// The first line that is not the same.
Finding compare_texts(const std::string& ours, const std::string& recorded) {
    std::istringstream mine{ours}, theirs{recorded};
    for (int number = 1;; ++number) {
        std::string left, right;
        const bool more = static_cast<bool>(std::getline(mine, left));
        if (!std::getline(theirs, right) && !more) return {"body", "(ends otherwise)", ""};
        if (left != right) return {"body", "line " + std::to_string(number) + ": " + left, right};
    }
}

}  // namespace

std::filesystem::path golden_file(const std::string& name) {
    return std::filesystem::path{PATCHBAY_SOURCE_DIR "/tests/compat/golden"} / name;
}

std::vector<Exchange> read_exchanges(const std::string& name) {
    std::istringstream lines{read_text(golden_file(name) / "exchanges.jsonl")};
    std::vector<Exchange> exchanges;
    for (std::string line; std::getline(lines, line);) {
        exchanges.push_back(read_exchange(name, config::parse_json(line)));
    }
    return exchanges;
}

std::vector<Finding> compare(const Exchange& recorded, const ApiAnswer& ours) {
    std::vector<Finding> findings;
    const auto same = [&](const char* what, const std::string& mine, const std::string& theirs) {
        if (mine != theirs) findings.push_back({what, mine, theirs});
    };
    if (ours.status != recorded.status) {
        // Where the verdict is another one, so is everything else.
        return {{"status", std::to_string(ours.status) + " " + ours.body.substr(0, 200),
                 std::to_string(recorded.status) + " " + recorded.answer.value_or("").substr(0, 200)}};
    }
    const auto header = [&](const std::string& name) {
        const auto found = ours.headers.find(name);
        return found == ours.headers.end() ? std::string{} : found->second;
    };
    same("type", ours.content_type, recorded.type);
    same("disposition", header("Content-Disposition"), recorded.disposition);
    same("allow", header("Allow"), recorded.allow);
    if (!recorded.answer) return findings;
    if (recorded.type == "application/json" && !recorded.answer->empty()) {
        compare_values(ours.json(), config::parse_json(*recorded.answer), "", findings);
    } else if (ours.body != *recorded.answer && (same_records(ours.body, *recorded.answer, "\r\n") ||
                                                 same_records(ours.body, *recorded.answer, "\n- "))) {
        findings.push_back({"order", "", ""});
    } else if (ours.body != *recorded.answer) {
        findings.push_back(compare_texts(ours.body, *recorded.answer));
    }
    if (recorded.target.find("ordering=-id") == std::string::npos) return findings;
    for (auto& finding : findings) {
        if (finding.what == "order") finding.what = "ordering";
    }
    return findings;
}

}  // namespace patchbay::testing
