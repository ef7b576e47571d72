// SPDX-License-Identifier: Apache-2.0
#include "daemon/check.hpp"

#include <algorithm>
#include <set>

#include "core/config/yaml.hpp"
#include "core/errors.hpp"
#include "core/whole_file.hpp"
#include "daemon/configured_lab.hpp"
#include "daemon/renew_certificate.hpp"
#include "daemon/sharing/rules.hpp"
#include "devices/description.hpp"

namespace patchbay {
namespace {

using Lines = std::vector<std::string>;

void add_lines(Lines& lines, std::string_view text) {
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        lines.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

/// `read` throws what is wrong.
template <class Read>
void collect(Lines& lines, Read read) {
    try {
        read();
    } catch (const ConfigurationError& error) {
        add_lines(lines, error.what());
    } catch (const InfrastructureError& error) {
        add_lines(lines, std::string{error.what()} + "; check the path and the rights");
    }
}

config::Value parse(const std::string& text, const std::string& file) {
    config::Problems problems{file};
    config::Value document;
    try {
        document = config::parse_yaml(text);
    } catch (const config::YamlError& error) {
        problems.add(error.mark, "", error.problem);
    }
    problems.raise_if_any();
    return document;
}

bool has_any(const config::Value& document, std::initializer_list<std::string_view> keys) {
    return std::any_of(keys.begin(), keys.end(), [&](std::string_view key) { return document.find(key) != nullptr; });
}

void check_configuration(const std::string& text, const std::string& file, Lines& lines) {
    config::Problems problems{file};
    auto settings = parse_settings(text, problems);
    lines = problems.lines();
    complete(settings);
    const auto named = problems_of_named_files(settings);
    lines.insert(lines.end(), named.begin(), named.end());
}

}  // namespace

std::vector<std::string> problems_of_named_files(const Settings& settings) {
    Lines lines;
    collect(lines, [&] { load_certificate(settings); });
    collect(lines, [&] { configured_health_checks(settings); });
    if (!settings.sharing_file.empty()) collect(lines, [&] { read_sharing_rules(settings.sharing_file); });
    for (const auto& attach : settings.attachments) collect(lines, [&] { read_worker_token(attach.token_file); });
    std::set<std::string> seen;
    for (const auto& device : settings.devices) {
        if (device.file.empty() || !seen.insert(device.file).second) continue;
        collect(lines, [&] { read_device(parse(read_whole_file(device.file), device.file), device.file); });
    }
    return lines;
}

std::vector<std::string> problems_of_file(const std::string& file) {
    Lines lines;
    collect(lines, [&] {
        const auto text = read_whole_file(file);
        const auto document = parse(text, file);
        if (has_any(document, {"job_name"}))
            throw ConfigurationError{file + ": is a job definition; `patchbay validate` checks it"};
        if (has_any(document, {"rules", "timezone"}))
            parse_sharing_rules(text, file);
        else if (has_any(document, {"actions", "commands", "constants", "parameters"}))
            read_device(document, file);
        else
            check_configuration(text, file, lines);
    });
    return lines;
}

bool check_files(const std::vector<std::string>& files, CheckFormat format, std::ostream& good, std::ostream& bad) {
    bool all_good = true;
    for (const auto& file : files) {
        const auto problems = problems_of_file(file);
        all_good = all_good && problems.empty();
        if (format == CheckFormat::json) {
            config::Map line;
            line.set("file", file);
            line.set("ok", problems.empty());
            line.set("problems", config::List{problems.begin(), problems.end()});
            good << config::dump_json(config::Value{std::move(line)}) << "\n";
            continue;
        }
        for (const auto& problem : problems) bad << problem << "\n";
        if (problems.empty()) good << file << ": good\n";
    }
    return all_good;
}

}  // namespace patchbay
