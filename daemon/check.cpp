// SPDX-License-Identifier: Apache-2.0
#include "daemon/check.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <set>

#include "core/config/yaml.hpp"
#include "core/errors.hpp"
#include "core/process/run_command.hpp"
#include "core/whole_file.hpp"
#include "daemon/configured_lab.hpp"
#include "daemon/renew_certificate.hpp"
#include "daemon/sharing/rules.hpp"
#include "devices/description.hpp"
#include "devices/jinja/device.hpp"

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
    } catch (const TimedOut& error) {
        add_lines(lines, std::string{error.what()} + "; the drivers could not be asked, try again");
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

/// What the drivers say, which only the runner knows.
Task<> ask_runner(const std::filesystem::path& runner, std::vector<std::string> files, Lines& lines) {
    Command command;
    command.argv = {runner.string(), "--check-hardware"};
    command.argv.insert(command.argv.end(), files.begin(), files.end());
    const auto output = co_await capture_command(std::move(command), Deadline::in(std::chrono::minutes{1}));
    add_lines(lines, output.text);
    if (output.exit_code > 1)
        throw InfrastructureError{runner.string() + " --check-hardware ended with " + std::to_string(output.exit_code)};
}

void check_hardware_of(const std::filesystem::path& runner, const std::vector<std::string>& files, Lines& lines) {
    if (files.empty()) return;
    asio::io_context io;
    std::exception_ptr failure;
    asio::co_spawn(io, ask_runner(runner, files, lines), [&failure](std::exception_ptr error) { failure = error; });
    io.run();
    if (failure) std::rethrow_exception(failure);
}

/// Throws: InfrastructureError when the runner cannot be run.
Lines problems_of_hardware(const Settings& settings) {
    std::vector<std::string> files;
    const auto has_hardware = [](const DeviceEntry& device) { return !device.hardware.is_null(); };
    if (!settings.file.empty() && std::ranges::any_of(settings.devices, has_hardware)) files.push_back(settings.file);
    for (const auto& device : settings.devices) {
        if (!device.file.empty() && std::ranges::find(files, device.file) == files.end()) files.push_back(device.file);
    }
    Lines lines;
    check_hardware_of(settings.runner, files, lines);
    return lines;
}

/// Where a store is, templates may have been uploaded into it, which only the daemon looks up.
void check_dictionaries(const Settings& settings, CheckPurpose purpose, Lines& lines) {
    std::error_code unseen;
    const auto missing = std::filesystem::exists(settings.store_file, unseen) ? MissingTemplates::may_be_uploaded
                                                                              : MissingTemplates::are_problems;
    const TemplateSource source{{settings.templates, {}}, {}};
    try {
        for (const auto& [device, problem] : problems_of_dictionaries(settings.devices, source, missing))
            add_lines(lines, problem);
    } catch (const NoRenderer& error) {
        if (purpose == CheckPurpose::look) throw;
        spdlog::error("devices with a dictionary cannot be used error=\"{}\"", error.what());
    }
}

void check_configuration(const std::string& text, const std::string& file, Lines& lines) {
    config::Problems problems{file};
    auto settings = parse_settings(text, problems);
    settings.file = file;
    lines = problems.lines();
    complete(settings);
    const auto named = problems_of_named_files(settings);
    lines.insert(lines.end(), named.begin(), named.end());
}

}  // namespace

std::vector<std::string> problems_of_named_files(const Settings& settings, CheckPurpose purpose) {
    Lines lines;
    collect(lines, [&] { load_certificate(settings); });
    collect(lines, [&] { configured_health_checks(settings); });
    if (!settings.sharing_file.empty()) collect(lines, [&] { read_sharing_rules(settings.sharing_file); });
    for (const auto& attach : settings.attachments)
        if (!attach.token_file.empty()) collect(lines, [&] { read_worker_token(attach.token_file); });
    std::set<std::string> seen;
    for (const auto& device : settings.devices) {
        if (device.file.empty() || !seen.insert(device.file).second) continue;
        collect(lines, [&] { read_device(parse(read_whole_file(device.file), device.file), device.file); });
    }
    collect(lines, [&] { check_dictionaries(settings, purpose, lines); });
    collect(lines, [&] {
        const auto hardware = problems_of_hardware(settings);
        lines.insert(lines.end(), hardware.begin(), hardware.end());
    });
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
        else if (has_any(document, {"actions", "commands", "constants", "parameters"})) {
            read_device(document, file);
            if (has_any(document, {"hardware"})) {
                auto settings = default_settings();
                complete(settings);
                check_hardware_of(settings.runner, {file}, lines);
            }
        } else
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
