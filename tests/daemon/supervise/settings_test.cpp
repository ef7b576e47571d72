// SPDX-License-Identifier: Apache-2.0
#include "daemon/lab/settings.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "core/config/yaml.hpp"
#include "core/errors.hpp"
#include "daemon/lab/hardware_tags.hpp"
#include "daemon/lab/lab_devices.hpp"
#include "tests/support/temporary_folder.hpp"

namespace patchbay {
namespace {

using namespace std::chrono_literals;

TEST(SettingsTest, WithoutAFileThereAreTwoVirtualMachinesOnTheLoopback) {
    auto settings = default_settings();
    complete(settings);
    EXPECT_EQ(settings.listen.host, "127.0.0.1");
    EXPECT_EQ(settings.listen.port, 8080);
    ASSERT_EQ(settings.devices.size(), 2U);
    EXPECT_EQ(settings.devices[0].name, "qemu-01");
    EXPECT_EQ(settings.devices[1].name, "qemu-02");
    EXPECT_EQ(settings.store_file, settings.state_dir / "patchbay.db");
    EXPECT_EQ(settings.cache_dir, settings.state_dir / "cache");
    EXPECT_EQ(settings.runner.filename(), "patchbay-runner");
    EXPECT_FALSE(settings.worker_host.empty());
    EXPECT_FALSE(settings.trusted_jobs);
}

TEST(SettingsTest, DevicesHaveATagForEachKindOfTheirHardware) {
    testing::TemporaryFolder folder;
    const auto file = folder.path / "board.yaml";
    std::ofstream{file} << "hardware: {console: {driver: serial}, storage: {sd: {driver: sd-mux}}}\n";
    DeviceEntry entry;
    entry.name = "board-01";
    EXPECT_TRUE(hardware_tags(entry).empty());
    entry.file = file;
    EXPECT_EQ(hardware_tags(entry), (std::vector<std::string>{"hardware:console", "hardware:storage"}));
    entry.hardware = config::parse_yaml("{audio: {driver: alsa}}");
    EXPECT_EQ(hardware_tags(entry), std::vector<std::string>{"hardware:audio"}) << "its own goes before the file's";
    entry.hardware = {};
    entry.file = folder.path / "missing.yaml";
    EXPECT_TRUE(hardware_tags(entry).empty());
    entry.file.clear();
    entry.dictionary = "board.jinja2";
    EXPECT_TRUE(hardware_tags(entry).empty()) << "it is rendered when a job begins";
}

TEST(SettingsTest, TheVersionIsOneThatClientsCanRead) {
    const auto taken = [](const std::string& version) {
        try {
            return parse_settings("version: \"" + version + "\"", "lab.yaml").version == version;
        } catch (const ConfigurationError&) {
            return false;
        }
    };
    for (const auto* good : {"2020.09", "2023.01", "2026.7", "2026.07"}) EXPECT_TRUE(taken(good)) << good;
    for (const auto* bad :
         {"", "1.0", "2019.12", "2020.4", "2020.08", "2026", "2026.", "2026.13", "2026.007", "2126.07", "v2026.07"})
        EXPECT_FALSE(taken(bad)) << bad;
    EXPECT_TRUE(taken(default_settings().version));
}

TEST(SettingsTest, EveryKeyIsRead) {
    auto settings = parse_settings(R"(
listen: "[::1]:9000"
tls: {listen: 0.0.0.0:8443, certificate: /etc/lab.pem, key: /etc/lab.key}
state_dir: /srv/lab
store_file: /fast/lab.db
cache_dir: /big/cache
cache_limit: 1000
unpack_limit: 2000
log_limit: 3000
allowed_file_paths: [/srv/images]
allowed_url_networks: [loopback, 10.0.0.0/8]
trusted_jobs: true
body_limit: 2048
trusted_proxies: [10.0.0.1]
limits: {connections: 9, connections_per_client: 8, requests_per_client: 7, requests_per_token: 6, failed_logins_per_client: 0}
version: "2025.04"
worker_host: bench
dispatcher_ip: 192.168.1.1
dispatcher_tftp_ip: 192.168.2.1
dispatcher_nfs_ip: 192.168.3.1
tftp_root: /data/tftp
nfs_root: /data/nfs
tftp_size_limit: 1000
env_dut: {overrides: {PROXY: x}}
runner: /opt/runner
default_queue_timeout: 2h
queue_limits: {all: 1000, user: 50}
retention: {jobs: 365d, logs: 90d}
devices:
  - {name: imx8-01, device_type: imx8, tags: [hdmi], variables: {memory: 512}}
)",
                                   "lab.yaml");
    complete(settings);
    EXPECT_EQ(settings.listen.host, "::1");
    EXPECT_EQ(settings.listen.port, 9000);
    EXPECT_EQ(settings.tls->listen.port, 8443);
    EXPECT_EQ(settings.tls->certificate, "/etc/lab.pem");
    EXPECT_EQ(settings.tls->key, "/etc/lab.key");
    EXPECT_EQ(settings.state_dir, "/srv/lab");
    EXPECT_EQ(settings.store_file, "/fast/lab.db");
    EXPECT_EQ(settings.cache_dir, "/big/cache");
    EXPECT_EQ(settings.cache_limit, 1000);
    EXPECT_EQ(settings.unpack_limit, 2000);
    EXPECT_EQ(settings.log_limit, 3000);
    EXPECT_TRUE(settings.env_dut.find("overrides"));
    EXPECT_EQ(settings.allowed_file_paths.at(0), "/srv/images");
    EXPECT_EQ(settings.allowed_url_networks, (std::vector<std::string>{"loopback", "10.0.0.0/8"}));
    EXPECT_TRUE(settings.trusted_jobs);
    EXPECT_EQ(settings.body_limit, 2048U);
    EXPECT_EQ(settings.trusted_proxies.at(0), "10.0.0.1");
    EXPECT_EQ(settings.limits.connections, 9U);
    EXPECT_EQ(settings.limits.connections_per_client, 8U);
    EXPECT_EQ(settings.limits.requests_per_client, 7U);
    EXPECT_EQ(settings.limits.requests_per_token, 6U);
    EXPECT_EQ(settings.limits.failed_logins_per_client, 0U);
    EXPECT_EQ(settings.version, "2025.04");
    EXPECT_EQ(settings.worker_host, "bench");
    EXPECT_EQ(settings.dispatcher_ip, "192.168.1.1");
    EXPECT_EQ(settings.dispatcher_tftp_ip, "192.168.2.1");
    EXPECT_EQ(settings.dispatcher_nfs_ip, "192.168.3.1");
    EXPECT_EQ(settings.tftp_root, "/data/tftp");
    EXPECT_EQ(settings.nfs_root, "/data/nfs");
    EXPECT_EQ(settings.tftp_size_limit, 1000);
    EXPECT_EQ(settings.runner, "/opt/runner");
    EXPECT_EQ(settings.default_queue_timeout, 2h);
    EXPECT_EQ(settings.queue_limits.all, 1000);
    EXPECT_EQ(settings.queue_limits.user, 50);
    EXPECT_EQ(settings.keep_jobs, 365 * 24h);
    EXPECT_EQ(settings.keep_logs, 90 * 24h);
    ASSERT_EQ(settings.devices.size(), 1U);
    EXPECT_EQ(settings.devices[0].tags.at(0), "hdmi");
}

TEST(SettingsTest, AllProblemsAreReportedInOneGo) {
    try {
        parse_settings(
            "listen: nowhere\ncache_limit: -1\nunpack_limit: 0\nlog_limit: 0\nenv_dut: x\nbody_limit: 7\nlisten_on: "
            "x\nallowed_file_paths: [a]\nallowed_url_networks: [lan]\nqueue_limits: {user: -1}\n",
            "lab.yaml");
        FAIL();
    } catch (const ConfigurationError& error) {
        const std::string text = error.what();
        for (const auto* part : {"lab.yaml:1", "has no port", "cache_limit", "unpack_limit", "log_limit", "env_dut",
                                 "body_limit", "queue_limits.user", "listen_on", "absolute", "'lan' is no network"})
            EXPECT_NE(text.find(part), std::string::npos) << part << " in\n" << text;
    }
    EXPECT_THROW(parse_settings("a: [", "lab.yaml"), ConfigurationError);
    EXPECT_THROW(parse_settings("tls: {listen: ':8443', certificate: a.pem}", "lab.yaml"), ConfigurationError);
    EXPECT_THROW(parse_settings("limits: {connections: 0}", "lab.yaml"), ConfigurationError);
    EXPECT_THROW(parse_settings("trusted_proxies: [proxy]", "lab.yaml"), ConfigurationError);
    EXPECT_THROW(parse_settings("tls: {listen: x, certificate: a.pem, key: a.key}", "lab.yaml"), ConfigurationError);
    EXPECT_THROW(read_settings("/nonexistent.yaml"), ConfigurationError);
}

TEST(SettingsTest, ByDefaultNoJobIsEverRemovedAndAForgottenUnitRemovesNothing) {
    EXPECT_EQ(parse_settings("", "lab.yaml").keep_jobs, 0s);
    EXPECT_EQ(parse_settings("", "lab.yaml").keep_audit, 365 * 24h) << "who did what grows with every submission";
    EXPECT_EQ(parse_settings("retention: {audit: 0}", "lab.yaml").keep_audit, 0s) << "is kept for ever";
    EXPECT_EQ(parse_settings("retention: {logs: 30d}", "lab.yaml").keep_jobs, 0s);
    for (const auto* text : {"retention: {jobs: 30}", "retention: {logs: 23h}", "retention: {jobs: -1}",
                             "retention: {audit: 30}", "retention: {joobs: 30d}", "retention: 30d"})
        EXPECT_THROW(parse_settings(text, "lab.yaml"), ConfigurationError) << text;
}

TEST(SettingsTest, WorkersHaveFilesAndMistakesAreNamed) {
    const auto settings = parse_settings(R"(
worker_host: bench
worker_registration: [10.0.0.0/8]
workers:
- {name: rack-2, dispatcher: {prefix: x-}, env: {purge: true}, env_dut: {overrides: {A: b}}}
devices:
- {name: far-01, worker: rack-2}
- {name: near-01}
)",
                                         "lab.yaml");
    EXPECT_EQ(settings.worker_registration, (std::vector<std::string>{"10.0.0.0/8"}));
    EXPECT_TRUE(settings.worker("rack-2").dispatcher.find("prefix"));
    EXPECT_TRUE(settings.worker("rack-2").env.find("purge"));
    EXPECT_TRUE(settings.worker("rack-2").env_dut.find("overrides"));
    EXPECT_TRUE(settings.worker("rack-3").dispatcher.is_null());
    EXPECT_EQ(settings.devices.at(0).worker, "rack-2");
    EXPECT_EQ(settings.devices.at(1).worker, "");
    EXPECT_TRUE(parse_settings("", "lab.yaml").worker_registration.empty()) << "nobody comes in by default";
    try {
        parse_settings(
            "worker_host: bench\nworker_registration: [lan]\ndevices: [{name: a, worker: 'x y'}]\n"
            "workers: [{name: bench}, {name: a/b}, {name: twin}, {name: twin, env: x, host: y}]\n",
            "lab.yaml");
        FAIL();
    } catch (const ConfigurationError& error) {
        const std::string text = error.what();
        for (const auto* part :
             {"'lan' is no address or network", "worker: 'x y'", "'bench' is worker_host", "name: 'a/b'",
              "another worker is called 'twin'", "env: must be a map", "unknown key 'host'"})
            EXPECT_NE(text.find(part), std::string::npos) << part << " in\n" << text;
    }
}

