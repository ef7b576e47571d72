// SPDX-License-Identifier: Apache-2.0
#pragma once
// Values with their Python types spelled out, as the tables of recorded behaviour have them:
// {"t": "int", "v": "12"}, {"t": "map", "v": [[key, value], ...]}.

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

#include "core/config/number.hpp"
#include "core/config/python_text.hpp"
#include "core/config/yaml.hpp"

namespace patchbay::testing {

inline std::string read_text(const std::filesystem::path& path) {
    std::ifstream in{path, std::ios::binary};
    if (!in) throw std::runtime_error{"cannot read " + path.string()};
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

inline std::string unhex(const std::string& hex) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
        bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
    return bytes;
}

/// What a table says, as a value. A set is a map of nulls; a datetime may have ISO's "T".
inline config::Value untyped(const config::Value& typed) {
    const std::string type = *typed.find("t")->as_string();
    const auto* v = typed.find("v");
    if (type == "null") return {};
    if (type == "bool") return *v;
    if (type == "int") return *config::read_integer(*v->as_string());
    if (type == "float") {
        const auto& text = *v->as_string();
        if (text == "nan") return *config::read_float(".nan");
        if (text.ends_with("inf")) return *config::read_float(text == "inf" ? ".inf" : "-.inf");
        return *config::read_decimal(text);
    }
    if (type == "str") return *v;
    if (type == "bytes") return config::Binary{unhex(*v->as_string())};
    if (type == "date" || type == "datetime") {
        std::string text = *v->as_string();
        if (text.size() > 10) text[10] = ' ';
        return config::Timestamp{text};
    }
    if (type == "set") {
        config::Map map;
        for (const auto& item : *v->as_list()) map.set(item, config::Value{});
        return map;
    }
    if (type == "seq") {
        config::List list;
        for (const auto& item : *v->as_list()) list.push_back(untyped(item));
        return list;
    }
    std::vector<config::Map::Entry> entries;
    for (const auto& pair : *v->as_list())
        entries.push_back({untyped((*pair.as_list())[0]), untyped((*pair.as_list())[1])});
    return config::Map::of_distinct(std::move(entries));
}

/// Equal, with the same types and the same order of keys.
inline bool same(const config::Value& left, const config::Value& right) {
    return left.storage().index() == right.storage().index() && python_repr(left) == python_repr(right);
}

}  // namespace patchbay::testing
