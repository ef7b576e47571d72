// SPDX-License-Identifier: Apache-2.0
// Fills a store with very many jobs, by SQL alone: one statement makes thousands of rows, the schema's own triggers
// count them. The newest few are in the queue, the others Finished; submitters, devices, tags, health and times are
// spread as a lab of some years has them. All devices go into Maintenance, so that what is queued stays there.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <string>

#include "daemon/store/devices.hpp"
#include "daemon/store/users.hpp"
#include "tests/bench/store_session.hpp"

namespace patchbay::bench {
namespace {

struct Plan {
    std::int64_t jobs = 1'000'000;
    std::int64_t queued = 1000;
    std::int64_t users = 50;
    std::string definition = "actions: []\n";
};

constexpr std::int64_t batch = 50'000;

// Numbered, so that job n finds its device and submitter by arithmetic.
constexpr auto numbers_sql = R"sql(
    CREATE TEMP TABLE bench_device AS SELECT ROW_NUMBER() OVER (ORDER BY hostname) - 1 AS n, hostname, device_type
        FROM device WHERE health <> 5;
    CREATE UNIQUE INDEX bench_device_n ON bench_device (n);
    CREATE TEMP TABLE bench_user AS SELECT ROW_NUMBER() OVER (ORDER BY id) - 1 AS n, id FROM user_account;
    CREATE UNIQUE INDEX bench_user_n ON bench_user (n);
    UPDATE device SET health = 4;
)sql";

// $1 and $2: first job and the one behind the last. $3: the first queued one. A job each half minute, up to now ($4)
// when there are all ($5). The multiplications by primes spread what belongs together over the whole.
constexpr auto jobs_sql = R"sql(
    INSERT INTO job (id, submitter_id, description, requested_device_type, tag_set, actual_device, submit_time, start_time,
        end_time, state, health, priority, metadata, failure_comment)
    WITH RECURSIVE span (job) AS (SELECT $1 UNION ALL SELECT job + 1 FROM span WHERE job + 1 < $2),
    numbered AS (
        SELECT job, job >= $3 AS queued, $4 - ($5 - job) * 30000000 AS submitted,
            job * 7919 % (SELECT COUNT(*) FROM bench_device) AS device, job * 6007 % (SELECT COUNT(*) FROM bench_user) AS user,
            job * 7757 % 10007 AS dice
        FROM span)
    SELECT job + 1, bench_user.id, 'build ' || (job * 31 % 4001) || ' of branch ' || (job % 13) || ', number ' || job, device_type,
        CASE WHEN dice % 10 = 0 THEN '1' ELSE '' END, CASE WHEN queued THEN NULL ELSE hostname END, submitted,
        CASE WHEN queued THEN NULL ELSE submitted + dice * 100000 END,
        CASE WHEN queued THEN NULL ELSE submitted + dice * 300000 + 60000000 END,
        CASE WHEN queued THEN 0 ELSE 5 END,
        CASE WHEN queued THEN 0 WHEN dice % 100 < 80 THEN 1 WHEN dice % 100 < 95 THEN 2 ELSE 3 END, dice % 101,
        '{"build":"' || (job * 31 % 4001) || '"}', CASE WHEN dice % 100 = 90 THEN 'bootloader-interrupt timed out' END
    FROM numbered JOIN bench_device ON bench_device.n = device JOIN bench_user ON bench_user.n = user
)sql";

Task<> fill(Store& store, const Plan& plan) {
    auto prepare = [&plan](Database& db) {
        for (std::int64_t n = 0; n < plan.users; ++n) Users{db}.add("user-" + std::to_string(n), false, wall_now());
        Devices{db}.make_tag("usb");
        db.execute(numbers_sql);
    };
    co_await store.write(prepare);
    const auto now = wall_now();
    for (std::int64_t first = 0; first < plan.jobs; first += batch) {
        const auto end = std::min(first + batch, plan.jobs);
        auto jobs = [&plan, now, first, end](Database& db) {
            db.change(jobs_sql, first, end, plan.jobs - plan.queued, now, plan.jobs);
            db.change(
                "INSERT INTO job_text (job, definition) SELECT id, $1 || '# ' || id || char(10) FROM job "
                "WHERE id > $2 AND id <= $3",
                plan.definition, first, end);
            db.change("INSERT INTO job_tag SELECT id, 1 FROM job WHERE id > $1 AND id <= $2 AND tag_set = '1'", first,
                      end);
        };
        co_await store.write(std::move(jobs));
    }
}

}  // namespace
}  // namespace patchbay::bench

int main(int argc, char** argv) {
    using namespace patchbay;
    std::string file;
    bench::Plan plan;
    CLI::App app{"Fills a store whose lab has devices with very many jobs"};
    app.add_option("store", file)->required();
    app.add_option("--jobs", plan.jobs)->check(CLI::PositiveNumber);
    app.add_option("--queued", plan.queued);
    app.add_option("--users", plan.users);
    app.add_option("--definition", plan.definition, "text");
    CLI11_PARSE(app, argc, argv);
    try {
        auto work = [&plan](Store& store) { return bench::fill(store, plan); };
        bench::with_store(file, work);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "many_jobs: %s\n", error.what());
        return 1;
    }
}