TEST(SettingsTest, DeviceTypesHaveAliasesAndProperties) {
    const auto settings = parse_settings(
        "device_types:\n  qemu: {aliases: [x86, pc], description: virtual, display: false}\n  board: {}\n", "lab.yaml");
    ASSERT_EQ(settings.device_types.size(), 2U);
    EXPECT_EQ(settings.device_types[0].name, "qemu");
    EXPECT_EQ(settings.device_types[0].aliases, (std::vector<std::string>{"x86", "pc"}));
    EXPECT_EQ(settings.device_types[0].description, "virtual");
    EXPECT_EQ(settings.device_types[0].display, false);
    EXPECT_EQ(settings.device_types[1].display, std::nullopt) << "the API may set it";
    const auto checks = parse_settings(
        "device_types:\n  qemu: {health_check: /etc/check.yaml, health_frequency: 10, health_denominator: jobs, "
        "disable_health_check: true}\ndevices: [{name: special, health_check: own.yaml}]\n",
        "lab.yaml");
    EXPECT_EQ(checks.device_types[0].health_check, "/etc/check.yaml");
    EXPECT_EQ(checks.device_types[0].health_frequency, 10);
    EXPECT_EQ(checks.device_types[0].count_jobs, true);
    EXPECT_EQ(checks.device_types[0].disable_health_check, true);
    EXPECT_EQ(checks.devices[0].health_check, "own.yaml");
    const std::pair<const char*, const char*> table[] = {
        {"device_types: [qemu]", "must be a map of device types"},
        {"device_types: {board: {aliases: [qemu]}}", "device_types.board.aliases: 'qemu' is the name of a device type"},
        {"device_types: {a: {aliases: [x]}, b: {aliases: [x]}}", "'x' is an alias of 'a', too"},
        {"device_types: {a: {aliases: ['']}}", "an alias must not be empty"},
        {"device_types: {a: {health_frequency: 0}}", "must be at least 1"},
        {"device_types: {a: {health_denominator: weeks}}", "must be 'hours' or 'jobs'"},
        {"device_types: {a: {alias: x}}", "device_types.a: unknown key 'alias'"},
    };
    for (const auto& [text, problem] : table) {
        try {
            parse_settings(text, "lab.yaml");
            ADD_FAILURE() << text;
        } catch (const ConfigurationError& error) {
            EXPECT_NE(std::string{error.what()}.find(problem), std::string::npos) << error.what();
        }
    }
}

