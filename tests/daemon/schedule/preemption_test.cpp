// SPDX-License-Identifier: Apache-2.0
#include "daemon/schedule/preemption.hpp"

#include <algorithm>

#include "daemon/schedule/why.hpp"
#include "tests/daemon/schedule/sharing_lab.hpp"
#include "tests/daemon/store/lab_of_groups.hpp"

namespace patchbay {
namespace {

using namespace testing;

class PreemptionTest : public SharingLab {
protected:
    std::vector<LeaseRow> stop() {
        auto write = [this](Database& db) { return stop_for_others(db, "qemu", now, rules); };
        return lab.write(std::move(write));
    }
    /// The guest's lease comes to its end and the job back to the queue.
    void requeue(const LeaseRow& lease) {
        auto write = [this, lease](Database& db) {
            Jobs{db}.requeue(lease.job, now);
            Devices{db}.release(lease.device, lease.job);
            Leases{db}.close(lease.id, lease.fence, now);
        };
        lab.write(std::move(write));
    }
    void reserve(UserId user, const std::string& device, std::chrono::seconds time) {
        Reservation wanted;
        wanted.device = device;
        wanted.user = user;
        wanted.until = now + time;
        auto write = [this, wanted](Database& db) { return Reservations{db}.put(wanted, now); };
        ASSERT_TRUE(lab.write(std::move(write)));
    }
    std::optional<WallTime> chance() { return next_chance(lab.reader(), "qemu", now, rules); }
};

TEST_F(PreemptionTest, AGuestStopsForAJobThatHasWaitedLongEnough) {
    add_boards(1);
    limit("  preemptible: {after: 10m}\n");
    submit(guest, 100);
    const auto running = claim();
    const auto waiting = submit(owner, 0);
    EXPECT_TRUE(stop().empty());
    EXPECT_EQ(chance(), now + 10min);
    now += 10min;
    const auto stopped = stop();
    ASSERT_EQ(stopped.size(), 1U);
    EXPECT_EQ(stopped[0].id, running->id);
    EXPECT_EQ(stopped[0].stop_reason, "stopped for job 2, which has waited 10min");
    EXPECT_TRUE(stopped[0].requeue);
    EXPECT_EQ(Leases{lab.reader()}.find(running->id)->stop_reason, stopped[0].stop_reason);
    EXPECT_TRUE(stop().empty()) << "once";

    const auto urgent = submit(guest, 100);
    requeue(stopped[0]);
    const auto lease = claim();
    ASSERT_TRUE(lease);
    EXPECT_EQ(lease->job, waiting) << "the device is kept for it, whatever else waits";
    end(*lease);
    EXPECT_EQ(claim()->job, running->job) << "the age of the job that was stopped is the old one";
    EXPECT_EQ(Jobs{lab.reader()}.find(urgent)->state, JobState::submitted);
}

TEST_F(PreemptionTest, WithoutTheWordOfTheRuleNobodyStops) {
    add_boards(1);
    limit("  max_running: 5\n");
    submit(guest);
    claim();
    submit(owner);
    now += 24h;
    EXPECT_TRUE(stop().empty());
    EXPECT_EQ(chance(), std::nullopt);
}

TEST_F(PreemptionTest, GuestsDoNotStopEachOtherAndNobodyStopsTheOwner) {
    add_boards(2);
    limit("  preemptible: {after: 0s}\n");
    submit(owner);
    submit(guest);
    claim();
    claim();
    submit(other, 100);
    now += 1h;
    EXPECT_TRUE(stop().empty());
    submit(owner);
    submit(owner);
    EXPECT_EQ(stop().size(), 1U) << "the other device has a job of the owner";
}

TEST_F(PreemptionTest, EachWaitingJobHasADeviceOfItsOwn) {
    add_boards(3);
    limit("  preemptible: {after: 1m}\n");
    for (int i = 0; i < 3; ++i) submit(guest);
    std::vector<LeaseRow> leases;
    for (int i = 0; i < 3; ++i) {
        now += 1s;
        leases.push_back(*claim());
    }
    const auto first = submit(owner, 50);
    const auto second = submit(owner, 90);
    now += 1min;
    const auto stopped = stop();
    ASSERT_EQ(stopped.size(), 2U);
    EXPECT_EQ(stopped[0].id, leases[2].id) << "it began last and loses least";
    EXPECT_EQ(stopped[1].id, leases[1].id);
    for (const auto& lease : stopped) requeue(lease);
    EXPECT_EQ(claim()->job, second);
    EXPECT_EQ(claim()->job, first);
    EXPECT_FALSE(claim()) << "the stopped jobs wait";
}

TEST_F(PreemptionTest, AJobThatWasStoppedTooOftenIsTheLastChoiceAndIsNotQueuedAgain) {
    add_boards(2);
    limit("  preemptible: {after: 0s, attempts: 2}\n");
    submit(guest, 90);
    requeue(*claim());
    const auto second_attempt = claim();
    EXPECT_EQ(second_attempt->attempt, 2);
    submit(guest, 10);
    const auto fresh = claim();
    submit(owner);
    EXPECT_EQ(stop().at(0).id, fresh->id);
    submit(owner);
    const auto last = stop();
    ASSERT_EQ(last.size(), 1U);
    EXPECT_EQ(last[0].id, second_attempt->id);
    EXPECT_FALSE(last[0].requeue);
}

TEST_F(PreemptionTest, OnlyADeviceThatFitsIsFreed) {
    lab.add_devices({a_device("plain"), a_device("wired", "qemu", {"usb"})});
    limit("  preemptible: {after: 0s}\n");
    submit(guest);
    submit(guest);
    claim();
    claim();
    auto wanted = a_job(owner);
    wanted.tags = {Devices{lab.reader()}.tag("usb")->id};
    lab.add_job(wanted, now);
    ASSERT_EQ(stop().size(), 1U);
    lab.add_job(wanted, now);
    EXPECT_TRUE(stop().empty()) << "plain would not help";
}

TEST_F(PreemptionTest, NoDeviceIsFreedForWhomItIsClosedTo) {
    add_boards(2);
    limit("  preemptible: {after: 0s}\n");
    submit(guest);
    submit(guest);
    claim();
    claim();
    const auto guests = add_group(lab, "guests", {guest});
    grant(lab, Restrictable::device_type, "qemu", Permission::submit, guests);
    submit(owner);
    EXPECT_TRUE(stop().empty());
    grant(lab, Restrictable::device, "qemu-2", Permission::submit, add_group(lab, "owners", {owner}));
    const auto stopped = stop();
    ASSERT_EQ(stopped.size(), 1U);
    EXPECT_EQ(stopped[0].device, "qemu-2");
}

TEST_F(PreemptionTest, WhenTheWaitingJobIsGoneTheDeviceIsFreeForAll) {
    add_boards(1);
    limit("  preemptible: {after: 0s}\n");
    submit(guest);
    claim();
    const auto waiting = submit(owner);
    const auto stopped = stop();
    requeue(stopped.at(0));
    Viewer superuser;
    superuser.superuser = true;
    const auto why = why_waits(lab.reader(), *Jobs{lab.reader()}.find(stopped[0].job), now, rules, superuser);
    EXPECT_EQ(why.devices.at(0).refusal->hindrance, Hindrance::reserved);
    EXPECT_EQ(why.devices.at(0).refusal->text, "it is reserved for owner's job 2");
    auto cancel = [waiting](Database& db) { Jobs{db}.cancel_queued(waiting, "enough", wall_now()); };
    lab.write(cancel);
    EXPECT_EQ(claim()->job, stopped[0].job);
}

TEST_F(PreemptionTest, ANewerJobOfTheSameUserDoesNotTakeWhatIsKept) {
    add_boards(2);
    limit("  preemptible: {after: 10m}\n");
    submit(guest);
    submit(guest);
    claim();
    claim();
    const auto older = submit(owner, 0);
    now += 10min;
    const auto stopped = stop();
    ASSERT_EQ(stopped.size(), 1U);
    const auto newer = submit(owner, 100);
    requeue(stopped[0]);
    Viewer superuser;
    superuser.superuser = true;
    const auto why = why_waits(lab.reader(), *Jobs{lab.reader()}.find(newer), now, rules, superuser);
    const auto kept = std::ranges::find(why.devices, stopped[0].device, &DeviceAnswer::device);
    ASSERT_NE(kept, why.devices.end());
    ASSERT_TRUE(kept->refusal);
    EXPECT_EQ(kept->refusal->text, "it is reserved for owner's job 3");
    EXPECT_EQ(claim()->job, older);
    EXPECT_FALSE(claim());
    EXPECT_TRUE(stop().empty()) << "the older job has its device, the newer one has not waited";
}

TEST_F(PreemptionTest, WhatTheWaitingJobCannotUseIsForItsUsersOtherJobs) {
    lab.add_devices({a_device("board", "qemu", {"usb"})});
    limit("  preemptible: {after: 0s}\n");
    submit(guest);
    claim();
    auto wanted = a_job(owner);
    wanted.tags = {Devices{lab.reader()}.tag("usb")->id};
    lab.add_job(wanted, now);
    requeue(stop().at(0));
    lab.add_devices({a_device("board")});
    EXPECT_EQ(claimed(), "") << "not for guests";
    const auto other_job = submit(owner);
    EXPECT_EQ(claim()->job, other_job);
}

TEST_F(PreemptionTest, AReservedDeviceIsForItsUserOnly) {
    add_boards(2);
    reserve(owner, "qemu-1", 2h);
    submit(guest, 100);
    submit(other, 90);
    EXPECT_EQ(claimed(), "guest on qemu-2");
    EXPECT_EQ(claimed(), "");
    EXPECT_EQ(chance(), now + 2h);
    submit(owner, 0);
    EXPECT_EQ(claimed(), "owner on qemu-1");
}

TEST_F(PreemptionTest, TheUserOfAReservationGoesToItFirst) {
    add_boards(3);
    reserve(owner, "qemu-3", 2h);
    submit(owner);
    EXPECT_EQ(claimed(), "owner on qemu-3");
    submit(owner);
    EXPECT_EQ(claimed(), "owner on qemu-1");
}

TEST_F(PreemptionTest, AReservedDeviceIsNoneOfTheFreeOnes) {
    add_boards(3);
    limit("  keep_free: 1\n");
    reserve(owner, "qemu-1", 2h);
    submit(guest);
    submit(guest);
    EXPECT_EQ(claimed(), "guest on qemu-2");
    EXPECT_EQ(claimed(), "");
}

TEST_F(PreemptionTest, AGuestStopsForAReservation) {
    add_boards(2);
    limit("  preemptible: {after: 5m}\n");
    submit(guest);
    submit(guest);
    const auto lease = claim();
    claim();
    reserve(owner, lease->device, 2h);
    EXPECT_TRUE(stop().empty());
    now += 5min;
    const auto stopped = stop();
    ASSERT_EQ(stopped.size(), 1U);
    EXPECT_EQ(stopped[0].id, lease->id);
    EXPECT_EQ(stopped[0].stop_reason, "stopped for the reservation of owner");
    requeue(stopped[0]);
    EXPECT_EQ(claimed(), "");
    now += 2h;
    EXPECT_NE(claimed(), "") << "the reservation is over";
}

}  // namespace
}  // namespace patchbay
