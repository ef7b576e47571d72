// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "core/errors.hpp"
#include "jobs/overlay/test_definition.hpp"

namespace patchbay {
namespace {

using From = TestDefinitionSource::From;

[[noreturn]] void wrong(std::string_view key, std::string_view wanted) {
    throw JobError{"test definition: '" + std::string{key} + "' must be " + std::string{wanted}};
}

std::string text_of(const config::Value& entry, std::string_view key) {
    const auto* value = entry.find(key);
    if (!value || value->is_null()) return {};
    if (value->is_list() || value->is_map()) wrong(key, "a text");
    return config::python_str(*value);
}

std::string required_text(const config::Value& entry, std::string_view key) {
    auto text = text_of(entry, key);
    if (text.empty()) throw JobError{"test definition: key '" + std::string{key} + "' is missing"};
    return text;
}

bool flag_of(const config::Value& entry, std::string_view key, bool otherwise) {
    const auto* value = entry.find(key);
    if (!value || value->is_null()) return otherwise;
    if (!value->as_bool()) wrong(key, "true or false");
    return *value->as_bool();
}

const config::Map* map_of(const config::Value& entry, std::string_view key) {
    const auto* value = entry.find(key);
    if (!value || value->is_null()) return nullptr;
    if (!value->as_map()) wrong(key, "a map");
    return value->as_map();
}

std::optional<std::vector<std::string>> texts_of(const config::Value& entry, std::string_view key) {
    const auto* value = entry.find(key);
    if (!value || value->is_null()) return std::nullopt;
    if (!value->as_list()) wrong(key, "a list");
    std::vector<std::string> texts;
    for (const auto& item : *value->as_list()) texts.push_back(config::python_str(item));
    return texts;
}

From read_from(const std::string& text) {
    if (text == "git") return From::git;
    if (text == "url") return From::url;
    if (text == "inline") return From::inline_map;
    throw JobError{"test definition: 'from' must be git, url or inline, not '" + text + "'"};
}

/// \w of Python's re, as far as a name may have it: also letters of other alphabets.
bool is_name_character(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return std::isalnum(byte) || c == '_' || c == '-' || byte >= 0x80;
}

}  // namespace

TestDefinitionSource read_test_definition_source(const config::Value& entry) {
    if (!entry.is_map()) throw JobError{"test definition: each entry of 'definitions' must be a map"};
    TestDefinitionSource source;
    source.from = read_from(required_text(entry, "from"));
    const auto* repository = entry.find("repository");
    if (!repository || repository->is_null()) throw JobError{"test definition: key 'repository' is missing"};
    if (source.from == From::inline_map && !repository->is_map()) wrong("repository", "a map when from is inline");
    if (source.from != From::inline_map && !repository->is_string()) wrong("repository", "a URL");
    source.repository = *repository;
    source.path = required_text(entry, "path");
    source.name = required_text(entry, "name");
    for (const auto* key : {"parameters", "params"}) {
        if (const auto* map = map_of(entry, key)) {
            for (const auto& [name, value] : *map) source.parameters.set(name, value);
        }
    }
    source.branch = text_of(entry, "branch");
    source.revision = text_of(entry, "revision");
    source.recursive = flag_of(entry, "recursive", false);
    source.history = flag_of(entry, "history", true);
    source.shallow = flag_of(entry, "shallow", true);
    source.compression = text_of(entry, "compression");
    if (const auto* strip = entry.find("strip-components"); strip && !strip->is_null()) {
        if (!strip->as_int() || *strip->as_int() < 0) wrong("strip-components", "a number of at least 0");
        source.strip_components = static_cast<unsigned>(*strip->as_int());
    }
    if (const auto* headers = map_of(entry, "headers")) {
        for (const auto& [name, value] : *headers) {
            source.headers.emplace_back(config::python_str(name), config::python_str(value));
        }
    }
    source.skip_install = texts_of(entry, "skip_install").value_or(std::vector<std::string>{});
    const auto signal = text_of(entry, "lava-signal");
    if (signal == "kmsg") {
        source.signal = SignalMode::kernel_message;
    } else if (!signal.empty() && signal != "stdout") {
        wrong("lava-signal", "stdout or kmsg");
    }
    source.expected = texts_of(entry, "expected");
    return source;
}

bool TestDefinitionSource::skips(std::string_view part) const {
    return std::any_of(skip_install.begin(), skip_install.end(),
                       [&](const std::string& skipped) { return skipped == part || skipped == "all"; });
}

std::string TestDefinitionSource::repository_text() const {
    const auto* url = repository.as_string();
    return url ? *url : std::string{};
}

std::string_view TestDefinitionSource::from_text() const {
    switch (from) {
        case From::git:
            return "git";
        case From::url:
            return "url";
        case From::inline_map:
            break;
    }
    return "inline";
}

std::string TestDefinitionSource::action_name() const { return std::string{from_text()} + "-repo-action"; }

std::vector<std::string> check_test_definitions(const std::vector<TestDefinitionSource>& definitions) {
    std::vector<std::string> problems;
    std::set<std::string> names;
    bool unique = true;
    for (const auto& definition : definitions) {
        if (!std::all_of(definition.name.begin(), definition.name.end(), is_name_character)) {
            problems.push_back("Invalid characters found in test definition name: " + definition.name);
        }
        if (definition.name == "lava") problems.push_back("Test definition name 'lava' is reserved.");
        unique = names.insert(definition.name).second && unique;
    }
    if (!unique) problems.push_back("Test definition names need to be unique.");
    return problems;
}

}  // namespace patchbay