TEST(SettingsTest, NotificationsGoByNoMailUnlessTheOwnerSaysSo) {
    const auto defaults = parse_settings("", "lab.yaml").notifications;
    EXPECT_EQ(defaults.first_retry, 5s);
    EXPECT_EQ(defaults.longest_retry, 1h);
    EXPECT_EQ(defaults.give_up_after, 72h);
    EXPECT_EQ(defaults.mail.server, "");
    const auto read = parse_settings(R"(
notifications:
  first_retry: 1s
  longest_retry: 2m
  give_up_after: 1d
  lab_url: https://lab.example/
  mail: {server: "smtps://mail", from: lab@lab.example, user: lab, password_file: /etc/mail-password}
)",
                                     "lab.yaml")
                          .notifications;
    EXPECT_EQ(read.first_retry, 1s);
    EXPECT_EQ(read.longest_retry, 2min);
    EXPECT_EQ(read.give_up_after, 24h);
    EXPECT_EQ(read.lab_url, "https://lab.example");
    EXPECT_EQ(read.mail.server, "smtps://mail");
    EXPECT_EQ(read.mail.from, "lab@lab.example");
    EXPECT_EQ(read.mail.user, "lab");
    EXPECT_EQ(read.mail.password_file, "/etc/mail-password");
    for (const auto* text :
         {"{first_retry: 0}", "{longest_retry: -1}", "{frist_retry: 1s}", "{mail: {server: mail.example, from: a@b}}",
          "{mail: {server: 'smtp://m'}}", "{mail: {server: 'smtp://m', from: x}}",
          "{mail: {server: 'smtp://m', from: a@b, user: u}}", "{mail: {server: 'smtp://m', from: a@b, port: 25}}"})
        EXPECT_THROW(parse_settings("notifications: " + std::string{text}, "lab.yaml"), ConfigurationError) << text;
}

