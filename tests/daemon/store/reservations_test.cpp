// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/reservations.hpp"

#include <gtest/gtest.h>

#include "daemon/store/results.hpp"
#include "tests/daemon/store/temporary_store.hpp"

namespace patchbay {
namespace {

using namespace testing;

class ReservationsTest : public ::testing::Test {
protected:
    TemporaryStore lab;
    UserId alice = lab.add_user("alice");
    UserId bob = lab.add_user("bob");
    WallTime now = wall_now();

    void SetUp() override { lab.add_devices({a_device("qemu-01"), a_device("qemu-02")}); }
    bool reserve(UserId user, std::optional<WallTime> until, std::optional<std::chrono::seconds> idle = {},
                 std::optional<JobId> job = {}) {
        Reservation wanted;
        wanted.device = "qemu-01";
        wanted.user = user;
        wanted.until = until;
        wanted.idle_release = idle;
        wanted.job = job;
        wanted.reason = "soldering";
        auto write = [wanted, at = now](Database& db) { return Reservations{db}.put(wanted, at); };
        return lab.write(std::move(write));
    }
    std::optional<Reservation> found(WallTime at) { return Reservations{lab.reader()}.find("qemu-01", at); }
};

TEST_F(ReservationsTest, ADeviceIsKeptForOneUserUntilTheEnd) {
    EXPECT_TRUE(reserve(alice, now + 2h));
    EXPECT_FALSE(reserve(bob, now + 1h));
    ASSERT_TRUE(found(now + 2h - 1s));
    EXPECT_EQ(found(now)->user_name, "alice");
    EXPECT_EQ(found(now)->reason, "soldering");
    EXPECT_EQ(found(now)->ends(), now + 2h);
    EXPECT_FALSE(found(now + 2h));
    EXPECT_TRUE(reserve(alice, now + 1h)) << "a shorter time";
    EXPECT_FALSE(found(now + 1h));
    now += 1h;
    EXPECT_TRUE(reserve(bob, now + 1h)) << "what has ended is in nobody's way";
    EXPECT_EQ(Reservations{lab.reader()}.list(now).size(), 1U);
}

TEST_F(ReservationsTest, AReleaseRemovesOnlyWhatWasChecked) {
    using Release = Reservations::Release;
    const auto release = [this](std::optional<UserId> user) {
        auto write = [user, at = now](Database& db) { return Reservations{db}.release("qemu-01", user, at); };
        return lab.write(std::move(write));
    };
    EXPECT_EQ(release(alice), Release::nothing);
    EXPECT_TRUE(reserve(alice, now + 1h));
    now += 1h;  // over, and taken by another before the release comes
    EXPECT_TRUE(reserve(bob, now + 1h));
    EXPECT_EQ(release(alice), Release::anothers);
    EXPECT_EQ(found(now)->user, bob);
    EXPECT_EQ(release(bob), Release::done);
    EXPECT_TRUE(reserve(bob, now + 1h));
    EXPECT_EQ(release(std::nullopt), Release::done);
    EXPECT_FALSE(found(now));
}

TEST_F(ReservationsTest, ADeviceThatIsNotUsedIsReleased) {
    EXPECT_TRUE(reserve(alice, now + 8h, 1h));
    EXPECT_EQ(found(now)->ends(), now + 1h);
    EXPECT_FALSE(found(now + 1h));
    const auto job = lab.add_job(a_job(alice));
    auto begin = [job, at = now + 30min](Database& db) {
        Devices{db}.reserve("qemu-01", job);
        Reservations{db}.touch("qemu-01", at);
    };
    lab.write(begin);
    EXPECT_EQ(found(now + 5h)->ends(), now + 8h) << "it is used";
    auto end = [job, at = now + 5h](Database& db) {
        Devices{db}.release("qemu-01", job);
        Reservations{db}.touch("qemu-01", at);
    };
    lab.write(end);
    EXPECT_TRUE(found(now + 6h - 1s));
    EXPECT_FALSE(found(now + 6h));
}

TEST_F(ReservationsTest, OneOfAJobLastsWhileTheJobIsQueued) {
    const auto job = lab.add_job(a_job(alice));
    EXPECT_TRUE(reserve(alice, {}, {}, job));
    EXPECT_EQ(found(now + std::chrono::hours{1000})->job, job);
    auto cancel = [job](Database& db) { Jobs{db}.cancel_queued(job, "enough", wall_now()); };
    lab.write(cancel);
    EXPECT_FALSE(found(now));
    auto clean = [at = now](Database& db) {
        Reservations{db}.remove_ended(at);
        return Reservations{db}.remove("qemu-01");
    };
    EXPECT_FALSE(lab.write(clean)) << "it is gone already";
}

TEST_F(ReservationsTest, ResultsOfAnEndedAttemptAreKeptApart) {
    const auto job = lab.add_job(a_job(alice));
    auto add = [job](Database& db) {
        for (const auto* name : {"first", "second"}) {
            NewCase one;
            one.suite = "0_smoke";
            one.name = name;
            one.set = "disk";
            one.result = CaseResult::pass;
            one.measurement = "12.5000000000";
            one.start_log_line = 3;
            Results{db}.add_case(job, one);
        }
        EXPECT_FALSE(Results{db}.set_aside(job, 1));
    };
    lab.write(add);
    Results results{lab.reader()};
    EXPECT_TRUE(results.export_rows(job, {}).empty());
    EXPECT_FALSE(results.suite(job, "0_smoke"));
    const auto past = results.past(job, 1, 10);
    ASSERT_EQ(past.size(), 2U);
    EXPECT_EQ(past[0].name, "first");
    EXPECT_EQ(past[1].suite_name, "0_smoke");
    EXPECT_EQ(past[1].set_name, "disk");
    EXPECT_EQ(past[1].measurement, "12.5000000000");
    EXPECT_EQ(past[1].start_log_line, 3);
    EXPECT_TRUE(results.past(job, 2, 10).empty());
}

}  // namespace
}  // namespace patchbay
