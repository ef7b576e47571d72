// SPDX-License-Identifier: Apache-2.0
#include "daemon/serve.hpp"

#include <malloc.h>
#include <signal.h>
#include <spdlog/spdlog.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "core/errors.hpp"
#include "core/process/service_manager.hpp"
#include "core/task_group.hpp"
#include "core/worker.hpp"
#include "daemon/api/api.hpp"
#include "daemon/api/jobs/job_cache.hpp"
#include "daemon/attach/attachments.hpp"
#include "daemon/configured_lab.hpp"
#include "daemon/deliver/deliverer.hpp"
#include "daemon/events/event_socket.hpp"
#include "daemon/events/zmq_publisher.hpp"
#include "daemon/http/server.hpp"
#include "daemon/renew_certificate.hpp"
#include "daemon/schedule/scheduler.hpp"
#include "daemon/services.hpp"
#include "daemon/sharing/rules.hpp"
#include "daemon/store/events.hpp"
#include "daemon/store/health_log.hpp"
#include "daemon/store/retention.hpp"
#include "daemon/store/store.hpp"
#include "daemon/store/store_lock.hpp"
#include "daemon/supervise/supervisor.hpp"
#include "daemon/workers/protocol.hpp"
#include "daemon/workers/silence.hpp"
#include "daemon/xmlrpc/xmlrpc.hpp"

namespace patchbay {
namespace {

// Heavy reads (exports, filters without an index); two can run while the io thread and the writer go on.
constexpr std::size_t reader_threads = 2;
// Checks of what is submitted, which are short and have a thread of their own: anybody may ask for any number of heavy
// reads and validations, and no submission waits behind them.
constexpr std::size_t check_threads = 1;
// One makes the files of leases, and reads them before a device is made safe; one removes what ended leases left.
// Neither waits behind what people ask for, nor the first behind the second.
constexpr std::size_t lease_threads = 1;
// How long a renewed certificate may wait to be seen.
constexpr auto certificate_interval = 10s;

/// Everything the daemon is made of, in the order of its making.
class Daemon {
public:
    Daemon(const Settings& settings, std::function<Settings()> read_again)
        : settings_{settings},
          read_again_{std::move(read_again)},
          certificate_{load_certificate(settings)},
          store_{io_.get_executor(), readers_, settings.store_file},
          supervisor_{io_.get_executor(),
                      LeaseThreads{lease_files_, lease_removals_},
                      store_,
                      events_,
                      settings,
                      [this](const std::string& type) { scheduler_.device_free(type); }},
          scheduler_{io_.get_executor(), store_, [this](LeaseRow lease) { supervisor_.start(std::move(lease)); }},
          deliverer_{
              io_.get_executor(), store_, {settings.notifications, AddressPolicy{settings.allowed_url_networks}, {}}},
          feed_{io_.get_executor(), store_, settings.events},
          services_{store_, scheduler_, supervisor_, settings, events_, checkers_, job_cache_},
          server_{io_.get_executor(), limits(settings), [this](Request& request) { return answer(request); },
                  [this](const Request& head) {
                      if (is_worker_call(head)) return worker_body_right(head, services_);
                      return is_xmlrpc(head) ? xmlrpc_body_right(head, services_) : body_right(head, services_);
                  }} {}

    /// Whatever way it came to this: what a worker still does, such as an export, uses the store.
    ~Daemon() {
        readers_.stop();
        readers_.join();
    }

