// SPDX-License-Identifier: Apache-2.0
// A deed and its record are stored together or not at all: each deed over REST, once with a store that takes no record
// and once with one that takes nothing else.
#include "daemon/store/audit.hpp"
#include "daemon/store/outbox.hpp"
#include "daemon/store/passwords.hpp"
#include "tests/daemon/api/smoke_lab.hpp"
#include "tests/daemon/store/lab_of_groups.hpp"

namespace patchbay {
namespace {

using namespace testing;

struct DeedExample {
    std::string method, target, body;
    std::string action;  ///< of its record
    std::string who = "root";
};

std::string definition_in(const std::string& field) {
    config::Map fields;
    fields.set(field, definition());
    return config::dump_json(config::Value{std::move(fields)});
}

/// In an order in which each can be done.
const DeedExample deeds[] = {
    {"POST", "jobs/", definition_in("definition"), "job.submit", "alice"},
    {"POST", "jobs/1/resubmit/", "", "job.submit", "alice"},
    {"GET", "jobs/1/cancel/", "", "job.cancel", "alice"},
    {"POST", "jobs/batch_cancel/", R"({"job_ids": [2]})", "job.cancel", "alice"},
    {"POST", "jobs/1/notifications/retry/", "", "notification.retry"},
    {"DELETE", "jobs/2/", "", "job.delete"},
    {"POST", "devices/qemu-01/set_health/", R"({"health": "bad", "reason": "smoke"})", "device.health"},
    {"PATCH", "devices/qemu-02/", R"({"health": "Maintenance"})", "device.health"},
    {"POST", "devices/board-01/reserve/", R"({"for": "1h"})", "device.reserve", "alice"},
    {"POST", "devices/board-01/release/", "", "device.release", "alice"},
    {"POST", "tags/", R"({"name": "hdmi"})", "tag.add"},
    {"PATCH", "tags/2/", R"({"name": "display"})", "tag.change"},
    {"PATCH", "devices/board-01/", R"({"tags": [2]})", "device.tags"},
    {"PATCH", "devices/board-01/", R"({"tags": []})", "device.tags"},
    {"DELETE", "tags/2/", "", "tag.delete"},
    {"POST", "devicetypes/", R"({"name": "rock"})", "device-type.add"},
    {"PATCH", "devicetypes/rock/", R"({"description": "a board"})", "device-type.change"},
    {"POST", "devicetypes/rock/health_check/", definition_in("config"), "device-type.health-check"},
    {"POST", "aliases/", R"({"name": "stone", "device_type": "rock"})", "alias.add"},
    {"PATCH", "aliases/stone/", R"({"device_type": "board"})", "alias.change"},
    {"DELETE", "aliases/stone/", "", "alias.delete"},
    {"DELETE", "devicetypes/rock/", "", "device-type.delete"},
    {"POST", "workers/", R"({"hostname": "rack-2"})", "worker.token"},
    {"PATCH", "workers/rack-2/", R"({"job_limit": 2})", "worker.change"},
    {"POST", "workers/rack-2/set_health/", R"({"health": "MAINTENANCE"})", "worker.change"},
    {"DELETE", "workers/rack-2/", "", "worker.delete"},
    {"POST", "groups/", R"({"name": "lab"})", "group.add"},
    {"PATCH", "groups/1/", R"({"name": "owners"})", "group.rename"},
    {"POST", "permissions/devices/", R"({"group": "owners", "permission": "view_device", "device": "qemu-01"})",
     "permission.add"},
    {"PATCH", "permissions/devices/1/", R"({"permission": "change_device"})", "permission.change"},
    {"DELETE", "permissions/devices/1/", "", "permission.delete"},
    {"DELETE", "groups/1/", "", "group.delete"},
    {"POST", "users/", R"({"username": "eve"})", "user.add"},
    {"PATCH", "users/4/", R"({"email": "eve@lab.example"})", "user.change"},
    {"DELETE", "users/4/", "", "user.delete"},
    {"POST", "token/", R"({"username": "bob", "password": "correct horse"})", "token.add", ""},
    {"POST", "remote-artifact-tokens/", R"({"name": "nexus", "token": "s3cr3t"})", "remote-token.add", "alice"},
    {"PATCH", "remote-artifact-tokens/nexus/", R"({"token": "s3cr3t2"})", "remote-token.change", "alice"},
    {"DELETE", "remote-artifact-tokens/nexus/", "", "remote-token.delete", "alice"},
};

class AuditedDeeds : public ApiTest {
protected:
    AuditedDeeds() {
        auto password = [bob = Users{lab.lab.reader()}.find("bob")->id](Database& db) {
            Passwords{db}.set(bob, hash_password("correct horse"));
        };
        lab.lab.write(std::move(password));
        constexpr auto sql =
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";
        for (auto rows = lab.lab.reader().run(sql); rows->step();) tables_.emplace_back(rows->text(0));
        auto make_triggers = [tables = tables_](Database& db) {
            db.execute("CREATE TABLE refusal (what INTEGER); INSERT INTO refusal VALUES (0)");
            for (const auto& table : tables) {
                const std::string when = table == "audit" ? "1" : "2";
                for (const std::string change : {"INSERT", "UPDATE", "DELETE"})
                    db.execute("CREATE TRIGGER refuse_" + change + "_" + table + " BEFORE " + change + " ON " + table +
                               " WHEN (SELECT what FROM refusal) = " + when +
                               " BEGIN SELECT RAISE(ABORT, 'refused by this test'); END");
            }
        };
        lab.lab.write(std::move(make_triggers));
    }

