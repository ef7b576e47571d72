// SPDX-License-Identifier: Apache-2.0
#include "daemon/import/import_lava.hpp"

#include <map>
#include <set>

#include "core/config/yaml.hpp"
#include "core/errors.hpp"
#include "core/whole_file.hpp"
#include "daemon/api/jobs/submission.hpp"
#include "devices/jinja/device.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;
using config::List;
using config::Map;
using config::Value;

class Plan {
public:
    Plan(const LavaFiles& files, const std::vector<fs::path>& shipped, const fs::path& output)
        : files_{files}, output_{output} {
        std::set<fs::path> folders;
        for (const auto& file : files.templates) folders.insert(file.path.parent_path());
        templates_.folders.assign(folders.begin(), folders.end());
        templates_.folders.insert(templates_.folders.end(), shipped.begin(), shipped.end());
        copy_templates(shipped);
        read_devices();
        read_health_checks();
        read_workers();
        for (const auto& path : files.others) note(path, "is none of the files that LAVA reads here");
    }

    LavaImport take() {
        auto& lab = import_.lab;
        if (!template_folders_.empty()) lab.set("templates", std::move(template_folders_));
        lab.set("devices", std::move(devices_));
        if (!types_.empty()) lab.set("device_types", std::move(types_));
        List workers;
        for (auto& [name, worker] : workers_) workers.emplace_back(std::move(worker));
        if (!workers.empty()) lab.set("workers", std::move(workers));
        if (!env_dut_.is_null()) lab.set("env_dut", std::move(env_dut_));
        return std::move(import_);
    }

private:
    void used(const fs::path& file, std::string words) {
        import_.files.push_back({file, Fate::used, std::move(words)});
    }
    void unused(const fs::path& file, std::string why) {
        import_.files.push_back({file, Fate::unused, std::move(why)});
    }
    void note(const fs::path& file, std::string words) {
        import_.files.push_back({file, Fate::noted, std::move(words)});
    }

    fs::path copy(const fs::path& from, std::string_view folder) {
        const auto to = output_ / folder / from.filename();
        import_.copies.push_back({from, to});
        return to;
    }

    /// The lab goes on when LAVA's packages are removed.
    void copy_templates(const std::vector<fs::path>& shipped) {
        for (const auto& file : files_.templates) used(file.path, copy(file.path, "device-types").string());
        if (!files_.templates.empty()) template_folders_.emplace_back((output_ / "device-types").string());
        std::set<std::string> names;
        for (const auto& folder : shipped) {
            for (const auto& entry : fs::directory_iterator{folder}) {
                if (entry.path().extension() == ".jinja2" && names.insert(entry.path().filename()).second)
                    copy(entry.path(), "lava-device-types");
            }
        }
        if (!names.empty()) template_folders_.emplace_back((output_ / "lava-device-types").string());
    }

    void read_devices() {
        std::vector<DeviceEntry> entries;
        for (const auto& file : files_.dictionaries) {
            DeviceEntry entry;
            entry.name = file.name;
            entry.dictionary = file.path.string();
            if (!is_device_name(entry.name)) {
                unused(file.path, "a device cannot be called '" + entry.name +
                                      "'; rename it with letters, digits, '.', '_' and '-'");
                continue;
            }
            try {
                entry.device_type = extended_template(read_whole_file(file.path));
            } catch (const InfrastructureError& error) {
                unused(file.path, std::string{error.what()} + "; check the rights");
                continue;
            }
            if (entry.device_type.empty()) {
                unused(file.path,
                       "extends no template, so it has no device type; begin it with {% extends 'TYPE.jinja2' "
                       "%}");
                continue;
            }
            entries.push_back(std::move(entry));
        }
        const auto problems = problems_of_dictionaries(entries, {templates_, {}});
        for (const auto& entry : entries) add_device(entry, problems);
    }

    void add_device(const DeviceEntry& entry, const std::map<std::string, std::string>& problems) {
        if (const auto found = problems.find(entry.name); found != problems.end())
            return unused(entry.dictionary, found->second);
        const auto to = copy(entry.dictionary, "devices").string();
        used(entry.dictionary, to);
        device_types_.insert(entry.device_type);
        devices_.emplace_back(Map{{"name", entry.name}, {"device_type", entry.device_type}, {"dictionary", to}});
    }

