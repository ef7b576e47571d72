// SPDX-License-Identifier: Apache-2.0
#include "jobs/journal/group_call.hpp"

#include <array>

#include "core/config/yaml.hpp"

namespace patchbay {
namespace {

using config::List;
using config::Map;
using config::Value;

constexpr std::array words{"join", "send", "sync", "wait", "wait_all"};

std::optional<GroupCall::Kind> kind_of(const Value* word) {
    const auto* text = word ? word->as_string() : nullptr;
    if (!text) return std::nullopt;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (*text == words[i]) return static_cast<GroupCall::Kind>(i);
    }
    return std::nullopt;
}

/// The texts of a list that has only texts, `count` of them; else nothing.
std::optional<std::vector<std::string>> texts_of(const Value& value, std::size_t count) {
    const auto* list = value.as_list();
    if (!list || list->size() != count) return std::nullopt;
    std::vector<std::string> texts;
    for (const auto& one : *list) {
        if (!one.as_string()) return std::nullopt;
        texts.push_back(*one.as_string());
    }
    return texts;
}

std::optional<Value> parsed(std::string_view json) {
    try {
        return config::parse_json(json);
    } catch (const config::YamlError&) {
        return std::nullopt;
    }
}

}  // namespace

std::string_view to_string(GroupCall::Kind kind) { return words[static_cast<std::size_t>(kind)]; }

std::size_t size_of(const std::vector<std::pair<std::string, std::string>>& data) {
    constexpr std::size_t punctuation = 16;
    std::size_t size = 0;
    for (const auto& [key, value] : data) size += key.size() + value.size() + punctuation;
    return size;
}

std::size_t size_of(const GroupCall& call) { return call.id.size() + call.role.size() + size_of(call.data); }

std::string encode(const GroupCall& call) {
    Map map{{"call", to_string(call.kind)}, {"number", call.number}};
    if (!call.id.empty()) map.set("id", call.id);
    if (!call.role.empty()) map.set("role", call.role);
    List data;
    for (const auto& [key, value] : call.data) data.emplace_back(List{key, value});
    if (!data.empty()) map.set("data", std::move(data));
    return config::dump_json(map);
}

std::optional<GroupCall> read_group_call(std::string_view json) {
    const auto value = parsed(json);
    const auto kind = value ? kind_of(value->find("call")) : std::nullopt;
    const auto* number = value ? value->find("number") : nullptr;
    if (!kind || !number || !number->as_int()) return std::nullopt;
    GroupCall call;
    call.kind = *kind;
    call.number = *number->as_int();
    call.id = config::string_or_empty(value->find("id"));
    call.role = config::string_or_empty(value->find("role"));
    const auto* data = value->find("data");
    if (!data || !data->as_list()) return call;
    for (const auto& entry : *data->as_list()) {
        auto pair = texts_of(entry, 2);
        if (!pair) return std::nullopt;
        call.data.emplace_back(std::move((*pair)[0]), std::move((*pair)[1]));
    }
    return call;
}

std::string encode(const GroupAnswer& answer) {
    Map map{{"answer", answer.number}};
    if (!answer.refused.empty()) map.set("refused", answer.refused);
    List items;
    for (const auto& item : answer.items) items.emplace_back(List{item.sender, item.key, item.value});
    if (!items.empty()) map.set("items", std::move(items));
    return config::dump_json(map);
}

std::optional<GroupAnswer> read_group_answer(std::string_view json) {
    const auto value = parsed(json);
    const auto* number = value ? value->find("answer") : nullptr;
    if (!number || !number->as_int()) return std::nullopt;
    GroupAnswer answer;
    answer.number = *number->as_int();
    answer.refused = config::string_or_empty(value->find("refused"));
    const auto* items = value->find("items");
    if (!items || !items->as_list()) return answer;
    for (const auto& entry : *items->as_list()) {
        auto texts = texts_of(entry, 3);
        if (!texts) return std::nullopt;
        answer.items.push_back({std::move((*texts)[0]), std::move((*texts)[1]), std::move((*texts)[2])});
    }
    return answer;
}

}  // namespace patchbay
