// SPDX-License-Identifier: Apache-2.0
#include "daemon/schedule/decision.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "daemon/store/device_types.hpp"
#include "daemon/store/leases.hpp"
#include "daemon/store/tag_set.hpp"
#include "daemon/store/workers.hpp"
#include "tests/daemon/store/lab_of_groups.hpp"

namespace patchbay {
namespace {

using namespace testing;

QueueHead head(std::string tags, std::int64_t job, int priority, std::int64_t time) {
    return {std::move(tags), JobId{job}, priority, WallTime{std::chrono::microseconds{time}}, {}};
}

TEST(DecisionTest, PriorityGoesBeforeAgeAndAgeBeforeTheId) {
    struct Row {
        std::vector<QueueHead> heads;
        std::string device_tags;
        std::optional<std::int64_t> job;
    };
    const std::vector<Row> table{
        {{}, "", {}},
        {{head("", 1, 50, 10)}, "", 1},
        {{head("", 1, 50, 10), head("1", 2, 51, 20)}, "1", 2},
        {{head("", 1, 50, 10), head("1", 2, 51, 20)}, "", 1},
        {{head("", 1, 50, 20), head("1", 2, 50, 10)}, "1", 2},
        {{head("", 2, 50, 10), head("1", 1, 50, 10)}, "1", 1},
        {{head("1,2", 1, 99, 10), head("2", 2, 1, 10)}, "2,3", 2},
        {{head("1,2", 1, 99, 10)}, "1,3", {}},
        {{head("1,2", 1, 0, 10)}, "1,2,3", 1},
        {{head("1", 1, 100, 10)}, "10,11", {}},
    };
    for (const auto& row : table) {
        const auto best = best_for(row.device_tags, row.heads);
        EXPECT_EQ(best ? std::optional{best->job.value} : std::nullopt, row.job) << row.device_tags;
    }
}

class ClaimTest : public ::testing::Test {
protected:
    TemporaryStore lab;
    UserId alice = lab.add_user("alice");

