// SPDX-License-Identifier: Apache-2.0
#pragma once
// A store in a folder of its own, removed at the end.

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <filesystem>
#include <memory>
#include <string>

#include "daemon/store/devices.hpp"
#include "daemon/store/health_checks.hpp"
#include "daemon/store/jobs.hpp"
#include "daemon/store/store.hpp"
#include "daemon/store/users.hpp"
#include "tests/support/run.hpp"
#include "tests/support/temporary_folder.hpp"

namespace patchbay::testing {

class TemporaryStore {
public:
    TemporaryFolder folder;
    asio::io_context io;
    asio::thread_pool workers{1};
    std::unique_ptr<Store> store = std::make_unique<Store>(io.get_executor(), workers, file());

    std::filesystem::path file() const { return folder.path / "patchbay.db"; }
    void reopen() {
        store.reset();
        store = std::make_unique<Store>(io.get_executor(), workers, file());
    }
    /// Waits for one write.
    template <class Fn>
    auto write(Fn fn) {
        return run(io, store->write(std::move(fn)));
    }
    Database& reader() { return store->reader(); }

    UserId add_user(std::string name, bool superuser = false) {
        auto add = [name, superuser](Database& db) { return Users{db}.add(name, superuser, wall_now()); };
        return write(std::move(add));
    }
    void add_devices(std::vector<ConfiguredDevice> devices) {
        auto add = [devices](Database& db) { Devices{db}.configure(devices); };
        write(std::move(add));
    }
    JobId add_job(NewJob job, WallTime when = wall_now()) {
        auto add = [job, when](Database& db) { return Jobs{db}.insert(job, when); };
        return write(std::move(add));
    }
};

inline ConfiguredDevice a_device(std::string name, std::string type = "qemu", std::vector<std::string> tags = {}) {
    ConfiguredDevice device;
    device.hostname = std::move(name);
    device.device_type = std::move(type);
    device.tags = std::move(tags);
    device.worker_host = "bench";
    device.configuration = "{}";
    return device;
}

/// A check of all devices of a type.
inline HealthCheck a_check(std::string type = "qemu", std::string device = {}) {
    HealthCheck check;
    check.device_type = std::move(type);
    check.device = std::move(device);
    check.job.description = "check";
    check.job.definition = check.job.original_definition = "job_name: check\n";
    return check;
}

inline NewJob a_job(UserId submitter, std::string type = "qemu", int priority = 50) {
    NewJob job;
    job.submitter = submitter;
    job.description = "smoke";
    job.requested_device_type = std::move(type);
    job.priority = priority;
    job.definition = "job_name: smoke\n";
    job.original_definition = "# mine\njob_name: smoke\n";
    job.metadata = R"({"build": {"id": "1234"}, "arch": "arm64"})";
    return job;
}

}  // namespace patchbay::testing