    void read_health_checks() {
        for (const auto& file : files_.health_checks) {
            if (!device_types_.contains(file.name)) {
                note(file.path, "no device that was taken over extends " + file.name + ".jinja2");
                continue;
            }
            if (types_.contains(file.name)) {
                note(file.path, "there is another health check of this name, which LAVA takes");
                continue;
            }
            try {
                read_health_check(read_whole_file(file.path));
            } catch (const Error& error) {
                unused(file.path, describe(error));
                continue;
            }
            const auto to = copy(file.path, "health-checks").string();
            types_.set(file.name, Map{{"health_check", to}});
            used(file.path, to);
        }
    }

    /// null: it was said why not.
    Value read_map(const fs::path& file) {
        try {
            auto value = config::parse_yaml(read_whole_file(file));
            if (value.is_map()) return value;
            if (value.is_null()) {
                note(file, "is empty");
            } else {
                unused(file, "is no mapping; see docs/workers.md for what LAVA's files say");
            }
        } catch (const config::YamlError& error) {
            unused(file, std::string{error.what()} + "; correct the file");
        } catch (const InfrastructureError& error) {
            unused(file, std::string{error.what()} + "; check the rights");
        }
        return {};
    }

    void read_workers() {
        add_to_workers(files_.dispatchers, "dispatcher");
        add_to_workers(files_.envs, "env");
        add_to_workers(files_.env_duts, "env_dut");
        for (const auto& file : files_.envs) {
            if (!file.name.empty()) continue;
            if (workers_.empty()) {
                note(file.path, "runners of this machine have the environment of the daemon");
                continue;
            }
            const auto env = read_map(file.path);
            if (env.is_null()) continue;
            for (auto& [name, worker] : workers_)
                if (!worker.contains("env")) worker.set("env", env);
            used(file.path, "lab.yaml: workers");
        }
        for (const auto& file : files_.env_duts) {
            if (!file.name.empty() || !env_dut_.is_null()) continue;
            env_dut_ = read_map(file.path);
            if (!env_dut_.is_null()) used(file.path, "lab.yaml: env_dut");
        }
    }

    void add_to_workers(const std::vector<LavaFile>& files, const char* key) {
        for (const auto& file : files) {
            if (file.name.empty()) continue;
            if (!is_device_name(file.name)) {
                unused(file.path, "a worker cannot be called '" + file.name +
                                      "'; rename it with letters, digits, '.', '_' and '-'");
                continue;
            }
            auto value = read_map(file.path);
            if (value.is_null()) continue;
            const auto worker = workers_.emplace(file.name, Map{{"name", file.name}}).first;
            worker->second.set(key, std::move(value));
            used(file.path, "lab.yaml: workers, " + file.name);
        }
    }

    const LavaFiles& files_;
    const fs::path& output_;
    Templates templates_;
    LavaImport import_;
    List template_folders_, devices_;
    std::set<std::string> device_types_;
    Map types_;
    std::map<std::string, Map> workers_;
    Value env_dut_;
};

}  // namespace

LavaImport plan_lava_import(const LavaFiles& files, const std::vector<fs::path>& shipped, const fs::path& output) {
    return Plan{files, shipped, output}.take();
}

std::string extended_template(std::string_view dictionary) {
    constexpr std::string_view blanks = " \t\r\n";
    for (auto at = dictionary.find("{%"); at != std::string_view::npos; at = dictionary.find("{%", at + 2)) {
        auto rest = dictionary.substr(at + 2);
        if (rest.starts_with('-') || rest.starts_with('+')) rest.remove_prefix(1);
        rest.remove_prefix(std::min(rest.find_first_not_of(blanks), rest.size()));
        constexpr std::string_view keyword = "extends";
        if (!rest.starts_with(keyword)) continue;
        rest.remove_prefix(keyword.size());
        rest.remove_prefix(std::min(rest.find_first_not_of(blanks), rest.size()));
        if (!rest.starts_with('\'') && !rest.starts_with('"')) return {};
        const auto name = rest.substr(1, rest.find(rest.front(), 1) - 1);
        constexpr std::string_view ending = ".jinja2";
        return std::string{name.ends_with(ending) ? name.substr(0, name.size() - ending.size()) : ""};
    }
    return {};
}

}  // namespace patchbay
