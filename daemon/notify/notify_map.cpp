// SPDX-License-Identifier: Apache-2.0
#include "daemon/notify/notify_map.hpp"

#include "core/config/yaml.hpp"

namespace patchbay {
namespace {

using config::string_or_empty;

template <class E>
struct Word {
    std::string_view word;
    E value;
};

/// The value of `word`; the one of the first row for all else.
template <class E, std::size_t N>
E meaning(const config::Value* word, const Word<E> (&words)[N]) {
    const auto text = string_or_empty(word);
    for (const auto& entry : words)
        if (entry.word == text) return entry.value;
    return words[0].value;
}

NotifyCriteria read_criteria(const config::Value& map) {
    using enum NotifyStatus;
    NotifyCriteria criteria;
    criteria.status = meaning<NotifyStatus>(map.find("status"), {{"finished", finished},
                                                                 {"running", running},
                                                                 {"all", all},
                                                                 {"complete", complete},
                                                                 {"incomplete", incomplete},
                                                                 {"canceled", canceled}});
    criteria.change = meaning<NotifyChange>(map.find("type"), {{"", NotifyChange::any},
                                                               {"regression", NotifyChange::regression},
                                                               {"progression", NotifyChange::progression}});
    criteria.dependency_query = string_or_empty(map.find("dependency_query"));
    return criteria;
}

Callback read_callback(const config::Value& map) {
    Callback callback;
    callback.url = string_or_empty(map.find("url"));
    callback.method =
        meaning<CallbackMethod>(map.find("method"), {{"GET", CallbackMethod::get}, {"POST", CallbackMethod::post}});
    callback.token = string_or_empty(map.find("token"));
    if (auto header = string_or_empty(map.find("header")); !header.empty()) callback.header = std::move(header);
    callback.dataset = meaning<Dataset>(
        map.find("dataset"),
        {{"minimal", Dataset::minimal}, {"logs", Dataset::logs}, {"results", Dataset::results}, {"all", Dataset::all}});
    callback.content_type = meaning<ContentType>(
        map.find("content-type"), {{"urlencoded", ContentType::urlencoded}, {"json", ContentType::json}});
    return callback;
}

std::vector<Callback> read_callbacks(const config::Value& notify) {
    std::vector<Callback> callbacks;
    if (const auto* one = notify.find("callback"); one && one->is_map()) callbacks.push_back(read_callback(*one));
    const auto* many = notify.find("callbacks");
    if (const auto* list = many ? many->as_list() : nullptr)
        for (const auto& entry : *list) callbacks.push_back(read_callback(entry));
    return callbacks;
}

std::vector<Recipient> read_recipients(const config::Value& notify) {
    std::vector<Recipient> recipients;
    const auto* value = notify.find("recipients");
    const auto* list = value ? value->as_list() : nullptr;
    if (!list) return recipients;
    for (const auto& entry : *list) {
        const auto* to = entry.find("to");
        if (!to) continue;
        Recipient recipient;
        recipient.method = meaning<Recipient::Method>(
            to->find("method"), {{"email", Recipient::Method::mail}, {"irc", Recipient::Method::irc}});
        recipient.user = string_or_empty(to->find("user"));
        recipient.email = string_or_empty(to->find("email"));
        recipient.handle = string_or_empty(to->find("handle"));
        recipient.server = string_or_empty(to->find("server"));
        recipients.push_back(std::move(recipient));
    }
    return recipients;
}

/// {field: value} as the text that `dependency_query` is written in.
std::string conditions_text(const config::Value* conditions) {
    const auto* map = conditions ? conditions->as_map() : nullptr;
    std::string text;
    if (!map) return text;
    for (const auto& [field, value] : *map)
        text += (text.empty() ? "" : ",") + config::python_str(field) + "__" + config::python_str(value);
    return text;
}

Comparison read_comparison(const config::Value* map) {
    Comparison comparison;
    if (!map) return comparison;
    if (const auto* query = map->find("query")) comparison.conditions = conditions_text(query->find("conditions"));
    const auto* names = map->find("blacklist");
    if (const auto* list = names ? names->as_list() : nullptr)
        for (const auto& name : *list) comparison.blacklist.push_back(config::python_str(name));
    return comparison;
}

}  // namespace

std::optional<Notify> read_notify(const config::Value& document) {
    const auto* map = document.find("notify");
    if (!map || !map->is_map()) return std::nullopt;
    Notify notify;
    const auto* criteria = map->find("criteria");
    if (!criteria) return std::nullopt;
    notify.criteria = read_criteria(*criteria);
    notify.verbosity = meaning<Verbosity>(
        map->find("verbosity"),
        {{"quiet", Verbosity::quiet}, {"verbose", Verbosity::verbose}, {"status-only", Verbosity::status_only}});
    notify.callbacks = read_callbacks(*map);
    notify.recipients = read_recipients(*map);
    notify.comparison = read_comparison(map->find("compare"));
    return notify;
}

std::optional<Notify> notify_of(std::string_view definition) {
    // Dumped by us: a key of the top level stands at the beginning of a line.
    if (!definition.starts_with("notify:") && definition.find("\nnotify:") == std::string_view::npos)
        return std::nullopt;
    try {
        return read_notify(config::parse_yaml(definition));
    } catch (const config::YamlError&) {
        return std::nullopt;  // never stored by a submission
    }
}

}  // namespace patchbay
