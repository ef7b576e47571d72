// SPDX-License-Identifier: Apache-2.0
#pragma once
// How this daemon is set up; docs/configuration.md has every key. Without a file all defaults hold.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/config/map_reader.hpp"
#include "core/config/value.hpp"
#include "core/listen_address.hpp"
#include "daemon/lab/attach_settings.hpp"
#include "daemon/lab/device_types.hpp"
#include "daemon/lab/event_settings.hpp"
#include "daemon/lab/notification_settings.hpp"
#include "daemon/lab/worker_settings.hpp"
#include "devices/lab.hpp"

namespace patchbay {

/// HTTPS, beside the HTTP of `listen`.
struct TlsSettings {
    ListenAddress listen;
    std::filesystem::path certificate;  ///< PEM, with those that sign it
    std::filesystem::path key;          ///< PEM
};

/// Of one client, or one token; 0: no limit for it.
struct ClientLimits {
    unsigned connections = 2048;  ///< of all clients together
    unsigned connections_per_client = 512;
    unsigned requests_per_client = 2000;     ///< a second
    unsigned requests_per_token = 2000;      ///< a second
    unsigned failed_logins_per_client = 10;  ///< a minute
};

/// How many jobs may wait; 0: any number.
struct QueueLimits {
    std::int64_t all = 0;
    std::int64_t user = 0;  ///< of one user
};

struct Settings {
    ListenAddress listen;
    std::optional<TlsSettings> tls;
    std::filesystem::path state_dir;
    std::filesystem::path store_file;                       ///< default: state_dir/patchbay.db
    std::filesystem::path cache_dir;                        ///< default: state_dir/cache
    std::int64_t cache_limit = 10'000'000'000;              ///< bytes
    std::int64_t unpack_limit = std::int64_t{64} << 30;     ///< bytes of one artifact, also when it is unpacked
    std::int64_t log_limit = std::int64_t{2} << 30;         ///< bytes of one job's log
    std::vector<std::filesystem::path> allowed_file_paths;  ///< file:// may read below these
    /// Besides the internet, what urls of jobs may lead to (core/net/address_policy.hpp).
    std::vector<std::string> allowed_url_networks{"private"};
    bool trusted_jobs = false;
    std::size_t body_limit = 16 * 1024 * 1024;  ///< bytes of one request
    std::vector<std::string> trusted_proxies;   ///< addresses and networks whose X-Forwarded-* are believed
    ClientLimits limits;
    std::string version = "2023.01";  ///< what system/version answers; clients choose their calls by it
    std::string worker_host;          ///< default: this machine's host name
    std::string dispatcher_ip;  ///< how targets see this machine; empty: each runner finds out (docs/configuration.md)
    std::string dispatcher_tftp_ip, dispatcher_nfs_ip;     ///< the same for TFTP and NFS; empty: dispatcher_ip
    std::filesystem::path tftp_root = "/srv/tftp";         ///< what the TFTP server of the boards serves
    std::filesystem::path nfs_root = "/srv/nfs";           ///< what their NFS server exports
    std::int64_t tftp_size_limit = std::int64_t{4} << 30;  ///< bytes of one file
    config::Value env_dut;                                 ///< LAVA's env-dut map; null: targets get no variables
    std::string file;                                      ///< the configuration; empty without one
    std::filesystem::path runner;                          ///< default: patchbay-runner beside this program
    std::filesystem::path runner_sockets;  ///< of the units that runners start in; empty: they are our children
    std::chrono::seconds default_queue_timeout{0};  ///< for jobs that name none; 0: they wait for ever
    QueueLimits queue_limits;
    std::chrono::seconds keep_jobs{0};                              ///< after their end; 0: for ever
    std::chrono::seconds keep_logs{0};                              ///< of finished jobs; 0: as long as the job
    std::chrono::seconds keep_audit{std::chrono::hours{365 * 24}};  ///< who did what; 0: for ever
    std::filesystem::path sharing_file;                             ///< docs/donating.md; none: nothing is limited
    NotificationSettings notifications;
    EventSettings events;
    std::vector<DeviceEntry> devices;
    std::vector<std::filesystem::path> templates;  ///< folders of LAVA's device-type templates; the first wins
    std::vector<DeviceTypeEntry> device_types;
    std::vector<WorkerEntry> workers;              ///< those that attach over the network and are set up here
    std::vector<std::string> worker_registration;  ///< networks from which workers may attach that have no token
    std::vector<AttachSettings> attachments;

    /// What is set up for a worker; nothing for one that the file does not list.
    WorkerEntry worker(const std::string& name) const;
    std::filesystem::path leases_dir() const { return state_dir / "leases"; }
};

/// Defaults for this user: $STATE_DIRECTORY, /var/lib/patchbay for root, ~/.local/state/patchbay; two QEMU devices.
Settings default_settings();
/// Throws: ConfigurationError with every problem of the file, one in a line.
Settings read_settings(const std::filesystem::path& file);
Settings parse_settings(std::string_view text, const std::string& file);
/// The same, but adds the problems; what is wrong has its default.
Settings parse_settings(std::string_view text, config::Problems& problems);
/// Fills in what depends on state_dir.
void complete(Settings& settings);

}  // namespace patchbay