    ApiAnswer send(const DeedExample& deed) {
        const std::string type = deed.body.empty() ? "" : "Content-Type: application/json\r\n";
        return lab.send(deed.method, "/api/v0.2/" + deed.target, lab.authorization(deed.who) + type, deed.body);
    }

    enum class Refused { nothing = 0, records = 1, all_else = 2 };
    /// From here on the store takes none of them.
    void refuse(Refused what) {
        auto set = [what](Database& db) { db.change("UPDATE refusal SET what = $1", what); };
        lab.lab.write(std::move(set));
    }

    /// Every row of every table.
    std::string contents() {
        std::string text;
        for (const auto& table : tables_) {
            std::string columns;
            for (auto row = lab.lab.reader().run("SELECT name FROM pragma_table_info($1)", table); row->step();)
                columns += (columns.empty() ? "quote(" : " || ',' || quote(") + std::string{row->text(0)} + ")";
            for (auto row = lab.lab.reader().run("SELECT " + columns + " FROM " + table + " ORDER BY 1"); row->step();)
                text += table + ": " + std::string{row->text(0)} + "\n";
        }
        return text;
    }
    std::int64_t records() { return Audit{lab.lab.reader()}.count({}); }

    /// What the example needs and no request makes.
    void prepare(const DeedExample& deed) {
        if (deed.action != "notification.retry") return;
        NewNotification made;
        made.job = JobId{1};
        made.address = made.receiver = "http://receiver.example/";
        auto insert = [made](Database& db) {
            const auto id = Outbox{db}.add(made, WallTime{1s});
            Outbox{db}.record(id, {NotificationPhase::given_up, 404, "", WallTime{2s}, WallTime{7s}});
        };
        lab.lab.write(std::move(insert));
    }

    std::vector<std::string> tables_;
};

TEST_F(AuditedDeeds, AreStoredTogetherWithTheirRecordsOrNotAtAll) {
    for (const auto& deed : deeds) {
        SCOPED_TRACE(deed.method + " " + deed.target + " " + deed.body);
        prepare(deed);
        const auto before = contents();
        const auto recorded = records();
        for (const auto what : {Refused::records, Refused::all_else}) {
            refuse(what);
            EXPECT_EQ(send(deed).status, 503);
            EXPECT_EQ(contents(), before) << (what == Refused::records ? "a deed" : "a record") << " stays alone";
            refuse(Refused::nothing);
        }
        const auto answer = send(deed);
        EXPECT_LT(answer.status, 300) << answer.body;
        EXPECT_EQ(records(), recorded + 1);
        const auto newest = Audit{lab.lab.reader()}.list({.limit = 1}).at(0).deed;
        EXPECT_EQ(newest.action, deed.action);
        EXPECT_EQ(newest.who, deed.who.empty() ? "bob" : deed.who);
    }
}

TEST_F(AuditedDeeds, ASubmissionThatIsRefusedIsNoDeed) {
    const auto group = add_group(lab.lab, "owners");
    grant(lab.lab, Restrictable::device, "qemu-01", Permission::submit, group);
    grant(lab.lab, Restrictable::device, "qemu-02", Permission::submit, group);
    const auto refused = lab.post_definition("/api/v0.2/jobs/", definition(), "alice");
    EXPECT_EQ(refused.status, 400);
    EXPECT_THAT(refused.body, HasSubstr("Devices unavailable: "));
    EXPECT_EQ(lab.post_definition("/api/v0.2/jobs/", "device_type: qemu\n", "alice").status, 400);
    EXPECT_EQ(lab.post_definition("/api/v0.2/jobs/", definition()).status, 403);
    EXPECT_EQ(records(), 0);
    EXPECT_EQ(*lab.get("/api/v0.2/jobs/", "root").json().find("count"), config::Value{0});
}

TEST_F(AuditedDeeds, WhatChangesNothingIsNotRecorded) {
    const auto job = submit();
    ASSERT_EQ(lab.get(url(job, "cancel/"), "alice").status, 200);
    const auto recorded = records();
    EXPECT_EQ(lab.get(url(job, "cancel/"), "alice").status, 200);
    EXPECT_EQ(lab.post(url(job, "notifications/retry/"), "", "", "alice").status, 200) << "nothing was given up";
    EXPECT_EQ(lab.send("DELETE", url(JobId{99}), lab.authorization("root")).status, 404);
    EXPECT_EQ(records(), recorded);
}

}  // namespace
}  // namespace patchbay
