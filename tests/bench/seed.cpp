// SPDX-License-Identifier: Apache-2.0
// Fills a store with finished jobs, each with a few log lines and results; the last one has a long log. Prints the
// number of the last job.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>
#include <vector>

#include "daemon/store/jobs.hpp"
#include "daemon/store/logs.hpp"
#include "daemon/store/results.hpp"
#include "daemon/store/users.hpp"
#include "jobs/journal/log_record.hpp"
#include "tests/bench/store_session.hpp"

namespace patchbay::bench {
namespace {

struct Plan {
    std::string user = "admin";
    std::string device = "qemu-01";
    std::string device_type = "qemu";
    std::string definition;
    std::int64_t jobs = 100'000;
    std::int64_t long_log = 20'000;
};

std::vector<std::string> console_lines(std::int64_t count) {
    std::vector<std::string> lines;
    for (std::int64_t i = 0; i < count; ++i) {
        auto& record = lines.emplace_back();
        append_log_record(record, wall_now(), LogLevel::target, "patchbay spam line number " + std::to_string(i));
    }
    return lines;
}

JobId finished_job(Database& db, const Plan& plan, UserId user, std::int64_t number, std::int64_t log_lines) {
    const auto now = wall_now();
    NewJob job;
    job.submitter = user;
    job.description = "job " + std::to_string(number);
    job.requested_device_type = plan.device_type;
    job.definition = job.original_definition = plan.definition;
    Jobs jobs{db};
    const auto id = jobs.insert(job, now);
    jobs.schedule(id, plan.device);
    jobs.start(id, now);
    const auto lines = console_lines(log_lines);
    Logs{db}.append(id, lines);
    NewCase result;
    result.suite = "lava";
    result.name = "job";
    result.result = CaseResult::pass;
    result.metadata = "case: job\ndefinition: lava\nresult: pass\n";
    result.logged = now;
    Results{db}.add_case(id, result);
    jobs.finish(id, JobHealth::complete, now);
    return id;
}

Task<> seed(Store& store, const Plan& plan) {
    JobId last;
    constexpr std::int64_t batch = 500;
    for (std::int64_t first = 0; first < plan.jobs; first += batch) {
        auto fill = [&plan, &last, first](Database& db) {
            const auto user = Users{db}.find(plan.user);
            if (!user) throw StoreError{"user " + plan.user + ": does not exist; patchbayd user add " + plan.user};
            for (auto n = first; n < std::min(first + batch, plan.jobs); ++n)
                last = finished_job(db, plan, user->id, n, n + 1 == plan.jobs ? plan.long_log : 3);
        };
        co_await store.write(std::move(fill));
    }
    std::printf("%lld\n", static_cast<long long>(last.value));
}

}  // namespace
}  // namespace patchbay::bench

int main(int argc, char** argv) {
    using namespace patchbay;
    std::string file;
    bench::Plan plan;
    CLI::App app{"Fills a store with finished jobs"};
    app.add_option("store", file)->required();
    app.add_option("--jobs", plan.jobs);
    app.add_option("--long-log", plan.long_log, "lines in the log of the last job");
    app.add_option("--definition", plan.definition, "text");
    app.add_option("--user", plan.user);
    CLI11_PARSE(app, argc, argv);
    try {
        auto work = [&plan](Store& store) { return bench::seed(store, plan); };
        bench::with_store(file, work);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "seed: %s\n", error.what());
        return 1;
    }
}
