// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/workers.hpp"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>
#include <ostream>

#include "daemon/admin/command.hpp"
#include "daemon/store/enrolment.hpp"
#include "devices/lab.hpp"

namespace patchbay {
namespace {

/// Prints the token, and nothing else: `patchbayd worker token rack-2 > token`.
Task<> add_worker_token(Store& store, std::string worker, std::ostream& out) {
    if (!is_device_name(worker))
        throw JobError{"worker '" + worker + "': a name has 1 to 200 letters, digits and . _ -; choose another"};
    const auto known = Workers{store.reader()}.find(worker);
    if (known && !known->remote)
        throw JobError{"worker '" + worker + "' is the machine of the daemon, which needs no token"};
    auto make = [worker](Database& db) {
        auto enrolled = enrol(db, worker, Enrolment::anew);
        if (enrolled.full)
            throw JobError{"worker '" + worker + "': " + std::to_string(most_idle_workers) +
                           " workers have a token and no device; remove some by `patchbayd worker delete`"};
        return enrolled.token;
    };
    const auto token = co_await change_store(store, {"", "worker.token", worker, ""}, std::move(make));
    out << token << "\n";
}

Task<> list_workers(Store& store, std::ostream& out) {
    Query all;
    all.limit = -1;
    for (const auto& worker : Workers{store.reader()}.list(all)) {
        if (!worker.remote) continue;
        out << worker.hostname << "\t" << (worker.token_hash.empty() ? "no token" : to_string(worker.state)) << "\t"
            << (worker.version.empty() ? "-" : worker.version) << "\t"
            << (worker.last_ping ? format_log_time(*worker.last_ping) : "never") << "\n";
    }
    co_return;
}

Task<> delete_worker(Store& store, std::string worker, std::ostream& out) {
    if (!Workers{store.reader()}.find(worker))
        throw JobError{"worker '" + worker + "': does not exist; `patchbayd worker list` shows them"};
    auto remove = [worker](Database& db) {
        if (!Workers{db}.remove(worker))
            throw JobError{"worker '" + worker +
                           "': devices of the configuration name it, or it runs a job; remove those and restart "
                           "patchbayd"};
    };
    co_await change_store(store, {"", "worker.delete", worker, ""}, std::move(remove));
    out << "worker " << worker << " deleted\n";
}

}  // namespace

void add_worker_commands(CLI::App& app, AdminCommand& chosen) {
    auto* workers = app.add_subcommand("worker", "machines that run the jobs of their devices for this lab");
    workers->require_subcommand(1);
    const auto name = std::make_shared<std::string>();
    auto* token = workers->add_subcommand("token", "make a token for a worker and print it, once");
    token->add_option("NAME", *name, "as devices name it")->required();
    token->callback([&chosen, name] {
        chosen = [name](Store& store, std::ostream& out) { return add_worker_token(store, *name, out); };
    });
    workers->add_subcommand("list", "print name, state, version and last ping of workers")->callback([&chosen] {
        chosen = list_workers;
    });
    auto* remove = workers->add_subcommand("delete", "forget a worker that has no devices");
    remove->add_option("NAME", *name, "as `worker list` prints it")->required();
    remove->callback([&chosen, name] {
        chosen = [name](Store& store, std::ostream& out) { return delete_worker(store, *name, out); };
    });
}

}  // namespace patchbay