TEST(SettingsTest, EventsAreCalledAsLavaCallsThemAndZmqIsOff) {
    const auto plain = parse_settings("", "lab.yaml").events;
    EXPECT_EQ(plain.topic, "org.lavasoftware");
    EXPECT_FALSE(plain.zmq);
    EXPECT_EQ(plain.socket(), "");
    const auto events = parse_settings(
                            "events: {topic: com.example, listeners: 5, listeners_per_client: 2, zmq: {address: "
                            "\"tcp://*:5500\", private_jobs: true}}",
                            "lab.yaml")
                            .events;
    EXPECT_EQ(events.topic, "com.example");
    EXPECT_EQ(events.listeners, 5U);
    EXPECT_EQ(events.listeners_per_client, 2U);
    EXPECT_EQ(events.socket(), "tcp://*:5500");
    EXPECT_TRUE(events.zmq->private_jobs);
    const auto problem = [](const std::string& text) {
        try {
            parse_settings(text, "lab.yaml");
        } catch (const ConfigurationError& error) {
            return std::string{error.what()};
        }
        return std::string{"taken"};
    };
    EXPECT_NE(problem("events: {topic: \"a b\"}").find("events.topic: has 1 to 200 letters"), std::string::npos);
    EXPECT_NE(problem("events: {topic: \"\"}").find("events.topic"), std::string::npos);
    EXPECT_NE(problem("events: {zmq: {}}").find("the key 'address' is missing"), std::string::npos);
    for (const auto* address : {"5500", "ipc:///tmp/x", "tcp://nowhere", "inproc://x"})
        EXPECT_NE(
            problem("events: {zmq: {address: \"" + std::string{address} + "\"}}").find("must be like tcp://*:5500"),
            std::string::npos)
            << address;
}

TEST(SettingsTest, AnAddressIsHostAndPort) {
    EXPECT_EQ(parse_listen(":80").host, "0.0.0.0");
    EXPECT_EQ(parse_listen("lab.example:0").port, 0);
    EXPECT_EQ(parse_listen("[::]:65535").port, 65535);
    for (const auto* bad :
         {"", "8080", "host", "host:", "host:x", "host:65536", "host:-1", "::1:80", "[::1:80", "[]:80", "h:80 "})
        EXPECT_THROW(parse_listen(bad), ConfigurationError) << bad;
}

TEST(LabDevicesTest, ADeviceComesBackFromTheStoreAsItWasConfigured) {
    DeviceEntry entry;
    entry.name = "qemu-01";
    entry.device_type = "qemu";
    entry.variables.set("memory", 512);
    EXPECT_EQ(parse_device_configuration("qemu-01", "qemu", format_device_configuration(entry)), entry);
    entry.dictionary = "/etc/patchbay/devices/board-01.jinja2";
    EXPECT_EQ(parse_device_configuration("qemu-01", "qemu", format_device_configuration(entry)), entry);
    EXPECT_THROW(parse_device_configuration("qemu-01", "qemu", "["), ConfigurationError);
}

}  // namespace
}  // namespace patchbay
