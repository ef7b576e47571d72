// SPDX-License-Identifier: Apache-2.0
// Jobs that want one device and no other, as leases of people do.
#include "daemon/schedule/why.hpp"
#include "daemon/store/reservations.hpp"
#include "tests/daemon/schedule/sharing_lab.hpp"

namespace patchbay::testing {
namespace {

class OneDevice : public SharingLab {
protected:
    JobId submit_for(UserId who, const std::string& device, int priority = 50) {
        auto job = a_job(who, "qemu", priority);
        job.run_limit = std::chrono::hours{1};
        job.requested_device = device;
        return lab.add_job(std::move(job), now);
    }
    std::string why(JobId job, const std::string& device) {
        const auto row = *Jobs{lab.reader()}.find(job);
        const auto reasons = why_waits(lab.reader(), row, now, rules, Viewer{{}, true});
        for (const auto& answer : reasons.devices)
            if (answer.device == device) return answer.refusal ? answer.refusal->text : "";
        return "no such device";
    }
};

TEST_F(OneDevice, IsTheOnlyOneThatTakesTheJob) {
    add_boards(3);
    const auto job = submit_for(owner, "qemu-2");
    EXPECT_EQ(why(job, "qemu-1"), "the job wants device qemu-2");
    EXPECT_EQ(why(job, "qemu-2"), "");
    EXPECT_EQ(claimed(), "owner on qemu-2");
    EXPECT_EQ(claimed(), "");
}

TEST_F(OneDevice, WhenItIsBusyTheJobWaitsAndOthersGoOn) {
    add_boards(2);
    submit_for(owner, "qemu-1");
    EXPECT_EQ(claimed(), "owner on qemu-1");
    const auto job = submit_for(other, "qemu-1", 100);
    submit(guest, 0);
    EXPECT_EQ(why(job, "qemu-1"), "runs another job");
    EXPECT_EQ(claimed(), "guest on qemu-2") << "what waits for another device holds up nobody";
    EXPECT_EQ(claimed(), "");
}

TEST_F(OneDevice, GoesToTheBetterOfTwoWhetherTheyNameItOrNot) {
    add_boards(1);
    submit(guest, 60);
    submit_for(owner, "qemu-1", 50);
    const auto first = claim();
    ASSERT_TRUE(first);
    EXPECT_EQ(Jobs{lab.reader()}.find(first->job)->submitter, "guest");
    end(*first);
    EXPECT_EQ(claimed(), "owner on qemu-1");
}

TEST_F(OneDevice, OfSomebodyWhoMayNotHaveItIsFreeForOthers) {
    add_boards(1);
    limit("  windows: []\n");
    const auto job = submit_for(guest, "qemu-1", 100);
    submit(owner, 0);
    EXPECT_NE(why(job, "qemu-1"), "");
    EXPECT_EQ(claimed(), "owner on qemu-1");
}

TEST_F(OneDevice, ThatIsReservedForAnotherIsNotTaken) {
    add_boards(2);
    auto keep = [this](Database& db) {
        Reservation reservation;
        reservation.device = "qemu-1";
        reservation.user = other;
        reservation.until = now + std::chrono::hours{2};
        Reservations{db}.put(reservation, now);
    };
    lab.write(std::move(keep));
    const auto job = submit_for(owner, "qemu-1");
    EXPECT_EQ(why(job, "qemu-1"), "it is reserved for other");
    EXPECT_EQ(claimed(), "");
    submit_for(other, "qemu-1");
    EXPECT_EQ(claimed(), "other on qemu-1");
}

}  // namespace
}  // namespace patchbay::testing
