// SPDX-License-Identifier: Apache-2.0
#include "daemon/schedule/health_check.hpp"

#include <gtest/gtest.h>

#include "daemon/schedule/decision.hpp"
#include "daemon/store/leases.hpp"
#include "daemon/store/workers.hpp"
#include "tests/daemon/store/temporary_store.hpp"

namespace patchbay {
namespace {

using namespace testing;

constexpr WallTime noon = WallTime{std::chrono::hours{500'000}};

TEST(CheckDueTest, EachRuleOfLava) {
    struct Row {
        CheckedDevice device;
        HealthDenominator denominator;
        std::optional<WallTime> due;
    };
    const auto hours = HealthDenominator::hours, jobs = HealthDenominator::jobs;
    const WallTime at_once{};
    const Row table[] = {
        {{DeviceHealth::good, noon, 100}, hours, noon + 24h},
        {{DeviceHealth::good, {}, 0}, hours, at_once},
        {{DeviceHealth::good, noon, 23}, jobs, {}},
        {{DeviceHealth::good, noon, 24}, jobs, at_once},
        {{DeviceHealth::good, {}, 0}, jobs, at_once},
        {{DeviceHealth::unknown, noon, 0}, hours, at_once},
        {{DeviceHealth::looping, noon, 0}, hours, noon + 20s},
        {{DeviceHealth::looping, {}, 0}, jobs, at_once},
        {{DeviceHealth::bad, {}, 0}, hours, {}},
        {{DeviceHealth::maintenance, {}, 0}, hours, {}},
        {{DeviceHealth::retired, {}, 0}, jobs, {}},
    };
    for (const auto& row : table)
        EXPECT_EQ(check_due(row.device, 24, row.denominator), row.due)
            << to_string(row.device.health) << " " << to_string(row.denominator) << " " << row.device.jobs_since;
}

class HealthCheckTest : public ::testing::Test {
protected:
    void configure(std::vector<HealthCheck> checks) {
        auto write = [checks](Database& db) { HealthChecks{db}.configure(checks); };
        lab.write(std::move(write));
    }
    void update(DeviceTypeProperties properties) {
        auto write = [properties](Database& db) { DeviceTypes{db}.update("qemu", properties); };
        lab.write(std::move(write));
    }
    void set_health(std::string device, DeviceHealth health) {
        auto write = [device, health](Database& db) { Devices{db}.set_health(device, health, "test", noon); };
        lab.write(std::move(write));
    }
    void checked(std::string device, WallTime when) {
        auto write = [device, when](Database& db) { Devices{db}.note_check(device, JobId{1}, when); };
        lab.write(std::move(write));
    }
    std::optional<LeaseRow> claim_check(WallTime now = noon) {
        auto write = [now](Database& db) { return claim_health_check(db, "qemu", now); };
        return lab.write(std::move(write));
    }
    std::optional<LeaseRow> claim_smoke(WallTime now = noon) {
        auto write = [now](Database& db) { return claim_smoke_check(db, "qemu", now); };
        return lab.write(std::move(write));
    }
    void end(const LeaseRow& lease, WallTime when = noon) {
        auto write = [lease, when](Database& db) {
            Jobs{db}.finish(lease.job, JobHealth::complete, when);
            Devices{db}.release(lease.device, lease.job);
            Leases{db}.close(lease.id, lease.fence, when);
        };
        lab.write(std::move(write));
    }
    JobRow job(const std::optional<LeaseRow>& lease) { return *Jobs{lab.reader()}.find(lease->job); }

    TemporaryStore lab;
};

TEST_F(HealthCheckTest, ItIsAJobOfLavaHealthOnItsDevice) {
    lab.add_devices({a_device("qemu-01")});
    auto check = a_check();
    check.job.priority = 80;
    configure({check});
    const auto lease = claim_check();
    ASSERT_TRUE(lease);
    const auto row = job(lease);
    EXPECT_EQ(row.submitter, "lava-health");
    EXPECT_TRUE(row.health_check);
    EXPECT_EQ(row.priority, 80);
    EXPECT_EQ(row.requested_device_type, "qemu");
    EXPECT_EQ(row.actual_device, "qemu-01");
    EXPECT_EQ(row.state, JobState::scheduled);
    EXPECT_EQ(row.definition, "job_name: check\n");
    EXPECT_FALSE(claim_check()) << "its device is busy";
}

TEST_F(HealthCheckTest, OthersReadItWithoutItsSecrets) {
    lab.add_devices({a_device("qemu-01")});
    auto check = a_check();
    check.job.definition = check.job.original_definition = "secrets:\n  KEY: hunter2\n";
    configure({check});
    const auto lease = claim_check();
    ASSERT_TRUE(lease);
    const auto texts = Jobs{lab.reader()}.masked_texts(lease->job);
    ASSERT_TRUE(texts);
    EXPECT_EQ(texts->definition, "secrets:\n  KEY: '[MASKED]'\n");
    EXPECT_EQ(texts->original_definition, texts->definition);
}

TEST_F(HealthCheckTest, TheDeviceInDoubtGoesFirstThenTheOneThatWaitedLongest) {
    lab.add_devices({a_device("doubtful"), a_device("old"), a_device("older"), a_device("fresh"), a_device("bad")});
    configure({a_check()});
    checked("doubtful", noon - 1h);
    checked("old", noon - 25h);
    checked("older", noon - 30h);
    checked("fresh", noon - 23h);
    set_health("doubtful", DeviceHealth::unknown);
    set_health("bad", DeviceHealth::bad);
    std::vector<std::string> order;
    while (const auto lease = claim_check()) order.push_back(lease->device);
    EXPECT_EQ(order, (std::vector<std::string>{"doubtful", "older", "old"}));
    const auto next = next_check(lab.reader());
    ASSERT_TRUE(next);
    EXPECT_EQ(next->device_type, "qemu");
    EXPECT_EQ(next->when, noon + 1h) << "fresh";
}

TEST_F(HealthCheckTest, ByJobsADeviceIsCheckedAfterSoManyOfThem) {
    lab.add_devices({a_device("qemu-01")});
    configure({a_check()});
    checked("qemu-01", noon - 100h);
    DeviceTypeProperties after_two_jobs;
    after_two_jobs.health_frequency = 2;
    after_two_jobs.health_denominator = HealthDenominator::jobs;
    update(after_two_jobs);
    const auto alice = lab.add_user("alice");
    for (int ran = 0; ran < 2; ++ran) {
        EXPECT_FALSE(claim_check()) << ran;
        lab.add_job(a_job(alice));
        auto run_one = [](Database& db) {
            const auto lease = claim_next(db, "qemu", noon).at(0);
            Devices{db}.start(lease.device, lease.job);
            return lease;
        };
        end(lab.write(run_one));
    }
    const auto lease = claim_check();
    ASSERT_TRUE(lease);
    end(*lease);
    checked("qemu-01", noon);
    EXPECT_FALSE(claim_check()) << "counted anew";
}

TEST_F(HealthCheckTest, ADevicesOwnCheckGoesBeforeThatOfItsType) {
    lab.add_devices({a_device("common"), a_device("special")});
    auto own = a_check("qemu", "special");
    own.job.description = "its own";
    configure({own});
    const auto only = claim_check();
    ASSERT_TRUE(only);
    EXPECT_EQ(only->device, "special") << "the other has none";
    EXPECT_FALSE(claim_check());
    end(*only);
    checked("special", noon - 48h);
    configure({own, a_check()});
    const auto first = claim_check(), second = claim_check();
    EXPECT_EQ(job(first).description, "check") << "never checked";
    EXPECT_EQ(job(second).description, "its own");
}

TEST_F(HealthCheckTest, NothingIsCheckedWhereItIsDisabledHiddenOrItsWorkerIsAway) {
    lab.add_devices({a_device("qemu-01")});
    configure({a_check()});
    set_health("qemu-01", DeviceHealth::unknown);
    DeviceTypeProperties properties;
    properties.disable_health_check = true;
    update(properties);
    EXPECT_FALSE(claim_check());
    EXPECT_FALSE(HealthChecks{lab.reader()}.decides("qemu", "qemu-01"));
    properties.disable_health_check = false;
    properties.display = false;
    update(properties);
    EXPECT_FALSE(claim_check());
    properties.display = true;
    update(properties);
    auto away = [](Database& db) { Workers{db}.set_health("bench", WorkerHealth::maintenance, noon); };
    lab.write(away);
    EXPECT_FALSE(claim_check());
    auto back = [](Database& db) { Workers{db}.set_health("bench", WorkerHealth::active, noon); };
    lab.write(back);
    EXPECT_TRUE(claim_check());
}

TEST_F(HealthCheckTest, ALoopingDeviceIsCheckedAgainAndAgainAndRunsNothingElse) {
    lab.add_devices({a_device("qemu-01")});
    configure({a_check()});
    set_health("qemu-01", DeviceHealth::looping);
    const auto first = claim_check();
    ASSERT_TRUE(first);
    end(*first);
    checked("qemu-01", noon);
    EXPECT_FALSE(claim_check(noon + 19s));
    EXPECT_EQ(next_check(lab.reader())->when, noon + 20s);
    EXPECT_TRUE(claim_check(noon + 20s));
}

TEST_F(HealthCheckTest, ASmokeCheckLooksAtDevicesInDoubtThatHaveNoCheckOneAtATime) {
    lab.add_devices({a_device("qemu-01"), a_device("qemu-02"), a_device("good"), a_device("checked")});
    configure({a_check("qemu", "checked")});
    for (const auto* device : {"qemu-01", "qemu-02", "checked"}) set_health(device, DeviceHealth::unknown);
    const auto first = claim_smoke();
    ASSERT_TRUE(first);
    EXPECT_EQ(first->device, "qemu-01");
    EXPECT_TRUE(job(first).health_check);
    EXPECT_EQ(job(first).submitter, "lava-health");
    EXPECT_FALSE(claim_smoke()) << "500 machines do not start at once";
    end(*first);
    set_health("qemu-01", DeviceHealth::good);
    EXPECT_EQ(claim_smoke()->device, "qemu-02");
}

TEST_F(HealthCheckTest, NoSmokeCheckWithoutADoubtOrWhereChecksAreDisabled) {
    lab.add_devices({a_device("qemu-01")});
    EXPECT_FALSE(claim_smoke()) << "it is Good, and stays it until something goes wrong";
    set_health("qemu-01", DeviceHealth::bad);
    EXPECT_FALSE(claim_smoke());
    set_health("qemu-01", DeviceHealth::unknown);
    DeviceTypeProperties disabled;
    disabled.disable_health_check = true;
    update(disabled);
    EXPECT_FALSE(claim_smoke());
    auto newcomer = a_device("new");
    newcomer.first_health = DeviceHealth::unknown;
    lab.add_devices({newcomer});
    EXPECT_EQ(Devices{lab.reader()}.find("new")->health, DeviceHealth::good) << "nobody would ever check it";
}

}  // namespace
}  // namespace patchbay
