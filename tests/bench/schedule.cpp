// SPDX-License-Identifier: Apache-2.0
// The time of one scheduling decision (claim_next, inside its transaction) with more and more jobs in the queue; prints
// one line of JSON: {"queued": microseconds, ...}, the median of many decisions. With --guests nearly all jobs are
// those of guests whose rule lets them have no device now. With --stuck no job can run, as all want a tag that no
// device has; then it is the time of all that the scheduler does before it leaves the type alone again.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "daemon/schedule/decision.hpp"
#include "daemon/schedule/preemption.hpp"
#include "daemon/sharing/rules.hpp"
#include "daemon/store/devices.hpp"
#include "daemon/store/groups.hpp"
#include "daemon/store/jobs.hpp"
#include "daemon/store/users.hpp"
#include "tests/bench/store_session.hpp"

namespace patchbay::bench {
namespace {

struct Plan {
    int guests = 0;
    int types = 20;
    bool stuck = false;
};

constexpr int device_count = 5000;
constexpr int decisions = 200;
// With guests: every so many jobs is one of the owner.
constexpr int between_owners_jobs = 21;

SharingRules rules_for(int guests) {
    if (guests == 0) return {};
    return parse_sharing_rules(
        "rules: [{name: guests, groups: [guests], max_running: 4, max_share: 50%, keep_free: 1, windows: [], "
        "preemptible: {after: 10m}}]",
        "sharing.yaml");
}

std::string guest_name(std::int64_t number) { return "guest-" + std::to_string(number); }

std::string type_name(std::int64_t number, const Plan& plan) { return "type-" + std::to_string(number % plan.types); }

void add_devices(Database& db, const Plan& plan) {
    std::vector<ConfiguredDevice> devices;
    for (int i = 0; i < device_count; ++i) {
        ConfiguredDevice device;
        device.hostname = "board-" + std::to_string(i);
        device.device_type = type_name(i, plan);
        if (i % 3 == 0) device.tags = {"usb"};
        if (i % 7 == 0) device.tags.push_back("audio");
        device.worker_host = "lab";
        device.configuration = "{}";
        devices.push_back(std::move(device));
    }
    Devices{db}.configure(devices);
    Users{db}.add("admin", true, wall_now());
    const auto group = Groups{db}.find_or_add("guests");
    for (int i = 0; i < plan.guests; ++i) Groups{db}.join(Users{db}.add(guest_name(i), false, wall_now()), group);
}

/// Queued jobs, as many for each type.
void add_jobs(Database& db, std::int64_t from, std::int64_t to, const Plan& plan) {
    const auto usb = Devices{db}.tag("usb");
    const auto missing = Devices{db}.make_tag("missing");
    const auto owner = Users{db}.find("admin")->id;
    Jobs jobs{db};
    for (auto i = from; i < to; ++i) {
        NewJob job;
        job.submitter = owner;
        if (plan.guests > 0 && i % between_owners_jobs != 0)
            job.submitter = Users{db}.find(guest_name(i % plan.guests))->id;
        job.description = "queued";
        job.requested_device_type = type_name(i, plan);
        if (i % 2 == 0) job.tags = {usb->id};
        if (plan.stuck) job.tags.push_back(missing.id);
        job.priority = static_cast<int>((i * 37) % 101);
        job.definition = job.original_definition = "actions: []\n";
        jobs.insert(job, wall_now());
    }
}

/// Microseconds of each decision; each is taken back, so that the queue keeps its length.
std::vector<double> decide(Database& db, const SharingRules& rules, const Plan& plan) {
    std::vector<double> times;
    for (int i = 0; i < decisions; ++i) {
        db.execute("SAVEPOINT decision");
        const auto begin = std::chrono::steady_clock::now();
        const auto type = type_name(i, plan);
        const auto lease = claim_next(db, type, wall_now(), rules);
        if (plan.stuck) {
            stop_for_others(db, type, wall_now(), rules);
            next_chance(db, type, wall_now(), rules);
        }
        times.push_back(std::chrono::duration<double, std::micro>{std::chrono::steady_clock::now() - begin}.count());
        db.execute("ROLLBACK TO decision; RELEASE decision");
        if (lease.empty() != plan.stuck) throw StoreError{plan.stuck ? "a job was found" : "no job was found"};
    }
    std::sort(times.begin(), times.end());
    return times;
}

Task<> measure(Store& store, std::vector<std::int64_t> sizes, Plan plan) {
    auto prepare = [plan](Database& db) { add_devices(db, plan); };
    co_await store.write(prepare);
    std::string json = "{";
    std::int64_t filled = 0;
    for (const auto size : sizes) {
        constexpr std::int64_t batch = 5000;
        while (filled < size) {
            auto fill = [filled, size, plan](Database& db) {
                add_jobs(db, filled, std::min(filled + batch, size), plan);
            };
            co_await store.write(std::move(fill));
            filled = std::min(filled + batch, size);
        }
        auto work = [rules = rules_for(plan.guests), plan](Database& db) { return decide(db, rules, plan); };
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
    bench::Plan plan;
    app.add_option("--guests", plan.guests, "users who have nearly all jobs and may have no device");
    app.add_option("--types", plan.types, "of devices")->check(CLI::PositiveNumber);
    app.add_flag("--stuck", plan.stuck, "no job can run");
    CLI11_PARSE(app, argc, argv);
    try {
        auto work = [&sizes, plan](Store& store) { return bench::measure(store, sizes, plan); };
        bench::with_store(file, work);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "schedule: %s\n", error.what());
        return 1;
    }
}
