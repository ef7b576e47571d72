// SPDX-License-Identifier: Apache-2.0
#include "daemon/schedule/why.hpp"

#include "daemon/store/reservations.hpp"
#include "daemon/store/workers.hpp"
#include "tests/daemon/schedule/sharing_lab.hpp"
#include "tests/daemon/store/lab_of_groups.hpp"

namespace patchbay {
namespace {

using namespace testing;

class WhyTest : public SharingLab {
protected:
    UserId root = lab.add_user("root", true);
    WaitingReasons why(JobId job, const std::string& viewer = "root") {
        auto& db = lab.reader();
        return why_waits(db, *Jobs{db}.find(job), now, rules, viewer_of(db, Users{db}.find(viewer)));
    }
    /// "qemu-1 busy 1, qemu-2 max_running"
    std::string reasons(JobId job) {
        std::string text;
        for (const auto& answer : why(job).devices) {
            text += (text.empty() ? "" : ", ") + answer.device + " ";
            text += answer.refusal ? to_string(answer.refusal->hindrance) : "next";
            if (answer.job) text += " " + std::to_string(answer.job->value);
        }
        return text;
    }
    void set_health(std::string device, DeviceHealth health) {
        auto write = [device, health](Database& db) { Devices{db}.set_health(device, health, "test", wall_now()); };
        lab.write(std::move(write));
    }
};

TEST_F(WhyTest, EachDeviceOfTheTypeHasItsReason) {
    lab.add_devices({a_device("a-busy", "qemu", {"usb"}), a_device("b-bad", "qemu", {"usb"}),
                     a_device("c-maintenance", "qemu", {"usb"}), a_device("d-retired", "qemu", {"usb"}),
                     a_device("e-plain"), a_device("f-free", "qemu", {"usb"}), a_device("other", "rock")});
    set_health("b-bad", DeviceHealth::bad);
    set_health("c-maintenance", DeviceHealth::maintenance);
    set_health("d-retired", DeviceHealth::retired);
    auto wanted = a_job(owner);
    wanted.tags = {Devices{lab.reader()}.tag("usb")->id};
    lab.add_job(wanted, now);
    ASSERT_EQ(claimed(), "owner on a-busy");
    const auto first = lab.add_job(wanted, now);
    const auto second = lab.add_job(wanted, now + 1s);
    EXPECT_EQ(reasons(first), "a-busy busy 1, b-bad health, c-maintenance health, e-plain tags, f-free next");
    EXPECT_EQ(reasons(second),
              "a-busy busy 1, b-bad health, c-maintenance health, e-plain tags, f-free another_first 2");
    EXPECT_EQ(why(first).devices.at(3).refusal->text, "has not all tags of the job: usb is missing");
    EXPECT_EQ(why(first).devices.at(1).refusal->text, "its health is Bad: test");
    EXPECT_EQ(why(first).rule, "");
    EXPECT_EQ(why(first).left_out, 0);
}

TEST_F(WhyTest, ARuleIsNamedWithWhenTheClockEndsIt) {
    add_boards(2);
    limit("  windows: [\"19:00-07:00\"]\n  devices: {qemu-2: {windows: []}}\n");
    const auto job = submit(guest);
    EXPECT_EQ(reasons(job), "qemu-1 window, qemu-2 window");
    const auto answer = why(job);
    EXPECT_EQ(answer.rule, "guests");
    EXPECT_FALSE(answer.always);
    EXPECT_EQ(answer.devices[0].refusal->until, now + 7h);
    EXPECT_EQ(answer.devices[1].refusal->until, std::nullopt);
    now += 18h + 30min;
    EXPECT_EQ(reasons(job), "qemu-1 window_ends, qemu-2 window");
}

TEST_F(WhyTest, WhatKeepsAJobFromEveryDeviceIsSaidOnce) {
    add_boards(3);
    limit("  max_running: 1\n");
    submit(guest);
    const auto waiting = submit(guest);
    const auto owners = submit(owner, 0);
    claim();
    EXPECT_EQ(reasons(waiting), "qemu-1 busy 1, qemu-2 max_running, qemu-3 max_running");
    EXPECT_EQ(why(waiting).always->hindrance, Hindrance::max_running);
    EXPECT_EQ(reasons(owners), "qemu-1 busy 1, qemu-2 next, qemu-3 next") << "who may not run goes before nobody";
}

TEST_F(WhyTest, APermissionThatIsMissingIsNamed) {
    add_boards(3);
    const auto owners = add_group(lab, "owners", {owner});
    grant(lab, Restrictable::device, "qemu-2", Permission::submit, owners);
    const auto job = submit(guest);
    EXPECT_EQ(reasons(job), "qemu-1 next, qemu-2 permission, qemu-3 next");
    EXPECT_EQ(why(job).devices.at(1).refusal->text, "the submitter has no permission to submit to it");
    EXPECT_EQ(claimed(), "guest on qemu-1");
    const auto second = submit(guest), third = submit(guest);
    EXPECT_EQ(claimed(), "guest on qemu-3");
    EXPECT_FALSE(claim());
    grant(lab, Restrictable::device_type, "qemu", Permission::submit, owners);
    EXPECT_EQ(reasons(third), "qemu-1 permission, qemu-2 permission, qemu-3 permission");
    grant(lab, Restrictable::device, "qemu-2", Permission::change, add_group(lab, "guests", {guest}));
    EXPECT_EQ(Jobs{lab.reader()}.find(second)->state, JobState::scheduled);
    EXPECT_EQ(reasons(third), "qemu-1 permission, qemu-2 next, qemu-3 permission");
    EXPECT_EQ(claimed(), "guest on qemu-2");
}

TEST_F(WhyTest, NobodyLearnsOfDevicesAndJobsThatTheyDoNotSee) {
    add_boards(3);
    grant(lab, Restrictable::device, "qemu-3", Permission::view, add_group(lab, "owners", {owner}));
    auto hidden = a_job(owner);
    hidden.visibility = Visibility::personal;
    lab.add_job(hidden, now);
    const auto second = lab.add_job(hidden, now);
    claim();
    auto keep = [this, second](Database& db) {
        Reservation kept;
        kept.device = "qemu-2";
        kept.user = owner;
        kept.job = second;
        Reservations{db}.put(kept, now);
    };
    lab.write(std::move(keep));
    const auto job = submit(guest, 10);
    const auto seen = why(job, "guest");
    ASSERT_EQ(seen.devices.size(), 2U);
    EXPECT_EQ(seen.left_out, 0);
    EXPECT_EQ(seen.devices[0].refusal->hindrance, Hindrance::busy);
    EXPECT_EQ(seen.devices[0].job, std::nullopt);
    EXPECT_EQ(seen.devices[1].refusal->text, "it is reserved for another job");
    const auto all = why(job, "owner");
    ASSERT_EQ(all.devices.size(), 3U);
    EXPECT_EQ(all.devices[0].job, JobId{1});
    EXPECT_EQ(all.devices[1].refusal->text, "it is reserved for owner's job 2");
}

TEST_F(WhyTest, WhatAJobSaidOfABadDeviceIsToldToThoseWhoSeeTheJob) {
    add_boards(1);
    auto personal = a_job(owner);
    personal.visibility = Visibility::personal;
    const auto failed = lab.add_job(personal, now);
    auto blame = [failed](Database& db) {
        const HealthReason reason{"cannot be brought to its safe state after job 1", failed, "relay LAB01 is gone"};
        Devices{db}.judge("qemu-1", DeviceHealth::bad, reason, wall_now());
    };
    lab.write(std::move(blame));
    const auto waiting = submit(guest);
    const auto text = [&](const std::string& viewer) { return why(waiting, viewer).devices.at(0).refusal->text; };
    EXPECT_EQ(text("guest"), "its health is Bad: cannot be brought to its safe state after job 1");
    EXPECT_EQ(text("owner"), "its health is Bad: cannot be brought to its safe state after job 1: relay LAB01 is gone");
    EXPECT_EQ(text("root"), text("owner"));
}

TEST_F(WhyTest, ATypeThatIsNotDisplayedTakesNoJobs) {
    add_boards(1);
    const auto job = submit(owner);
    auto hide = [](Database& db) { db.change("UPDATE device_type SET display = 0 WHERE name = 'qemu'"); };
    lab.write(hide);
    EXPECT_EQ(reasons(job), "qemu-1 not_displayed");
    EXPECT_FALSE(claim());
}

TEST_F(WhyTest, AWorkerThatTakesNoMoreJobsIsNamed) {
    add_boards(2);
    const auto first = submit(owner);
    const auto set = [this](WorkerHealth health, int limit) {
        auto write = [=](Database& db) {
            Workers{db}.set_health("bench", health, wall_now());
            Workers{db}.update("bench", std::nullopt, limit);
        };
        lab.write(std::move(write));
    };
    set(WorkerHealth::maintenance, 0);
    EXPECT_EQ(reasons(first), "qemu-1 worker, qemu-2 worker");
    EXPECT_EQ(why(first).devices.at(0).refusal->text,
              "its worker is not Active, does not answer, or has as many jobs as it may");
    EXPECT_FALSE(claim());
    set(WorkerHealth::active, 1);
    EXPECT_EQ(reasons(first), "qemu-1 next, qemu-2 next");
    ASSERT_TRUE(claim());
    EXPECT_EQ(reasons(submit(owner)), "qemu-1 busy 1, qemu-2 worker");
    EXPECT_FALSE(claim());
    set(WorkerHealth::active, 2);
    EXPECT_TRUE(claim());
}

TEST_F(WhyTest, WhatItSaysIsWhatTheDecisionDoes) {
    add_boards(3);
    limit("  max_running: 1\n  max_priority: 40\n  windows: [\"08:00-20:00\"]\n");
    std::vector<JobId> waiting;
    for (int i = 0; i < 4; ++i) {
        waiting.push_back(submit(guest, 40 - i, std::chrono::hours{1 + 4 * (i % 3)}));
        waiting.push_back(submit(owner, 30 + 5 * i));
    }
    while (!waiting.empty()) {
        std::optional<JobId> next;
        for (const auto job : waiting) {
            for (const auto& answer : why(job).devices)
                if (!answer.refusal) {
                    EXPECT_TRUE(!next || next == job) << "two jobs are next";
                    next = job;
                }
        }
        const auto lease = claim();
        ASSERT_EQ(lease.has_value(), next.has_value());
        if (!lease) break;
        EXPECT_EQ(lease->job, *next);
        std::erase(waiting, *next);
    }
    EXPECT_EQ(waiting.size(), 5U);
}

}  // namespace
}  // namespace patchbay