    std::optional<LeaseRow> claim(std::string type = "qemu") {
        auto write = [type](Database& db) { return claim_next(db, type, wall_now()); };
        const auto leases = lab.write(std::move(write));
        EXPECT_LE(leases.size(), 1u) << "no single job takes two devices";
        return leases.empty() ? std::nullopt : std::optional{leases.front()};
    }
    void set_health(std::string device, DeviceHealth health) {
        auto write = [device, health](Database& db) { Devices{db}.set_health(device, health, "test", wall_now()); };
        lab.write(std::move(write));
    }
    TagId tag(std::string name) {
        auto write = [name](Database& db) { return Devices{db}.make_tag(name).id; };
        return lab.write(std::move(write));
    }
};

TEST_F(ClaimTest, AClaimMovesJobDeviceAndLeaseTogether) {
    lab.add_devices({a_device("qemu-01")});
    const auto job = lab.add_job(a_job(alice));
    const auto lease = claim();
    ASSERT_TRUE(lease);
    EXPECT_EQ(lease->job, job);
    EXPECT_EQ(lease->device, "qemu-01");
    const auto row = Jobs{lab.reader()}.find(job);
    EXPECT_EQ(row->state, JobState::scheduled);
    EXPECT_EQ(row->actual_device, "qemu-01");
    const auto device = Devices{lab.reader()}.find("qemu-01");
    EXPECT_EQ(device->state, DeviceState::reserved);
    EXPECT_EQ(device->current_job, job);
    EXPECT_EQ(Leases{lab.reader()}.open_lease_of(job)->fence, lease->fence);
    EXPECT_FALSE(claim()) << "nothing is left";
}

TEST_F(ClaimTest, OnlyIdleDevicesThatAreGoodOrUnknownTakeJobs) {
    lab.add_devices({a_device("qemu-01")});
    lab.add_job(a_job(alice));
    for (const auto health :
         {DeviceHealth::looping, DeviceHealth::bad, DeviceHealth::maintenance, DeviceHealth::retired}) {
        set_health("qemu-01", health);
        EXPECT_FALSE(claim()) << to_string(health);
    }
    set_health("qemu-01", DeviceHealth::unknown);
    EXPECT_TRUE(claim());
}

TEST_F(ClaimTest, DevicesOfATypeThatIsNotDisplayedTakeNoJobs) {
    lab.add_devices({a_device("qemu-01")});
    lab.add_job(a_job(alice));
    const auto display = [this](bool shown) {
        DeviceTypeProperties properties;
        properties.display = shown;
        auto write = [properties](Database& db) { DeviceTypes{db}.update("qemu", properties); };
        lab.write(std::move(write));
    };
    display(false);
    EXPECT_FALSE(claim());
    display(true);
    EXPECT_TRUE(claim());
}

TEST_F(ClaimTest, OnlyTheDevicesOfAnActiveWorkerTakeJobs) {
    lab.add_devices({a_device("qemu-01")});
    lab.add_job(a_job(alice));
    const auto set = [this](WorkerHealth health) {
        auto write = [health](Database& db) { Workers{db}.set_health("bench", health, wall_now()); };
        lab.write(std::move(write));
    };
    set(WorkerHealth::maintenance);
    EXPECT_FALSE(claim());
    set(WorkerHealth::active);
    EXPECT_TRUE(claim());
}

TEST_F(ClaimTest, AWorkerRunsNoMoreJobsAtOnceThanItsLimit) {
    auto other = a_device("far-01", "far");
    other.worker_host = "attic";
    lab.add_devices({a_device("qemu-01"), a_device("qemu-02"), a_device("qemu-03"), other});
    auto limit = [](Database& db) { Workers{db}.update("bench", std::nullopt, 2); };
    lab.write(limit);
    for (int i = 0; i < 3; ++i) lab.add_job(a_job(alice));
    lab.add_job(a_job(alice, "far"));
    const auto first = claim();
    EXPECT_TRUE(claim());
    EXPECT_FALSE(claim()) << "two run";
    EXPECT_TRUE(claim("far")) << "another worker";
    auto give_back = [first](Database& db) { Devices{db}.release(first->device, first->job); };
    lab.write(std::move(give_back));
    EXPECT_TRUE(claim());
}

TEST_F(ClaimTest, AJobWaitsForADeviceOfItsTypeWithAllItsTags) {
    lab.add_devices(
        {a_device("plain"), a_device("wired", "qemu", {"hdmi", "audio"}), a_device("other", "imx8", {"hdmi"})});
    auto wanted = a_job(alice);
    wanted.tags = {tag("hdmi"), tag("usb")};
    lab.add_job(wanted);
    EXPECT_FALSE(claim());
    wanted.tags = {tag("audio"), tag("hdmi")};
    const auto second = lab.add_job(wanted);
    const auto lease = claim();
    ASSERT_TRUE(lease);
    EXPECT_EQ(lease->job, second);
    EXPECT_EQ(lease->device, "wired");
}

TEST_F(ClaimTest, AJobWithoutTagsLeavesTheSpecialDeviceToOthers) {
    lab.add_devices({a_device("a-wired", "qemu", {"hdmi"}), a_device("z-plain")});
    lab.add_job(a_job(alice));
    EXPECT_EQ(claim()->device, "z-plain");
}

TEST_F(ClaimTest, DevicesOfOneKindTakeTurns) {
    lab.add_devices({a_device("qemu-01"), a_device("qemu-02")});
    std::map<std::string, int> taken;
    for (int i = 0; i < 6; ++i) {
        lab.add_job(a_job(alice));
        const auto lease = claim();
        ASSERT_TRUE(lease);
        ++taken[lease->device];
        auto give_back = [lease](Database& db) {
            Jobs{db}.finish(lease->job, JobHealth::complete, wall_now());
            Devices{db}.release(lease->device, lease->job);
            Leases{db}.close(lease->id, lease->fence, wall_now());
        };
        lab.write(std::move(give_back));
    }
    EXPECT_EQ(taken["qemu-01"], 3);
    EXPECT_EQ(taken["qemu-02"], 3);
}

TEST_F(ClaimTest, NoDeviceEverHasTwoJobsAndTheOrderAlwaysHolds) {
    std::mt19937 random{20261122};
    const auto roll = [&](int below) { return static_cast<int>(random() % static_cast<unsigned>(below)); };
    const std::vector<TagId> tags{tag("a"), tag("b"), tag("c")};
    lab.add_devices({a_device("d1"), a_device("d2", "qemu", {"a"}), a_device("d3", "qemu", {"a", "b"}),
                     a_device("d4", "qemu", {"a", "b", "c"}), a_device("d5", "imx8", {"c"})});
    std::map<std::string, LeaseRow> busy;
    std::int64_t moment = 0;
    for (int step = 0; step < 400; ++step) {
        if (roll(3) > 0) {
            auto job = a_job(alice, roll(4) ? "qemu" : "imx8", roll(5) * 10);
            for (const auto one : tags)
                if (roll(4) == 0) job.tags.push_back(one);
            lab.add_job(job, WallTime{std::chrono::microseconds{moment += roll(2)}});
        } else if (!busy.empty()) {
            const auto ended = std::next(busy.begin(), roll(static_cast<int>(busy.size())))->second;
            auto give_back = [ended](Database& db) {
                Jobs{db}.finish(ended.job, JobHealth::complete, wall_now());
                Devices{db}.release(ended.device, ended.job);
                Leases{db}.close(ended.id, ended.fence, wall_now());
            };
            lab.write(std::move(give_back));
            busy.erase(ended.device);
        }
        for (const std::string type : {"qemu", "imx8"}) {
            while (const auto lease = claim(type)) {
                ASSERT_FALSE(busy.contains(lease->device)) << "two jobs on " << lease->device;
                busy.emplace(lease->device, *lease);
                const auto taken = *Jobs{lab.reader()}.find(lease->job);
                const auto device = *Devices{lab.reader()}.find(lease->device);
                const auto offered = format_tag_set(device.tags);
                ASSERT_EQ(taken.requested_device_type, type);
                ASSERT_TRUE(covers(offered, format_tag_set(taken.tags)));
                // Nothing that this device could have run should have gone first.
                Query queued;
                queued.limit = -1;
                for (const auto& waiting : Jobs{lab.reader()}.list(queued, Viewer{{}, true})) {
                    if (waiting.state != JobState::submitted || waiting.requested_device_type != type) continue;
                    if (!covers(offered, format_tag_set(waiting.tags))) continue;
                    const auto order = [](const JobRow& job) {
                        return std::tuple{-job.priority, job.submit_time, job.id};
                    };
                    ASSERT_LT(order(taken), order(waiting));
                }
            }
        }
    }
    EXPECT_FALSE(busy.empty());
}

TEST_F(ClaimTest, ADeviceTakesJobsOfThoseWhoMaySubmitToItNow) {
    lab.add_devices({a_device("qemu-01"), a_device("qemu-02")});
    const auto bob = lab.add_user("bob");
    const auto owners = add_group(lab, "owners", {alice});
    grant(lab, Restrictable::device, "qemu-01", Permission::submit, owners);
    const auto bobs = lab.add_job(a_job(bob, "qemu", 90)), bobs_next = lab.add_job(a_job(bob, "qemu", 80));
    auto lease = claim();
    ASSERT_TRUE(lease);
    EXPECT_EQ(lease->job, bobs);
    EXPECT_EQ(lease->device, "qemu-02") << "whatever the other has to do";
    EXPECT_FALSE(claim()) << "qemu-01 is idle, and not for bob";
    const auto alices = lab.add_job(a_job(alice, "qemu", 1));
    lease = claim();
    ASSERT_TRUE(lease);
    EXPECT_EQ(lease->job, alices) << "though bob's goes before it";
    EXPECT_EQ(lease->device, "qemu-01");
    EXPECT_EQ(Jobs{lab.reader()}.find(bobs_next)->state, JobState::submitted);
}

TEST_F(ClaimTest, APermissionThatWasTakenAwayHoldsAQueuedJobBack) {
    lab.add_devices({a_device("qemu-01")});
    const auto bob = lab.add_user("bob");
    const auto guests = add_group(lab, "guests", {bob});
    grant(lab, Restrictable::device_type, "qemu", Permission::submit, guests);
    const auto job = lab.add_job(a_job(bob));
    auto leave = [bob, guests](Database& db) { Groups{db}.leave(bob, guests); };
    lab.write(leave);
    EXPECT_FALSE(claim());
    add_group(lab, "guests", {bob});
    const auto lease = claim();
    ASSERT_TRUE(lease);
    EXPECT_EQ(lease->job, job);
}

}  // namespace
}  // namespace patchbay
