// SPDX-License-Identifier: Apache-2.0
#include "daemon/lab/attach_settings.hpp"

#include <algorithm>
#include <set>

#include "core/errors.hpp"
#include "core/whole_file.hpp"

namespace patchbay {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t longest_token = 256;

bool is_name(std::string_view text) {
    constexpr std::string_view marks = "._-";
    const auto fits = [&](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               marks.find(c) != std::string_view::npos;
    };
    return !text.empty() && text.size() <= 100 && std::all_of(text.begin(), text.end(), fits);
}

std::string read_server(config::MapReader& map) {
    auto server = map.required<std::string>("server");
    while (server.ends_with('/')) server.pop_back();
    const auto scheme = server.starts_with("https://") ? 8u : server.starts_with("http://") ? 7u : 0u;
    if (scheme == 0 || server.size() == scheme)
        map.problem("server", "must begin with https:// or http:// and name a host");
    if (server.find_first_of("@?# \t\r\n") != std::string::npos)
        map.problem("server", "must be without user, password, question mark and blanks");
    return server;
}

std::map<std::string, std::string> read_devices(config::MapReader& map, const std::vector<DeviceEntry>& lab) {
    std::map<std::string, std::string> devices;
    std::set<std::string> taken;
    const auto* value = map.raw("devices");
    const auto* entries = value ? value->as_map() : nullptr;
    if (!entries || entries->empty()) {
        map.problem("devices", "must be a map with the server's names of devices and yours");
        return devices;
    }
    for (const auto& [theirs, ours] : *entries) {
        const auto name = config::python_str(ours);
        const auto is_this = [&](const DeviceEntry& entry) { return entry.name == name; };
        if (std::none_of(lab.begin(), lab.end(), is_this))
            map.problem("devices", "the lab has no device '" + name + "'");
        if (!taken.insert(name).second) map.problem("devices", "'" + name + "' is named twice");
        devices[config::python_str(theirs)] = name;
    }
    return devices;
}

AttachSettings read_one(config::MapReader& map, const std::vector<DeviceEntry>& lab) {
    AttachSettings attach;
    attach.name = map.required<std::string>("name");
    if (!is_name(attach.name)) map.problem("name", "must be letters, digits, '.', '_' and '-'");
    attach.server = read_server(map);
    attach.worker = map.value_or("worker", attach.name);
    if (!is_name(attach.worker)) map.problem("worker", "must be letters, digits, '.', '_' and '-'");
    const auto token_file = map.value_or("token_file", std::string{});
    if (!token_file.empty()) attach.token_file = std::filesystem::absolute(token_file).lexically_normal();
    attach.user = map.required<std::string>("user");
    attach.devices = read_devices(map, lab);
    attach.priority = map.value_or("priority", attach.priority);
    if (attach.priority < 0 || attach.priority > 100) map.problem("priority", "must be from 0 to 100");
    attach.interval = map.value_or("interval", attach.interval);
    if (attach.interval < 1s) map.problem("interval", "must be at least a second");
    map.finish();
    return attach;
}

}  // namespace

std::vector<AttachSettings> read_attach_settings(config::MapReader& lab, const std::vector<DeviceEntry>& devices) {
    std::vector<AttachSettings> all;
    for (auto& map : lab.maps("attach")) {
        auto one = read_one(map, devices);
        const auto same = [&](const AttachSettings& other) { return other.name == one.name; };
        if (std::any_of(all.begin(), all.end(), same)) map.problem("name", "'" + one.name + "' is taken twice");
        all.push_back(std::move(one));
    }
    return all;
}

std::string host_tag(const std::string& device) { return "host:" + device; }

std::filesystem::path token_file_of(const AttachSettings& attach, const std::filesystem::path& state_dir) {
    return attach.token_file.empty() ? state_dir / "attach" / (attach.name + ".token") : attach.token_file;
}

std::string read_worker_token(const std::filesystem::path& file) {
    std::string text;
    try {
        text = read_whole_file(file, 4096);
    } catch (const InfrastructureError& error) {
        throw ConfigurationError{std::string{error.what()} + "; the server's page of the worker shows its token"};
    }
    const auto is_blank = [](unsigned char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
    while (!text.empty() && is_blank(text.back())) text.pop_back();
    const auto unfit = [](unsigned char c) { return c <= 0x20 || c >= 0x7F; };
    if (text.empty() || text.size() > longest_token || std::any_of(text.begin(), text.end(), unfit))
        throw ConfigurationError{file.string() + ": must hold one token of at most 256 letters and digits"};
    return text;
}

}  // namespace patchbay
