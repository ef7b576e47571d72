// SPDX-License-Identifier: Apache-2.0
#include "daemon/lab/settings.hpp"

#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <string_view>

#include "core/clock.hpp"
#include "core/config/map_reader.hpp"
#include "core/config/yaml.hpp"
#include "core/errors.hpp"
#include "core/net/address_policy.hpp"
#include "core/whole_file.hpp"

namespace patchbay {
namespace {

std::filesystem::path default_state_dir() {
    // systemd gives $STATE_DIRECTORY; of several folders the first is ours.
    if (const char* given = std::getenv("STATE_DIRECTORY"); given && *given) {
        const std::string text{given};
        return text.substr(0, text.find(':'));
    }
    if (::geteuid() == 0) return "/var/lib/patchbay";
    if (const char* state = std::getenv("XDG_STATE_HOME"); state && *state)
        return std::filesystem::path{state} / "patchbay";
    if (const char* home = std::getenv("HOME"); home && *home)
        return std::filesystem::path{home} / ".local/state/patchbay";
    return "/var/lib/patchbay";
}

/// Clients choose their calls by it, and take what they cannot read for the newest. Of 2020.4 to 2020.8 lavacli expects
/// answers of another form.
bool is_lava_version(std::string_view version) {
    const auto number = [](std::string_view digits) {
        int value = -1;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
        return error == std::errc{} && end == digits.data() + digits.size() ? value : -1;
    };
    const auto dot = version.find('.');
    if (dot != 4 || version.size() > 7) return false;
    const int year = number(version.substr(0, dot));
    const int month = number(version.substr(dot + 1));
    return year < 2100 && month >= 1 && month <= 12 && (year > 2020 || (year == 2020 && month > 8));
}

std::string host_name() {
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 && name[0] ? name.data() : "localhost";
}

std::filesystem::path beside_this_program(const char* name) {
    std::error_code error;
    const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
    return error ? std::filesystem::path{name} : self.parent_path() / name;
}

/// How long something is kept. A forgotten unit must not remove what a lab has.
std::chrono::seconds keep_time(config::MapReader& map, std::string_view key, std::chrono::seconds otherwise) {
    const auto time = map.value_or(key, otherwise);
    if (time != 0s && time < 24h) map.problem(key, "must be at least a day, like 365d, or 0 for ever");
    return time;
}

std::string absolute(const std::string& text) {
    return text.empty() ? text : std::filesystem::absolute(text).lexically_normal().string();
}

ListenAddress listen_address(config::MapReader& map, const std::optional<std::string>& text, ListenAddress fallback) {
    try {
        if (text) return parse_listen(*text);
    } catch (const ConfigurationError& error) {
        map.problem("listen", error.what());
    }
    return fallback;
}

ClientLimits read_limits(config::MapReader map) {
    ClientLimits limits;
    limits.connections = map.value_or("connections", limits.connections);
    if (limits.connections == 0) map.problem("connections", "must be at least 1");
    limits.connections_per_client = map.value_or("connections_per_client", limits.connections_per_client);
    if (limits.connections_per_client == 0) map.problem("connections_per_client", "must be at least 1");
    limits.requests_per_client = map.value_or("requests_per_client", limits.requests_per_client);
    limits.requests_per_token = map.value_or("requests_per_token", limits.requests_per_token);
    limits.failed_logins_per_client = map.value_or("failed_logins_per_client", limits.failed_logins_per_client);
    map.finish();
    return limits;
}

/// What boards fetch and mount, and from where.
void read_board_network(config::MapReader& map, Settings& settings) {
    settings.dispatcher_ip = map.value_or("dispatcher_ip", settings.dispatcher_ip);
    settings.dispatcher_tftp_ip = map.value_or("dispatcher_tftp_ip", settings.dispatcher_tftp_ip);
    settings.dispatcher_nfs_ip = map.value_or("dispatcher_nfs_ip", settings.dispatcher_nfs_ip);
    settings.tftp_root = absolute(map.value_or("tftp_root", settings.tftp_root.string()));
    settings.nfs_root = absolute(map.value_or("nfs_root", settings.nfs_root.string()));
    settings.tftp_size_limit = map.value_or("tftp_size_limit", settings.tftp_size_limit);
    if (settings.tftp_size_limit < 1) map.problem("tftp_size_limit", "must be at least 1 byte");
}

TlsSettings read_tls(config::MapReader map) {
    TlsSettings tls;
    tls.listen = listen_address(map, map.required<std::string>("listen"), {});
    tls.certificate = absolute(map.required<std::string>("certificate"));
    tls.key = absolute(map.required<std::string>("key"));
    map.finish();
    return tls;
}

}  // namespace

WorkerEntry Settings::worker(const std::string& name) const {
    for (const auto& entry : workers)
        if (entry.name == name) return entry;
    WorkerEntry none;
    none.name = name;
    return none;
}

Settings default_settings() {
    Settings settings;
    settings.state_dir = default_state_dir();
    settings.devices = default_lab_devices();
    return settings;
}

void complete(Settings& settings) {
    settings.state_dir = std::filesystem::absolute(settings.state_dir).lexically_normal();
    if (settings.store_file.empty()) settings.store_file = settings.state_dir / "patchbay.db";
    if (settings.cache_dir.empty()) settings.cache_dir = settings.state_dir / "cache";
    if (settings.worker_host.empty()) settings.worker_host = host_name();
    if (settings.runner.empty()) settings.runner = beside_this_program("patchbay-runner");
}

Settings parse_settings(std::string_view text, const std::string& file) {
    config::Problems problems{file};
    auto settings = parse_settings(text, problems);
    problems.raise_if_any();
    return settings;
}

Settings parse_settings(std::string_view text, config::Problems& problems) {
    auto settings = default_settings();
    config::Value document;
    try {
        document = config::parse_yaml(text);
    } catch (const config::YamlError& error) {
        problems.add(error.mark, "", error.problem);
        return settings;
    }
    config::MapReader map{document, "", problems};
    settings.listen = listen_address(map, map.maybe<std::string>("listen"), settings.listen);
    if (map.has("tls")) settings.tls = read_tls(map.map("tls"));
    if (const auto folder = map.maybe<std::string>("state_dir")) settings.state_dir = absolute(*folder);
    settings.store_file = absolute(map.value_or<std::string>("store_file", ""));
    settings.cache_dir = absolute(map.value_or<std::string>("cache_dir", ""));
    settings.runner = absolute(map.value_or<std::string>("runner", ""));
    settings.runner_sockets = absolute(map.value_or<std::string>("runner_sockets", ""));
    settings.cache_limit = map.value_or<std::int64_t>("cache_limit", settings.cache_limit);
    if (settings.cache_limit < 0) map.problem("cache_limit", "must not be negative");
    settings.unpack_limit = map.value_or<std::int64_t>("unpack_limit", settings.unpack_limit);
    if (settings.unpack_limit < 1) map.problem("unpack_limit", "must be at least 1 byte");
    settings.log_limit = map.value_or<std::int64_t>("log_limit", settings.log_limit);
    if (settings.log_limit < 1) map.problem("log_limit", "must be at least 1 byte");
    for (const auto& path : map.value_or<std::vector<std::string>>("allowed_file_paths", {})) {
        if (!path.starts_with('/')) map.problem("allowed_file_paths", "'" + path + "' is not an absolute path");
        settings.allowed_file_paths.emplace_back(path);
    }
    settings.allowed_url_networks = map.value_or("allowed_url_networks", settings.allowed_url_networks);
    try {
        static_cast<void>(AddressPolicy{settings.allowed_url_networks});
    } catch (const ConfigurationError& error) {
        map.problem("allowed_url_networks", error.what());
    }
    settings.trusted_jobs = map.value_or("trusted_jobs", settings.trusted_jobs);
    const auto body_limit = map.value_or<std::int64_t>("body_limit", static_cast<std::int64_t>(settings.body_limit));
    if (body_limit < 1024) map.problem("body_limit", "must be at least 1024 bytes");
    settings.body_limit = static_cast<std::size_t>(body_limit);
    settings.trusted_proxies = map.value_or<std::vector<std::string>>("trusted_proxies", {});
    try {
        static_cast<void>(Subnets{settings.trusted_proxies});
    } catch (const ConfigurationError& error) {
        map.problem("trusted_proxies", error.what());
    }
    settings.limits = read_limits(map.map("limits"));
    settings.version = map.value_or("version", settings.version);
    if (!is_lava_version(settings.version))
        map.problem("version", "'" + settings.version + "' is not like 2023.01, and later than 2020.08");
    settings.worker_host = map.value_or("worker_host", settings.worker_host);
    read_board_network(map, settings);
    if (const auto* variables = map.raw("env_dut")) {
        settings.env_dut = *variables;
        if (!variables->is_map()) map.problem("env_dut", "must be a map with purge, removes and overrides");
    }
    settings.default_queue_timeout = map.value_or("default_queue_timeout", settings.default_queue_timeout);
    if (settings.default_queue_timeout < std::chrono::seconds{0})
        map.problem("default_queue_timeout", "must not be negative");
    auto limits = map.map("queue_limits");
    settings.queue_limits.all = limits.value_or<std::int64_t>("all", 0);
    settings.queue_limits.user = limits.value_or<std::int64_t>("user", 0);
    if (settings.queue_limits.all < 0) limits.problem("all", "must not be negative");
    if (settings.queue_limits.user < 0) limits.problem("user", "must not be negative");
    limits.finish();
    settings.sharing_file = absolute(map.value_or<std::string>("sharing", ""));
    auto retention = map.map("retention");
    settings.keep_jobs = keep_time(retention, "jobs", settings.keep_jobs);
    settings.keep_logs = keep_time(retention, "logs", settings.keep_logs);
    settings.keep_audit = keep_time(retention, "audit", settings.keep_audit);
    retention.finish();
    settings.notifications = read_notification_settings(map.map("notifications"));
    settings.events = read_event_settings(map.map("events"));
    for (const auto& folder : map.value_or<std::vector<std::string>>("templates", {}))
        settings.templates.emplace_back(absolute(folder));
    if (map.has("devices")) settings.devices = read_lab_devices(map, problems);
    settings.device_types = read_device_types(map, settings.devices, problems);
    settings.workers = read_workers(map, settings.worker_host, problems);
    settings.worker_registration = map.value_or<std::vector<std::string>>("worker_registration", {});
    try {
        static_cast<void>(Subnets{settings.worker_registration});
    } catch (const ConfigurationError& error) {
        map.problem("worker_registration", error.what());
    }
    settings.attachments = read_attach_settings(map, settings.devices);
    map.finish();
    return settings;
}

Settings read_settings(const std::filesystem::path& file) {
    std::string text;
    try {
        text = read_whole_file(file);
    } catch (const InfrastructureError& error) {
        throw ConfigurationError{std::string{error.what()} + "; check the path and the rights"};
    }
    auto settings = parse_settings(text, file.string());
    settings.file = file.string();
    return settings;
}

}  // namespace patchbay
