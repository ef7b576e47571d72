// SPDX-License-Identifier: Apache-2.0
// The time of one scheduling decision (claim_next, inside its transaction) with more and more jobs in the queue; prints
// one line of JSON: {"queued": microseconds, ...}, the median of many decisions.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "daemon/schedule/decision.hpp"
#include "daemon/store/devices.hpp"
#include "daemon/store/jobs.hpp"
#include "daemon/store/users.hpp"
#include "tests/bench/store_session.hpp"

namespace patchbay::bench {
namespace {

constexpr int device_count = 5000;
constexpr int decisions = 200;

void add_devices(Database& db) {
    std::vector<ConfiguredDevice> devices;
    for (int i = 0; i < device_count; ++i) {
        ConfiguredDevice device;
        device.hostname = "board-" + std::to_string(i);
        device.device_type = "type-" + std::to_string(i % 20);
        if (i % 3 == 0) device.tags = {"usb"};
        if (i % 7 == 0) device.tags.push_back("audio");
        device.worker_host = "lab";
        device.configuration = "{}";
        devices.push_back(std::move(device));
    }
    Devices{db}.configure(devices);
    Users{db}.add("admin", true, wall_now());
}

/// Queued jobs, a twentieth of them for each type.
void add_jobs(Database& db, std::int64_t from, std::int64_t to) {
    const auto usb = Devices{db}.tag("usb");
    const auto user = Users{db}.find("admin")->id;
    Jobs jobs{db};
    for (auto i = from; i < to; ++i) {
        NewJob job;
        job.submitter = user;
        job.description = "queued";
        job.requested_device_type = "type-" + std::to_string(i % 20);
        if (i % 2 == 0) job.tags = {usb->id};
        job.priority = static_cast<int>((i * 37) % 101);
        job.definition = job.original_definition = "actions: []\n";
        jobs.insert(job, wall_now());
    }
}

/// Microseconds of each decision; each is taken back, so that the queue keeps its length.
std::vector<double> decide(Database& db) {
    std::vector<double> times;
    for (int i = 0; i < decisions; ++i) {
        db.execute("SAVEPOINT decision");
        const auto begin = std::chrono::steady_clock::now();
        const auto lease = claim_next(db, "type-" + std::to_string(i % 20), wall_now());
        times.push_back(std::chrono::duration<double, std::micro>{std::chrono::steady_clock::now() - begin}.count());
        db.execute("ROLLBACK TO decision; RELEASE decision");
        if (!lease) throw StoreError{"no job was found"};
    }
    std::sort(times.begin(), times.end());
    return times;
}

Task<> measure(Store& store, std::vector<std::int64_t> sizes) {
    auto prepare = [](Database& db) { add_devices(db); };
    co_await store.write(prepare);
    std::string json = "{";
    std::int64_t filled = 0;
    for (const auto size : sizes) {
        constexpr std::int64_t batch = 5000;
        while (filled < size) {
            auto fill = [filled, size](Database& db) { add_jobs(db, filled, std::min(filled + batch, size)); };
            co_await store.write(std::move(fill));
            filled = std::min(filled + batch, size);
        }
        auto work = [](Database& db) { return decide(db); };
        const auto times = co_await store.write(work);
        if (json.size() > 1) json += ", ";
        json += "\"" + std::to_string(size) + "\": " + std::to_string(times[times.size() / 2]);
    }
    std::printf("%s}\n", json.c_str());
}

}  // namespace
}  // namespace patchbay::bench

int main(int argc, char** argv) {
    using namespace patchbay;
    std::string file;
    std::vector<std::int64_t> sizes{100, 10'000, 100'000};
    CLI::App app{"Measures scheduling decisions in a new store"};
    app.add_option("store", file)->required();
    app.add_option("--queued", sizes);
    CLI11_PARSE(app, argc, argv);
    try {
        auto work = [&sizes](Store& store) { return bench::measure(store, sizes); };
        bench::with_store(file, work);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "schedule: %s\n", error.what());
        return 1;
    }
}
