// SPDX-License-Identifier: Apache-2.0
#include "daemon/supervise/artifact_tokens.hpp"

#include <algorithm>

#include "core/config/yaml.hpp"

namespace patchbay {
namespace {

class Filling {
public:
    explicit Filling(const std::map<std::string, std::string>& tokens) : tokens_{tokens} {}

    void document(config::Value& document) {
        if (auto* secrets = find(document, "secrets")) values_of(*secrets);
        auto* actions = find(document, "actions");
        auto* list = actions ? actions->as_list() : nullptr;
        if (!list) return;
        for (auto& action : *list) {
            for (const auto* kind : {"deploy", "test"}) {
                if (auto* body = find(action, kind)) anywhere(*body);
            }
        }
    }

    std::vector<std::string> used;

private:
    static config::Value* find(config::Value& value, std::string_view key) {
        auto* map = value.as_map();
        return map ? map->find(key) : nullptr;
    }

    void values_of(config::Value& value) {
        auto* map = value.as_map();
        if (!map) return;
        for (auto& entry : *map) {
            const auto* name = entry.value.as_string();
            const auto token = name ? tokens_.find(*name) : tokens_.end();
            if (token == tokens_.end()) continue;
            entry.value = config::Value{token->second};
            if (std::ranges::find(used, token->second) == used.end()) used.push_back(token->second);
        }
    }

    void anywhere(config::Value& value) {
        if (auto* list = value.as_list()) {
            for (auto& item : *list) anywhere(item);
        }
        auto* map = value.as_map();
        if (!map) return;
        for (auto& entry : *map) anywhere(entry.value);
        const auto* from = map->find("from");
        const bool is_download =
            map->contains("url") || (from && *from == config::Value{"url"} && map->contains("repository"));
        auto* headers = map->find("headers");
        if (headers && is_download) values_of(*headers);
    }

    const std::map<std::string, std::string>& tokens_;
};

}  // namespace

FilledDefinition fill_tokens(std::string definition, const std::map<std::string, std::string>& tokens) {
    if (tokens.empty()) return {std::move(definition), {}};
    config::Value document;
    try {
        document = config::parse_yaml(definition);
    } catch (const config::YamlError&) {  // its runner says so
        return {std::move(definition), {}};
    }
    Filling filling{tokens};
    filling.document(document);
    if (filling.used.empty()) return {std::move(definition), {}};
    return {config::dump_yaml(document, config::KeyOrder::sorted), std::move(filling.used)};
}

}  // namespace patchbay
