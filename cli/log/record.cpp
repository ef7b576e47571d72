// SPDX-License-Identifier: Apache-2.0
#include "cli/log/record.hpp"

#include "cli/json.hpp"
#include "core/config/yaml.hpp"

namespace patchbay::cli {
namespace {

std::optional<config::Value> parse(std::string_view text) {
    try {
        return config::parse_json(text);
    } catch (const config::YamlError&) {
        // not JSON: old workers escape as YAML does ("\e", "\xE9")
    }
    try {
        return config::parse_yaml(text);
    } catch (const config::YamlError&) {
        return std::nullopt;
    }
}

}  // namespace

std::optional<LogRecord> parse_record(std::string_view line) {
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
    if (line.starts_with("- ")) line.remove_prefix(2);
    if (!line.starts_with('{')) return std::nullopt;
    const auto value = parse(line);
    if (!value || !value->is_map()) return std::nullopt;
    LogRecord record;
    record.level = text_at(*value, "lvl");
    if (record.level.empty()) return std::nullopt;
    record.time = text_at(*value, "dt");
    record.space = text_at(*value, "ns");
    if (const auto* text = value->find("msg")) record.text = *text;
    record.stored = line;
    return record;
}

std::string record_json(const LogRecord& record, long long line) {
    config::Map out;
    if (line >= 0) put(out, "line", config::Value{static_cast<std::int64_t>(line)});
    put(out, "dt", record.time);
    put(out, "lvl", record.level);
    put(out, "msg", record.text);
    if (!record.space.empty()) put(out, "ns", record.space);
    return config::dump_json(config::Value{std::move(out)});
}

}  // namespace patchbay::cli
