// SPDX-License-Identifier: Apache-2.0
#include "jobs/overlay/overlay.hpp"

#include <fstream>
#include <sstream>

#include "core/config/yaml.hpp"
#include "core/errors.hpp"
#include "core/process/words.hpp"
#include "jobs/lava_test_shell/scripts.hpp"
#include "jobs/overlay/shell_text.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;

std::string text_or_empty(const config::Value& map, std::string_view key) {
    const auto* value = map.find(key);
    return value && !value->is_null() ? config::python_str(*value) : std::string{};
}

std::string variable(const std::string& name, const std::string& value) {
    return value.empty() ? std::string{} : name + "=" + quote_word(value) + "\n";
}

/// What a multinode program knows of the group.
std::string group_values(const OverlaySettings& settings) {
    std::string group;
    for (const auto& [job, role] : settings.group_roles) group += (group.empty() ? "" : "\n") + job + "\t" + role;
    return variable("LAVA_JOB_ID", settings.job_id) + variable("LAVA_ROLE", settings.group_role) +
           variable("LAVA_GROUP", group);
}

/// The lines that give a script its values of this target.
std::string script_values(std::string_view name, const OverlaySettings& settings) {
    const config::Value target{settings.target_interface};
    if (name == "lava-target-ip") return variable("LAVA_TARGET_IP", text_or_empty(target, "ip"));
    if (name == "lava-target-mac") return variable("LAVA_TARGET_MAC", text_or_empty(target, "mac"));
    if (name == "lava-probe-ip" || name == "lava-probe-channel") {
        for (const auto& entry : settings.static_info) {
            const auto ip = text_or_empty(entry, "probe_ip");
            const auto channel = text_or_empty(entry, "probe_channel");
            if (ip.empty() || channel.empty()) continue;
            return name == "lava-probe-ip" ? variable("LAVA_PROBE_IP", ip) : variable("LAVA_PROBE_CHANNEL", channel);
        }
    }
    if (name == "lava-target-storage") {
        std::string lines;
        for (const auto& entry : settings.storage_info) {
            if (!entry.as_map()) continue;
            for (const auto& [method, device] : *entry.as_map()) {
                if (!lines.empty()) lines += '\n';
                lines += config::python_str(method) + "\t" + config::python_str(device);
            }
        }
        return variable("LAVA_STORAGE", lines);
    }
    return {};
}

/// A file of a fetched repository, wherever its links lead, as long as they stay in it.
std::string read_inside(const fs::path& directory, const std::string& path) {
    const auto fail = [&](const std::string& why) -> void {
        throw JobError{"Unable to open test definition '" + path + "': " + why};
    };
    std::error_code error;
    const auto file = fs::canonical(directory / fs::path{path}.relative_path(), error);
    if (error) fail(error.message());
    const auto inside = fs::canonical(directory).string() + "/";
    if (!file.string().starts_with(inside)) fail("it is outside the repository");
    if (!fs::is_regular_file(file)) fail("it is no file");
    std::ifstream stream{file, std::ios::binary};
    std::ostringstream text;
    text << stream.rdbuf();
    if (!stream) fail("it cannot be read");
    return text.str();
}

}  // namespace

Overlay::Overlay(OverlaySettings settings, Log log) : settings_{std::move(settings)}, log_{std::move(log)} {
    tree_.add_directory(settings_.results_dir);
    for (const auto* name : {"bin", "tests", "results"}) {
        const auto path = settings_.results_dir + "/" + name;
        log_(LogLevel::debug, "makedir: " + log_path(path));
        tree_.add_directory(path);
    }
    add_scripts();
    add_environment();
}

std::string Overlay::log_path(std::string_view target_path) const {
    return settings_.directory.string() + (target_path.starts_with('/') ? "" : "/") + std::string{target_path};
}

