// SPDX-License-Identifier: Apache-2.0
// Multinode groups in the queue: what they take, what they hold (nothing), and what single jobs may take beside them.
#include "daemon/schedule/group_queue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/schedule/decision.hpp"
#include "daemon/store/leases.hpp"
#include "daemon/store/multinode_groups.hpp"
#include "daemon/store/workers.hpp"
#include "tests/daemon/store/temporary_store.hpp"

namespace patchbay {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr auto part_text = "job_name: p\nprotocols:\n  lava-multinode:\n    role: node\n    target_group: g\n";

class GroupQueueTest : public ::testing::Test {
protected:
    TemporaryStore lab;
    UserId alice = lab.add_user("alice");
    const WallTime start = wall_now();
    WallTime now = start;
    int names = 0;

    NewPart part(std::string type = "qemu", int priority = 50) {
        NewPart part{a_job(alice, std::move(type), priority), "node", false};
        part.job.definition = part_text;
        part.job.original_definition = part_text;
        return part;
    }
    std::vector<PartRow> submit(std::vector<NewPart> parts) {
        NewGroup group{"group-" + std::to_string(++names), "whole", std::move(parts)};
        auto write = [group, when = now](Database& db) { return MultinodeGroups{db}.insert(group, when); };
        return lab.write(std::move(write));
    }
    /// The devices that jobs took, as "job device".
    std::vector<std::string> claim_all(std::string type = "qemu") {
        std::vector<std::string> taken;
        for (;;) {
            auto write = [type, when = now](Database& db) { return claim_next(db, type, when); };
            const auto leases = lab.write(std::move(write));
            if (leases.empty()) return taken;
            for (const auto& lease : leases) taken.push_back(std::to_string(lease.job.value) + " " + lease.device);
        }
    }
    void end(JobId job) {
        const auto lease = Leases{lab.reader()}.open_lease_of(job);
        ASSERT_TRUE(lease);
        auto write = [lease = *lease, when = now](Database& db) {
            Jobs{db}.finish(lease.job, JobHealth::complete, when);
            Devices{db}.release(lease.device, lease.job);
            Leases{db}.close(lease.id, lease.fence, when);
        };
        lab.write(std::move(write));
    }
    DeviceState state_of(const std::string& device) { return Devices{lab.reader()}.find(device)->state; }
    JobState state_of(JobId job) { return Jobs{lab.reader()}.find(job)->state; }
};

TEST_F(GroupQueueTest, WhatOthersReadOfAPartNamesItsRolesToo) {
    lab.add_devices({a_device("a")});
    auto one = part();
    const std::string text = part_text;
    one.job.definition = one.job.original_definition = text + "secrets:\n  KEY: hunter2\n";
    const auto masked = text + "secrets:\n  KEY: '[MASKED]'\n";
    one.job.masked = MaskedTexts{masked, masked, {}};
    const auto job = submit({one}).at(0).job;
    ASSERT_EQ(claim_all().size(), 1U);
    const auto texts = Jobs{lab.reader()}.masked_texts(job);
    ASSERT_TRUE(texts);
    EXPECT_EQ(texts->original_definition, masked);
    EXPECT_THAT(*texts->definition, HasSubstr("roles:\n      '1': node\n"));
    EXPECT_THAT(*texts->definition, HasSubstr("[MASKED]"));
    EXPECT_THAT(Jobs{lab.reader()}.find(job)->definition, HasSubstr("hunter2")) << "for its runner";
}

TEST_F(GroupQueueTest, TheNumbersOfTheFirstPartNameAll) {
    lab.add_job(a_job(alice));
    const auto parts = submit({part(), part()});
    ASSERT_EQ(parts.size(), 2u);
    EXPECT_EQ(parts[1].sub_id, "2.1");
    const auto row = *Jobs{lab.reader()}.find(parts[1].job);
    EXPECT_EQ(row.display_id(), "2.1");
    EXPECT_EQ(row.multinode_definition, "whole");
    EXPECT_EQ(row.target_group, "group-1");
    EXPECT_EQ(MultinodeGroups{lab.reader()}.find("2.1"), parts[1].job);
    EXPECT_FALSE(MultinodeGroups{lab.reader()}.find(""));
}

TEST_F(GroupQueueTest, AWaitingGroupHoldsNoDevice) {
    lab.add_devices({a_device("a"), a_device("b", "imx8")});
    const auto busy = lab.add_job(a_job(alice, "imx8"));
    EXPECT_THAT(claim_all("imx8"), ElementsAre("1 b"));
    const auto parts = submit({part("qemu"), part("imx8")});
    EXPECT_THAT(claim_all("qemu"), IsEmpty());
    EXPECT_EQ(state_of("a"), DeviceState::idle);
    EXPECT_EQ(state_of(parts[0].job), JobState::submitted);
    lab.add_job(a_job(alice));
    EXPECT_THAT(claim_all("qemu"), ElementsAre("4 a")) << "a later single job uses it meanwhile";
    end(JobId{4});
    end(busy);
    EXPECT_THAT(claim_all("imx8"), ElementsAre("2 a", "3 b")) << "all at once, whichever device became idle";
    EXPECT_EQ(state_of(parts[0].job), JobState::scheduled);
    EXPECT_EQ(state_of(parts[1].job), JobState::scheduled);
}

TEST_F(GroupQueueTest, AGroupTakesNoDeviceOfARemoteWorker) {
    auto far = a_device("a-far");
    far.worker_host = "rack";
    lab.add_devices({far, a_device("near-01"), a_device("near-02")});
    auto attach = [](Database& db) {
        Workers{db}.enroll("rack", "hash");
        Workers{db}.heard("rack", "2023.01", wall_now());
    };
    lab.write(attach);
    const auto three = submit({part(), part(), part()});
    EXPECT_THAT(claim_all(), IsEmpty());
    EXPECT_EQ(state_of("a-far"), DeviceState::idle);
    const auto two = submit({part(), part()});
    EXPECT_EQ(claim_all().size(), 2u);
    EXPECT_EQ(state_of("a-far"), DeviceState::idle);
    lab.add_job(a_job(alice));
    EXPECT_EQ(claim_all().size(), 1u) << "a job of its own does";
}

TEST_F(GroupQueueTest, EachPartLearnsTheRolesOfAll) {
    lab.add_devices({a_device("a"), a_device("b")});
    const auto parts = submit({part(), part()});
    claim_all();
    for (const auto& one : parts) {
        const auto row = *Jobs{lab.reader()}.find(one.job);
        EXPECT_THAT(row.definition, HasSubstr("roles:\n      '1': node\n      '2': node\n"));
        EXPECT_EQ(row.original_definition, part_text);
    }
}

TEST_F(GroupQueueTest, TwoGroupsThatWantTheSameDevicesRunOneAfterTheOther) {
    lab.add_devices({a_device("a"), a_device("b", "imx8")});
    const auto first = submit({part("qemu"), part("imx8")});
    const auto second = submit({part("imx8"), part("qemu")});
    EXPECT_THAT(claim_all("qemu"), ElementsAre("1 a", "2 b"));
    EXPECT_THAT(claim_all("imx8"), IsEmpty());
    end(first[0].job);
    EXPECT_THAT(claim_all("qemu"), IsEmpty());
    EXPECT_EQ(state_of("a"), DeviceState::idle);
    end(first[1].job);
    EXPECT_THAT(claim_all("imx8"), ElementsAre("3 b", "4 a"));
}

TEST_F(GroupQueueTest, PriorityAndAgeHoldBetweenGroupsAndSingleJobs) {
    lab.add_devices({a_device("a"), a_device("b")});
    lab.add_job(a_job(alice, "qemu", 60), now);
    submit({part("qemu", 50), part("qemu", 50)});
    lab.add_job(a_job(alice, "qemu", 40), now);
    EXPECT_THAT(claim_all(), ElementsAre("1 a", "4 b")) << "one device is left, which the group cannot use alone";
    end(JobId{1});
    end(JobId{4});
    lab.add_job(a_job(alice, "qemu", 40), now);
    EXPECT_THAT(claim_all(), ElementsAre("2 a", "3 b")) << "before the single job of lower priority";
}

TEST_F(GroupQueueTest, SingleJobsCannotHoldAGroupOffForEver) {
    lab.add_devices({a_device("a"), a_device("b")});
    lab.add_job(a_job(alice), now);
    lab.add_job(a_job(alice), now);
    claim_all();
    submit({part(), part()});
    // The devices become idle in turns, never both.
    auto last = JobId{1};
    for (int i = 0; i < 4; ++i) {
        const auto next = lab.add_job(a_job(alice), now);
        end(last);
        EXPECT_EQ(claim_all().size(), 1u);
        EXPECT_EQ(state_of(next), JobState::scheduled);
        last = next;
    }
    now = start + group_patience;
    const auto refused = lab.add_job(a_job(alice), now);
    end(last);
    EXPECT_THAT(claim_all(), IsEmpty());
    EXPECT_EQ(state_of(refused), JobState::submitted) << "it stands behind the group";
    EXPECT_EQ(state_of("a"), DeviceState::idle) << "kept, but not held";
    const auto urgent = lab.add_job(a_job(alice, "qemu", 90), now);
    EXPECT_EQ(claim_all().size(), 1u);
    EXPECT_EQ(state_of(urgent), JobState::scheduled) << "what goes before the group takes the device";
    end(urgent);
    end(JobId{2});
    EXPECT_THAT(claim_all(), ElementsAre("3 b", "4 a"));
}

TEST_F(GroupQueueTest, TheLastPartTakesTheCallsOfTheGroupAlong) {
    lab.add_devices({a_device("a"), a_device("b")});
    const auto parts = submit({part(), part()});
    claim_all();
    auto call = [&](Database& db) { MultinodeGroups{db}.add_call("group-1", parts[0].job, "{}"); };
    lab.write(call);
    lab.write(call);
    const auto rows = MultinodeGroups{lab.reader()}.calls_after("group-1", 0);
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(MultinodeGroups{lab.reader()}.calls_after("group-1", rows[0].id).size(), 1u);
    end(parts[0].job);
    EXPECT_EQ(MultinodeGroups{lab.reader()}.calls_after("group-1", 0).size(), 2u) << "the other may still ask";
    end(parts[1].job);
    EXPECT_THAT(MultinodeGroups{lab.reader()}.calls_after("group-1", 0), IsEmpty());
    auto remove = [](Database& db) { db.change("DELETE FROM job WHERE target_group = 'group-1'"); };
    lab.write(remove);
    auto left = lab.reader().run("SELECT COUNT(*) FROM job_group");
    ASSERT_TRUE(left->step());
    EXPECT_EQ(left->integer(0), 0);
}

TEST_F(GroupQueueTest, WhatIsLeftOfAGroupDoesNotBegin) {
    lab.add_devices({a_device("a"), a_device("b")});
    const auto parts = submit({part(), part()});
    auto cancel = [&](Database& db) { Jobs{db}.cancel_queued(parts[0].job, "alone", now); };
    lab.write(cancel);
    EXPECT_THAT(claim_all(), IsEmpty());
    EXPECT_EQ(state_of("a"), DeviceState::idle);
}

TEST_F(GroupQueueTest, TheQueueOfGroupsIsReadByItsIndex) {
    auto plan = lab.reader().run(
        "EXPLAIN QUERY PLAN SELECT target_group FROM job WHERE state = 0 AND target_group <> '' AND "
        "requested_device_type = 'qemu' ORDER BY priority DESC, submit_time, id");
    ASSERT_TRUE(plan->step());
    EXPECT_THAT(std::string{plan->text(3)}, HasSubstr("job_group_queue"));
}

}  // namespace
}  // namespace patchbay