    Task<> run() {
        events_.on_publish([this] { deliverer_.wake(); });
        events_.on_changes([this](const std::vector<Change>& changes) { feed_.tell(changes); });
        store_.on_changes([this](const std::vector<Change>& changes) {
            health_log_.tell();
            events_.publish(changes);
        });
        scheduler_.on_stop([this](LeaseRow lease) { supervisor_.stop_attempt(lease); });
        if (!settings_.sharing_file.empty()) scheduler_.set_sharing(read_sharing_rules(settings_.sharing_file));
        auto configure = [lab = configured_lab(settings_)](Database& db) { configure_store(db, lab); };
        co_await store_.write(std::move(configure));
        attachments_.check(services_);
        // Before anything is begun: a daemon whose address is taken leaves everything as it is.
        const auto port = server_.listen(settings_.listen.host, settings_.listen.port);
        if (certificate_) serve_https();
        if (settings_.events.zmq) publish_events(*settings_.events.zmq);
        group_.spawn("reload", reload_on_hangup());
        group_.spawn("changes by commands", look_at_changes());
        supervisor_.adopt();
        co_await supervisor_.leave_retired_devices();
        // A cancel or a crash of the scheduler is nobody's to survive: without it the lab stands still unnoticed.
        group_.on_failure([](const std::string& name, std::exception_ptr failure) {
            spdlog::critical("{} failed, ending error=\"{}\"", name, describe(failure));
            ::raise(SIGTERM);
        });
        group_.spawn("scheduler", scheduler_.run());
        group_.spawn("queue time-outs", scheduler_.run_queue_timeouts());
        group_.spawn("notifications", deliverer_.run());
        group_.spawn("health checks", scheduler_.run_health_checks());
        group_.spawn("workers", watch_workers(store_, scheduler_));
        group_.spawn("retention", keep_for(store_, {settings_.keep_jobs, settings_.keep_logs, settings_.keep_audit}));
        co_await attachments_.start(services_);
        report_size(store_);
        spdlog::info("serving address={} port={} state={} devices={}", settings_.listen.host, port,
                     settings_.state_dir.string(), settings_.devices.size());
        notify_manager("READY=1");

        asio::signal_set signals{io_, SIGTERM, SIGINT};
        const int number = co_await signals.async_wait(asio::use_awaitable);
        spdlog::info("stopping signal={} leases={}", number, supervisor_.size());
        notify_manager("STOPPING=1");
        co_await stop();
    }

    asio::io_context io_{1};

private:
    static HttpLimits limits(const Settings& settings) {
        HttpLimits limits;
        limits.body_bytes = settings.body_limit;
        limits.body_budget = std::max(limits.body_budget, 4 * settings.body_limit);
        limits.trusted_proxies = Subnets{settings.trusted_proxies};
        limits.connections = settings.limits.connections;
        limits.connections_per_peer = settings.limits.connections_per_client;
        // What ten seconds allow, at once: clients come in bursts. Of logins what three minutes do.
        const auto a_second = [](double rate) { return Rate{rate, 10 * rate}; };
        limits.rates.requests = a_second(settings.limits.requests_per_client);
        limits.rates.token_requests = a_second(settings.limits.requests_per_token);
        const double logins = settings.limits.failed_logins_per_client;
        limits.rates.failed_logins = {logins / 60, 3 * logins};
        return limits;
    }

    Task<Response> answer(Request& request) {
        if (is_worker_call(request)) return answer_worker_call(request, services_);
        if (is_xmlrpc(request)) return answer_xmlrpc(request, services_);
        if (is_event_socket(request))
            return answer_event_socket(request, feed_, store_.reader(), zmq_ ? zmq_->dropped() : 0);
        return answer_api(request, services_);
    }

    void publish_events(const ZmqSettings& zmq) {
        zmq_.emplace(zmq.address);
        feed_.also_tell(zmq.private_jobs ? EventFeed::Hears::everything : EventFeed::Hears::what_is_public,
                        [this](const Event& event) { zmq_->publish(event); });
        spdlog::info("publishing events by zmq address={} private_jobs={}", zmq.address, zmq.private_jobs);
    }

    void serve_https() {
        const auto& listen = settings_.tls->listen;
        const auto port = server_.listen(listen.host, listen.port, certificate_.get());
        group_.spawn("certificate at a change", renew_on_change(*certificate_, certificate_interval));
        spdlog::info("serving https address={} port={} certificate={} expires=\"{}\"", listen.host, port,
                     settings_.tls->certificate.string(), certificate_->expires());
    }

    Task<> reload_on_hangup() {
        for (;;) {
            co_await hangups_.async_wait(asio::use_awaitable);
            if (certificate_) renew(*certificate_);
            reload_sharing();
            co_await reload_devices();
        }
    }

    /// A command beside us has changed the store: who may use which device, what is to be sent again.
    Task<> look_at_changes() {
        for (;;) {
            co_await store_changes_.async_wait(asio::use_awaitable);
            scheduler_.wake_all();
            deliverer_.wake();
        }
    }