void Overlay::add_scripts() {
    const auto add = [this](const TargetScript& script) {
        tree_.add_file(
            settings_.results_dir + "/bin/" + std::string{script.name},
            "#!" + settings_.shell + "\n\n" + script_values(script.name, settings_) + std::string{script.text}, 0755);
    };
    const auto bin = log_path(settings_.results_dir + "/bin/");
    for (const auto& script : common_scripts()) {
        log_(LogLevel::debug, "Creating " + bin + std::string{script.name});
        add(script);
    }
    if (!settings_.group_roles.empty()) {
        for (const auto& script : multinode_scripts()) {
            log_(LogLevel::debug, "Creating " + bin + std::string{script.name});
            tree_.add_file(settings_.results_dir + "/bin/" + std::string{script.name},
                           "#!" + settings_.shell + "\n\n" + group_values(settings_) + std::string{script.text}, 0755);
        }
    }
    for (const auto& script : distro_scripts(settings_.distro)) {
        log_(LogLevel::debug, "Updating " + bin + std::string{script.name} + " (" + settings_.distro + ")");
        add(script);
    }
}

void Overlay::add_environment() {
    const auto path = settings_.results_dir + "/environment";
    log_(LogLevel::debug, "Creating " + log_path(path));
    std::string text;
    const auto add = [&](const std::string& prefix, const config::Value& value, std::string_view title) {
        const auto lines = export_lines(prefix, value);
        if (!lines.empty() && !title.empty()) log_(LogLevel::debug, std::string{title});
        for (const auto& line : lines) {
            text += line + "\n";
            if (!title.empty()) log_(LogLevel::debug, "- " + line.substr(line.find(' ') + 1));
        }
    };
    add("", config::Value{settings_.device_environment}, "device environment:");
    add("LAVA_DEVICE_INFO", config::Value{settings_.device_info}, "");
    add("LAVA_STATIC_INFO", config::Value{settings_.static_info}, "");
    add("LAVA_STORAGE_INFO", config::Value{settings_.storage_info}, "");
    add("", config::Value{settings_.job_environment}, "environment:");
    log_(LogLevel::debug, "LAVA metadata");
    for (const auto& [name, value] : settings_.metadata) {
        text += "export " + name + "=" + quote_word(value) + "\n";
        log_(LogLevel::debug, "- " + name + "=" + value);
    }
    tree_.add_file(path, std::move(text));
    if (settings_.secrets.empty()) return;
    log_(LogLevel::debug, "Creating " + log_path(settings_.results_dir + "/secrets"));
    std::string secrets;
    for (const auto& [name, value] : settings_.secrets) secrets += name + "=" + value + "\n";
    tree_.add_file(settings_.results_dir + "/secrets", std::move(secrets));
}

OverlayDefinition& Overlay::add_definition(TestDefinitionSource source, int stage, std::string uuid) {
    auto& definition = definitions_.emplace_back();
    definition.source = std::move(source);
    definition.stage = stage;
    definition.number = static_cast<int>(definitions_.size()) - 1;
    definition.uuid = std::move(uuid);
    definition.id = std::to_string(definition.number) + "_" + definition.source.name;
    definition.directory = settings_.results_dir + "/" + std::to_string(stage) + "/tests/" + definition.id;
    tree_.add_directory(definition.directory);
    return definition;
}

fs::path Overlay::host_directory(const OverlayDefinition& definition) const {
    return settings_.directory / fs::path{definition.directory}.relative_path();
}

void Overlay::load(OverlayDefinition& definition, const StopFlag& stop) {
    const auto& source = definition.source;
    std::string text;
    if (source.from == TestDefinitionSource::From::inline_map) {
        text = config::dump_yaml(source.repository);
        tree_.add_file(definition.directory + "/" + source.path, text);
    } else {
        const auto host = host_directory(definition);
        text = read_inside(host, source.path);
        tree_.add_host_directory(definition.directory, host, stop);
    }
    definition.definition = read_test_definition(text, source.path, settings_.distro);
    if (source.expected) definition.definition.expected = source.expected;
}

