// SPDX-License-Identifier: Apache-2.0
#include "core/config/yaml.hpp"
#include "core/errors.hpp"
#include "jobs/overlay/test_definition.hpp"

namespace patchbay {
namespace {

class Reader {
public:
    Reader(const std::string& path) : path_{path} {}

    [[noreturn]] void fail(const std::string& why) const {
        throw JobError{"Unable to open test definition '" + path_ + "': " + why};
    }

    /// Null and missing are the same: an empty section.
    const config::Value* section(const config::Value& parent, std::string_view key) const {
        const auto* value = parent.find(key);
        return value && !value->is_null() ? value : nullptr;
    }

    const config::Map* map(const config::Value& parent, std::string_view key) const {
        const auto* value = section(parent, key);
        if (value && !value->is_map()) fail("'" + std::string{key} + "' must be a map");
        return value ? value->as_map() : nullptr;
    }

    /// Null items are left out; a single text is a list of one.
    std::vector<std::string> texts(const config::Value& parent, std::string_view key) const {
        std::vector<std::string> result;
        const auto* value = section(parent, key);
        if (!value) return result;
        if (value->is_map()) fail("'" + std::string{key} + "' must be a list");
        if (!value->is_list()) return {config::python_str(*value)};
        for (const auto& item : *value->as_list()) {
            if (!item.is_null()) result.push_back(config::python_str(item));
        }
        return result;
    }

private:
    const std::string& path_;
};

void read_install(const Reader& reader, const config::Value& install, std::string_view distro, TestDefinition& into) {
    into.has_install = true;
    into.install_keys = reader.texts(install, "keys");
    into.install_sources = reader.texts(install, "sources");
    into.install_deps = reader.texts(install, "deps");
    if (!distro.empty()) {
        for (auto& package : reader.texts(install, "deps-" + std::string{distro})) {
            into.install_deps.push_back(std::move(package));
        }
    }
    into.install_steps = reader.texts(install, "steps");
    if (const auto* repos = reader.section(install, "git-repos")) {
        if (!repos->is_list()) reader.fail("'git-repos' must be a list");
        into.git_repos = *repos->as_list();
    }
}

}  // namespace

TestDefinition read_test_definition(const std::string& yaml, const std::string& path, std::string_view distro) {
    const Reader reader{path};
    config::Value document;
    try {
        document = config::parse_yaml(yaml);
    } catch (const config::YamlError& error) {
        reader.fail(error.what());
    }
    if (!document.is_map()) reader.fail("it is no map");
    TestDefinition definition;
    definition.document = *document.as_map();
    for (const auto* key : {"params", "parameters"}) {
        if (const auto* map = reader.map(document, key)) {
            for (const auto& [name, value] : *map) definition.parameters.set(name, value);
        }
    }
    if (const auto* run = reader.section(document, "run")) definition.run_steps = reader.texts(*run, "steps");
    if (const auto* install = reader.section(document, "install")) read_install(reader, *install, distro, definition);
    if (const auto* parse = reader.section(document, "parse")) {
        if (const auto* pattern = reader.section(*parse, "pattern")) definition.pattern = config::python_str(*pattern);
        if (const auto* fixup = reader.map(*parse, "fixupdict")) definition.fixup = *fixup;
    }
    if (reader.section(document, "expected")) definition.expected = reader.texts(document, "expected");
    return definition;
}

}  // namespace patchbay
