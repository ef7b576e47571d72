// SPDX-License-Identifier: Apache-2.0
#include "daemon/attach/report.hpp"

#include <gtest/gtest.h>

#include "core/config/yaml.hpp"
#include "daemon/schedule/decision.hpp"
#include "daemon/store/leases.hpp"
#include "daemon/store/logs.hpp"
#include "daemon/supervise/ending.hpp"
#include "jobs/journal/log_record.hpp"
#include "jobs/results/record.hpp"
#include "tests/daemon/store/temporary_store.hpp"

namespace patchbay {
namespace {

using namespace testing;

class ReportTest : public ::testing::Test {
protected:
    TemporaryStore lab;
    UserId guest = lab.add_user("guest");
    JobId job;
    AttachedJobId attached;
    LeaseRow lease;

    void SetUp() override {
        lab.add_devices({a_device("qemu")});
        job = lab.add_job(a_job(guest));
        auto add = [this](Database& db) { return AttachedJobs{db}.add("lab", 64, "token", job); };
        attached = lab.write(std::move(add));
    }
    Report next(std::int64_t limit = most_lines) {
        const auto row = *AttachedJobs{lab.reader()}.find(attached);
        return next_report(lab.reader(), nullptr, row, limit);
    }
    /// The server has taken it.
    void taken(const Report& report) {
        auto note = [this, kind = report.kind, count = report.count](Database& db) {
            AttachedJobs jobs{db};
            if (kind == Report::Kind::running) jobs.set_running_told(attached);
            if (kind == Report::Kind::lines) jobs.set_lines_sent(attached, jobs.find(attached)->lines_sent + count);
        };
        lab.write(std::move(note));
    }
    void begin() {
        auto start = [this](Database& db) {
            lease = lease_device(db, job, "qemu", wall_now());
            store_batch(
                db, lease,
                [] {
                    IngestBatch batch;
                    batch.running = true;
                    return batch;
                }(),
                wall_now());
        };
        lab.write(std::move(start));
    }
    void log(std::vector<std::string> records) {
        auto append = [this, records](Database& db) { Logs{db}.append(job, records); };
        lab.write(std::move(append));
    }
    static std::string verdict(WallTime time, bool passed) {
        std::string record;
        append_result_record(record, time, passed ? make_job_pass() : make_job_fail("Canceled", "stopped"));
        return record;
    }
    void end(bool passed) {
        auto close = [this, passed](Database& db) {
            close_lease(db, lease, {}, {passed, passed ? "" : "Job", passed ? "" : "it broke"}, wall_now());
        };
        lab.write(std::move(close));
    }
};

TEST_F(ReportTest, AJobThatWaitsHasNothingToTell) { EXPECT_EQ(next().kind, Report::Kind::nothing); }

TEST_F(ReportTest, TellsThatItRunsThenItsLinesThenItsEnd) {
    log({"{\"a\": 1}"});
    begin();
    auto report = next();
    EXPECT_EQ(report.kind, Report::Kind::running);
    taken(report);
    report = next();
    EXPECT_EQ(report.kind, Report::Kind::lines);
    EXPECT_EQ(report.lines, "- {\"a\": 1}");
    taken(report);
    EXPECT_EQ(next().kind, Report::Kind::nothing);
    end(false);
    report = next();
    EXPECT_EQ(report.kind, Report::Kind::lines);
    taken(report);
    report = next();
    EXPECT_EQ(report.kind, Report::Kind::end);
    EXPECT_FALSE(report.end.passed);
    EXPECT_EQ(report.end.error_type, "Job");
}

TEST_F(ReportTest, TakesNoMoreThanTheServerAndTheLineDo) {
    begin();
    taken(next());
    log(std::vector<std::string>(50, "{}"));
    auto report = next(20);
    EXPECT_EQ(report.count, 20);
    taken(report);
    EXPECT_EQ(next().count, 30);
    log(std::vector<std::string>(20, "{\"a\": \"" + std::string(90'000, 'x') + "\"}"));
    EXPECT_LT(next().lines.size(), 600'000u);
}

TEST_F(ReportTest, AVerdictWaitsUntilItIsTheLast) {
    begin();
    taken(next());
    log({"{\"a\": 1}", verdict(wall_now(), true)});
    auto report = next();
    EXPECT_EQ(report.count, 1);
    taken(report);
    EXPECT_EQ(next().kind, Report::Kind::nothing);
    end(true);
    report = next();
    EXPECT_EQ(report.lines.find("- {"), 0u);
    EXPECT_NE(report.lines.find("\"case\": \"job\""), std::string::npos);
    taken(report);
    EXPECT_TRUE(next().end.passed || next().kind == Report::Kind::lines);
}

TEST_F(ReportTest, TheVerdictOfAnAttemptThatWasStoppedIsAMessage) {
    begin();
    taken(next());
    log({verdict(wall_now(), false)});
    auto stop = [this](Database& db) {
        Leases{db}.stop(lease.id, lease.fence, "stopped for job 9", true);
        requeue_job(db, *Leases{db}.find(lease.id), wall_now());
    };
    lab.write(std::move(stop));
    auto report = next();
    EXPECT_EQ(report.count, 2);
    const auto first = config::parse_json(report.lines.substr(2, report.lines.find('\n') - 2));
    EXPECT_EQ(*first.find("lvl")->as_string(), "debug");
    EXPECT_NE(first.find("msg")->as_string()->find("verdict of an attempt that others follow"), std::string::npos);
    taken(report);
    EXPECT_EQ(next().kind, Report::Kind::nothing);
    begin();
    end(true);
    report = next();
    EXPECT_NE(report.lines.find("\"lvl\": \"results\""), std::string::npos);
    taken(report);
    EXPECT_TRUE(next().end.passed);
}

TEST_F(ReportTest, OfACancelledJobThatNeverRanTheServerHearsNoRunning) {
    auto leave = [this](Database& db) { Jobs{db}.cancel_queued(job, "because", wall_now()); };
    lab.write(std::move(leave));
    const auto report = next();
    EXPECT_EQ(report.kind, Report::Kind::end);
    EXPECT_EQ(report.end.error_type, "Canceled");
}

TEST_F(ReportTest, ALineInThePlaceOfOneThatIsTooLargeIsAFailedResult) {
    const auto line = unsent_line(70'000, wall_now());
    ASSERT_TRUE(line.starts_with("- "));
    const auto record = config::parse_json(line.substr(2));
    EXPECT_EQ(*record.find("msg")->find("case")->as_string(), "log-upload");
    EXPECT_EQ(*record.find("msg")->find("result")->as_string(), "fail");
}

}  // namespace
}  // namespace patchbay