void Overlay::write_definition(const OverlayDefinition& definition) {
    const config::Value document{definition.definition.document};
    tree_.add_file(definition.directory + "/testdef.yaml", config::dump_yaml(document));
    config::Map metadata;
    const auto* given = document.find("metadata");
    for (const auto* key : {"os", "devices", "environment"}) {
        const auto* value = given ? given->find(key) : nullptr;
        metadata.set(key, value ? *value : config::Value{""});
    }
    metadata.set("branch_vcs", config::Value{definition.source.from_text()});
    const auto* name = given ? given->find("name") : nullptr;
    metadata.set("project_name", name ? *name : config::Value{definition.source.name});
    if (!definition.commit_id.empty()) metadata.set("commit_id", config::Value{definition.commit_id});
    tree_.add_file(definition.directory + "/testdef_metadata", config::dump_yaml(config::Value{metadata}));
    tree_.add_file(definition.directory + "/uuid", definition.uuid);
}

std::vector<Overlay::GitRepo> Overlay::git_repos(const OverlayDefinition& definition) const {
    std::vector<GitRepo> repos;
    if (definition.source.skips("git-repos")) return repos;
    const auto replaced = [&](std::string text) {
        for (const auto* parameters : {&definition.source.parameters, &definition.definition.parameters}) {
            if (const auto* value = parameters->find(text)) return config::python_str(*value);
        }
        return text;
    };
    for (const auto& entry : definition.definition.git_repos) {
        if (entry.is_null()) continue;
        GitRepo repo;
        if (entry.is_map()) {
            repo.url = replaced(text_or_empty(entry, "url"));
            repo.branch = replaced(text_or_empty(entry, "branch"));
            repo.destination = replaced(text_or_empty(entry, "destination"));
            if (const auto* skip = entry.find("skip_by_default"); skip && skip->as_bool() && *skip->as_bool()) continue;
        } else {
            repo.url = replaced(config::python_str(entry));
        }
        if (repo.url.empty()) throw JobError{"git-repos of '" + definition.source.name + "': an entry has no url"};
        if (repo.destination.empty()) {
            auto last = repo.url.substr(repo.url.find_last_of('/') + 1);
            if (last.ends_with(".git")) last.resize(last.size() - 4);
            repo.destination = last;
        }
        if (repo.destination.empty() || repo.destination == "." || repo.destination == ".." ||
            repo.destination.find('/') != std::string::npos) {
            throw JobError{"git-repos of '" + definition.source.name + "': '" + repo.destination +
                           "' is no name for a folder of the test definition"};
        }
        repos.push_back(std::move(repo));
    }
    return repos;
}

bool Overlay::write_install(const OverlayDefinition& definition) {
    if (!definition.definition.has_install) return false;
    for (const auto& line : parameter_lines(definition.source.parameters)) log_(LogLevel::debug, line);
    tree_.add_file(definition.directory + "/install.sh", "#!" + settings_.shell + "\n\n" + install_script(definition),
                   0755);
    return true;
}

void Overlay::write_run(const OverlayDefinition& definition) {
    for (const auto& line : parameter_lines(definition.source.parameters)) log_(LogLevel::debug, line);
    tree_.add_file(definition.directory + "/run.sh",
                   "#!" + settings_.shell + "\n\n" + run_script(settings_, definition), 0755);
    if (definition.source.signal == SignalMode::kernel_message)
        tree_.add_file(definition.directory + "/lava-use-kmsg", "");
}

void Overlay::write_runner_conf() {
    std::map<int, std::string> stages;
    for (const auto& definition : definitions_) {
        stages[definition.stage] += definition.directory + "\n";
        // Made here, as a slow target needs its time for every mkdir.
        tree_.add_directory(settings_.results_dir + "/" + std::to_string(definition.stage) + "/results/" +
                            definition.id);
    }
    for (const auto& [stage, text] : stages) {
        tree_.add_file(settings_.results_dir + "/" + std::to_string(stage) + "/lava-test-runner.conf", text);
    }
}

}  // namespace patchbay