    /// A file with mistakes changes nothing, and neither does anything else that goes wrong with it.
    void reload_sharing() {
        if (settings_.sharing_file.empty()) return;
        try {
            auto rules = read_sharing_rules(settings_.sharing_file);
            spdlog::info("rules of sharing reloaded file={} rules={}", settings_.sharing_file.string(),
                         rules.rules.size());
            scheduler_.set_sharing(std::move(rules));
        } catch (const std::exception& error) {
            spdlog::error("rules of sharing not reloaded, the old ones hold error=\"{}\"", describe(error));
        }
    }

    /// On a thread for which nobody waits: drivers are asked by a program, which may take a minute.
    /// Leases have copies of their devices' files, so each lease that runs ends as it began; the next one is of the new
    /// description. What is attached to other servers stays as it is.
    Task<> reload_devices() {
        auto read = [again = read_again_, now = settings_] {
            auto next = now;
            auto settings = again();
            next.devices = std::move(settings.devices);
            next.device_types = std::move(settings.device_types);
            return configured_lab(next);
        };
        try {
            auto lab = co_await on_worker(lease_removals_, std::move(read));
            const auto devices = lab.devices.size(), types = lab.types.size();
            auto configure = [lab = std::move(lab)](Database& db) { configure_store(db, lab); };
            co_await store_.write(std::move(configure));
            scheduler_.wake_all();
            spdlog::info("devices reloaded devices={} types={}", devices, types);
        } catch (const std::exception& error) {
            if (is_cancellation(std::current_exception())) throw;
            spdlog::error("devices not reloaded, the old descriptions hold error=\"{}\"", describe(error));
        }
    }

    Task<> stop() {
        co_await server_.stop();
        group_.cancel();
        co_await group_.join();
        co_await attachments_.stop();
        co_await supervisor_.stop();
        co_await deliverer_.stop();
        store_.flush();
    }

    // Before anything is read that a hangup asks to be read again.
    asio::signal_set hangups_{io_, SIGHUP};
    asio::signal_set store_changes_{io_, store_changed_signal};
    const Settings& settings_;
    std::function<Settings()> read_again_;
    std::unique_ptr<Certificate> certificate_;
    asio::thread_pool readers_{reader_threads};
    asio::thread_pool checkers_{check_threads};
    asio::thread_pool lease_files_{lease_threads};
    asio::thread_pool lease_removals_{lease_threads};
    Events events_;
    Store store_;
    HealthLog health_log_{store_.reader()};
    Supervisor supervisor_;
    Scheduler scheduler_;
    Deliverer deliverer_;
    JobCache job_cache_;
    EventFeed feed_;
    std::optional<ZmqPublisher> zmq_;
    Services services_;
    Attachments attachments_{io_.get_executor()};
    HttpServer server_;
    TaskGroup group_{io_.get_executor()};
};

}  // namespace

void serve(const Settings& settings, std::function<Settings()> read_again) {
    // Whoever finds our lock may tell us to read again what we have not read yet.
    ::signal(SIGHUP, SIG_IGN);
    // Answers of some hundred KB are made and dropped all the time: their memory stays, instead of being given back to
    // the system and faulted in again; enough for 64 pages of jobs at once. Few threads need few arenas.
    ::mallopt(M_MMAP_THRESHOLD, 2 * 1024 * 1024);
    ::mallopt(M_TRIM_THRESHOLD, 12 * 1024 * 1024);
    ::mallopt(M_ARENA_MAX, 2);
    // A client that hangs up and a runner that closes its socket are errors of those writes.
    ::signal(SIGPIPE, SIG_IGN);
    std::error_code refused;
    std::filesystem::create_directories(settings.leases_dir(), refused);
    if (refused)
        throw ConfigurationError{"state directory " + settings.state_dir.string() + ": cannot be made: " +
                                 refused.message() + "; give another by --state, or check its rights"};
    // Beside the store's own lock: a second daemon with another store would remove the folders of our leases.
    const StoreLock lock{settings.state_dir / "daemon.lock", "state directory " + settings.state_dir.string()};
    Daemon daemon{settings, std::move(read_again)};
    TaskGroup group{daemon.io_.get_executor()};
    std::exception_ptr failure;
    group.on_failure([&](const std::string&, std::exception_ptr error) {
        failure = error;
        daemon.io_.stop();
    });
    group.spawn("daemon", daemon.run());
    daemon.io_.run();
    if (failure) std::rethrow_exception(failure);
}

}  // namespace patchbay
