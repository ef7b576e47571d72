// SPDX-License-Identifier: Apache-2.0
#include "cli/settings.hpp"

#include <sys/stat.h>

#include <algorithm>

#include "cli/exit.hpp"
#include "cli/files.hpp"
#include "core/config/map_reader.hpp"
#include "core/config/yaml.hpp"

namespace patchbay::cli {
namespace {

constexpr auto default_server = "http://127.0.0.1:8080";

struct FileSettings {
    std::string server = default_server;
    std::string token;
};

FileSettings read_file(const std::filesystem::path& path, std::vector<std::string>& warnings) {
    FileSettings out;
    std::error_code none;
    if (path.empty() || !std::filesystem::exists(path, none)) return out;
    const auto text = read_text(path.string());
    config::Problems problems{path.string()};
    config::Value document;
    try {
        document = config::parse_yaml(text);
    } catch (const config::YamlError& error) {
        throw UserError{path.string() + ": " + error.what()};
    }
    config::MapReader reader{document, "", problems};
    out.server = reader.value_or<std::string>("server", out.server);
    out.token = reader.value_or<std::string>("token", "");
    reader.finish();
    problems.raise_if_any();
    struct stat info {};
    if (!out.token.empty() && ::stat(path.c_str(), &info) == 0 && (info.st_mode & 077) != 0)
        warnings.push_back(path.string() + ": holds a token and others may read it; chmod 600 " + path.string());
    return out;
}

std::string without_slash(std::string server) {
    while (!server.empty() && server.back() == '/') server.pop_back();
    return server;
}

std::string trimmed(std::string text) {
    const auto is_blank = [](unsigned char c) { return c <= ' '; };
    text.erase(std::find_if_not(text.rbegin(), text.rend(), is_blank).base(), text.end());
    text.erase(text.begin(), std::find_if_not(text.begin(), text.end(), is_blank));
    return text;
}

void check_server(const std::string& server) {
    if (server.starts_with("http://") || server.starts_with("https://")) return;
    throw UserError{"server '" + server + "': not an http address; write it like " + default_server};
}

void check_token(const std::string& token) {
    // A line end inside it would add a header of its own.
    const auto odd = [](unsigned char c) { return c <= ' ' || c >= 0x7F; };
    if (std::any_of(token.begin(), token.end(), odd))
        throw UserError{"token: contains blanks or control characters; copy it again from the server's token page"};
}

}  // namespace

std::filesystem::path settings_file(const Environment& environment) {
    if (const auto config = variable(environment, "XDG_CONFIG_HOME"); !config.empty())
        return std::filesystem::path{config} / "patchbay" / "cli.yaml";
    if (const auto home = variable(environment, "HOME"); !home.empty())
        return std::filesystem::path{home} / ".config" / "patchbay" / "cli.yaml";
    return {};
}

Settings load_settings(const ServerOptions& options, const Environment& environment) {
    Settings settings;
    const auto file = read_file(settings_file(environment), settings.warnings);
    const auto from_environment = variable(environment, "PATCHBAY_SERVER");
    const auto& chosen = !options.server.empty()     ? options.server
                         : !from_environment.empty() ? from_environment
                                                     : file.server;
    settings.server = without_slash(chosen);
    check_server(settings.server);

    if (!options.token_file.empty())
        settings.token = trimmed(read_text(options.token_file));
    else if (const auto token = variable(environment, "PATCHBAY_TOKEN"); !token.empty())
        settings.token = trimmed(token);
    else if (settings.server == without_slash(file.server))
        settings.token = trimmed(file.token);
    check_token(settings.token);
    return settings;
}

}  // namespace patchbay::cli
