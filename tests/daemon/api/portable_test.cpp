// SPDX-License-Identifier: Apache-2.0
// Portable jobs through the API: the jobs that they become, and the table of their results.
#include <gmock/gmock.h>

#include "daemon/schedule/decision.hpp"
#include "daemon/schedule/other_type.hpp"
#include "daemon/store/audit.hpp"
#include "daemon/store/devices.hpp"
#include "daemon/store/portable_jobs.hpp"
#include "tests/daemon/api/smoke_lab.hpp"

namespace patchbay {
namespace {

using namespace testing;
using ::testing::HasSubstr;

class PortableApiTest : public ApiTest {
protected:
    const std::string jobs = "/api/v0.2/jobs/";
    static std::string job(const std::string& more) {
        return "portable: 1\nname: both\nartifacts:\n"
               "  arm64: {kernel: 'http://files.example.org/Image', ramdisk: "
               "'http://files.example.org/arm64.cpio.gz'}\n"
               "  x86_64: {kernel: 'http://files.example.org/bzImage', ramdisk: "
               "'http://files.example.org/x86.cpio.gz'}\n"
               "tests: [{name: smoke, from: git, repository: 'https://example.org/t.git', path: smoke.yaml}]\n" +
               more;
    }
    const std::string on_both = job("where: [qemu-x86_64, qemu-arm64]\nexpect: {smoke/a: pass}\n");

    void report(JobId id, const std::string& name, const std::string& result) {
        lab.record(id, R"({"dt": "2026-01-01T00:00:00.000000", "lvl": "results", "msg": {"case": ")" + name +
                           R"(", "definition": "0_smoke", "result": ")" + result + R"("}})");
    }
    /// Types `board` and `mute`; `more` is added to their recipes.
    void add_boards(const std::string& more = "") {
        for (const std::string name : {"board", "mute"}) {
            DeviceTypeEntry boards;
            boards.name = name;
            boards.recipe = config::parse_yaml("{architecture: arm64, method: u-boot, root: [ramdisk]" + more + "}");
            lab.settings.device_types.push_back(boards);
        }
    }
    /// The device that the next job of the type gets; empty: none does.
    std::string claim(const std::string& type) {
        const auto leases = lab.lab.write([type](Database& db) { return claim_next(db, type, wall_now()); });
        return leases.empty() ? "" : leases.front().device;
    }
    std::string refusal(const std::string& text) {
        const auto answer = lab.post_definition(jobs, text, "alice");
        EXPECT_EQ(answer.status, 400) << answer.body;
        return answer.body;
    }
};

TEST_F(PortableApiTest, BecomesAJobForEachDeviceType) {
    const auto answer = lab.post_definition(jobs, on_both, "alice");
    EXPECT_EQ(answer.status, 201);
    EXPECT_EQ(answer.body, R"({"message":"job(s) successfully submitted","job_ids":[1,2],"portable_job":1})");
    EXPECT_THAT(lab.job(JobId{1}).definition, HasSubstr("arch: x86_64"));
    EXPECT_THAT(lab.job(JobId{2}).definition, HasSubstr("arch: arm64"));
    EXPECT_EQ(*lab.job(JobId{2}).requested_device_type, "qemu");
    const auto row = PortableJobs{lab.lab.reader()}.find(1);
    ASSERT_TRUE(row);
    EXPECT_EQ(row->definition + "\n", on_both) << "nothing of what was handed in is lost";
}

TEST_F(PortableApiTest, MayBeJson) {
    const auto json = config::dump_json(config::parse_yaml(job("where: [qemu-x86_64]\n")));
    EXPECT_EQ(lab.post_definition(jobs, json, "alice").status, 201);
}

TEST_F(PortableApiTest, IsStoredWholeOrNotAtAll) {
    EXPECT_THAT(refusal(job("where: [qemu-x86_64, board-x]\n")), HasSubstr("there is no device type 'board-x'"));
    EXPECT_THAT(refusal(job("where: [qemu-x86_64, qemu-riscv64]\n")), HasSubstr("no artifacts for that"));
    EXPECT_THAT(refusal(job("needs: {capabilities: [audio]}\n")), HasSubstr("nothing here can run this job"));
    EXPECT_THAT(refusal(job("where: [qemu-x86_64]\nwher: 1\n")), HasSubstr("unknown key 'wher'"));
    EXPECT_THAT(lab.get(jobs).body, HasSubstr("\"count\":0"));
}

TEST_F(PortableApiTest, RunsOnceWhereAnythingWillDo) {
    const auto answer = lab.post_definition(jobs, job("where: any\n"), "alice");
    EXPECT_EQ(answer.body, R"({"message":"job(s) successfully submitted","job_ids":[1],"portable_job":1})");
}

TEST_F(PortableApiTest, ExpectsNothingWhereItCannotRun) {
    const auto text = job("where: any\nexpect:\n  smoke/a: {qemu-arm64: pass, board-x: fail, qemu: skip}\n");
    const auto answer = refusal(text);
    EXPECT_THAT(answer, HasSubstr("job:9:31: expect: there is no device type 'board-x' that the job could run on"));
    EXPECT_THAT(answer, HasSubstr("'qemu' that")) << "a virtual machine has its architecture in its name";
    EXPECT_THAT(answer, Not(HasSubstr("'qemu-arm64' that")));
    EXPECT_THAT(refusal(job("where: [qemu-arm64]\nexpect: {smoke/a: {qemu-x86_64: pass}}\n")),
                HasSubstr("job:8:20: expect: 'qemu-x86_64' is not in 'where'"));
    EXPECT_EQ(lab.post_definition(jobs, job("where: any\nexpect: {smoke/a: {board: pass}}\n"), "alice").status, 201);
}

TEST_F(PortableApiTest, RunsOnTheDeviceOfATypeThatHasWhatItNeeds) {
    add_boards();
    lab.lab.add_devices({a_device("board-01", "board"), a_device("board-02", "board", {"hardware:audio"}),
                         a_device("mute-01", "mute")});
    const auto text = job("where: [board]\nneeds: {capabilities: [audio-loopback]}\n");
    const config::Map body{{"definition", text}, {"on", "board"}};
    EXPECT_THAT(lab.post("/api/v0.2/portable_jobs/lower/", "application/json", config::dump_json(body), "alice").body,
                HasSubstr(R"(tags:\n- hardware:audio\n)"));
    ASSERT_EQ(lab.post_definition(jobs, text, "alice").status, 201);
    ASSERT_EQ(lab.post_definition(jobs, text, "alice").status, 201);
    EXPECT_EQ(claim("board"), "board-02");
    EXPECT_EQ(claim("board"), "") << "board-01 is idle, and has no audio";
    EXPECT_EQ(lab.job(JobId{1}).actual_device, "board-02");
    EXPECT_THAT(refusal(job("where: [mute]\nneeds: {capabilities: [audio]}\n")), HasSubstr("'mute' has no 'audio'"));
}

TEST_F(PortableApiTest, RunsAnywhereThatAUsableDeviceHasWhatItNeeds) {
    add_boards();
    auto broken = a_device("board-02", "board", {"hardware:audio"});
    lab.lab.add_devices({a_device("board-01", "board"), broken, a_device("qemu-01")});
    const auto text = job("where: any\nneeds: {capabilities: [audio]}\n");
    ASSERT_EQ(lab.post_definition(jobs, text, "alice").status, 201);
    EXPECT_EQ(*lab.job(JobId{1}).requested_device_type, "board");
    lab.lab.write([](Database& db) { return Devices{db}.set_health("board-02", DeviceHealth::bad, {}, wall_now()); });
    EXPECT_THAT(refusal(text), HasSubstr("no device of type 'board' takes jobs now"));
}

class PortableAnywhereTest : public PortableApiTest {
protected:
    /// The job is in the queue of qemu, and could run on a board as well.
    PortableAnywhereTest() {
        add_boards();
        lab.lab.add_devices({a_device("qemu-01"), a_device("board-01", "board", {"hardware:audio"})});
        lab.post_definition(jobs, job("where: any\nsecrets: {key: word}\nexpect: {smoke/a: pass}\n"), "alice");
    }
    void set_health(const std::string& device, DeviceHealth health) {
        auto set = [device, health](Database& db) { return Devices{db}.set_health(device, health, {}, wall_now()); };
        lab.lab.write(std::move(set));
    }
    /// The device of another type that takes it; empty: none does.
    std::string move_to(const std::string& type) {
        const auto leases = lab.lab.write([type](Database& db) { return claim_from_other_type(db, type, wall_now()); });
        return leases.empty() ? "" : leases.front().device;
    }
};

TEST_F(PortableAnywhereTest, MovesToAnIdleDeviceOfAnotherTypeWhenItsOwnHasNone) {
    ASSERT_EQ(*lab.job(JobId{1}).requested_device_type, "board");
    EXPECT_EQ(move_to("qemu"), "") << "its own type has an idle device";
    set_health("board-01", DeviceHealth::bad);
    EXPECT_EQ(move_to("qemu"), "qemu-01");
    const auto job = lab.job(JobId{1});
    EXPECT_EQ(*job.requested_device_type, "qemu");
    EXPECT_EQ(job.actual_device, "qemu-01");
    EXPECT_EQ(job.state, JobState::scheduled);
    EXPECT_THAT(job.definition, HasSubstr("arch: arm64"));
    EXPECT_THAT(job.definition, HasSubstr("word"));
    const auto shown = lab.get(jobs + "1/", "bob").body;
    EXPECT_THAT(shown, HasSubstr("arch: arm64"));
    EXPECT_THAT(shown, Not(HasSubstr("word"))) << "its secrets stay masked";
    EXPECT_THAT(lab.get("/api/v0.2/portable_jobs/1/").body, HasSubstr(R"("device_type":"qemu-arm64")"));
    const auto deeds = Audit{lab.lab.reader()}.list({.action = "job.move"});
    ASSERT_EQ(deeds.size(), 1U);
    EXPECT_EQ(deeds[0].deed.object, "1");
    EXPECT_EQ(deeds[0].deed.detail, "board -> qemu: qemu-01 is idle");
}

TEST_F(PortableAnywhereTest, StaysOnceItHadADevice) {
    lab.schedule(JobId{1}, "board-01");
    lab.lab.write([](Database& db) {
        Jobs{db}.requeue(JobId{1}, wall_now());
        Devices{db}.release("board-01", JobId{1});
    });
    set_health("board-01", DeviceHealth::bad);
    EXPECT_EQ(move_to("qemu"), "");
    EXPECT_EQ(*lab.job(JobId{1}).requested_device_type, "board");
}

TEST_F(PortableAnywhereTest, GoesNowhereWhenItIsCanceled) {
    set_health("board-01", DeviceHealth::bad);
    lab.lab.write([](Database& db) { return Jobs{db}.cancel_queued(JobId{1}, "alice", wall_now()); });
    EXPECT_EQ(move_to("qemu"), "");
}

TEST_F(PortableApiTest, NeedsNoTagWhereTheLabsFileSaysThatAllDevicesHaveIt) {
    add_boards(", capabilities: [audio]");
    lab.lab.add_devices({a_device("board-01", "board"), a_device("board-02", "board", {"hardware:audio"})});
    ASSERT_EQ(lab.post_definition(jobs, job("where: [board]\nneeds: {capabilities: [audio]}\n"), "alice").status, 201);
    EXPECT_TRUE(lab.job(JobId{1}).tags.empty());
}

TEST_F(PortableApiTest, RunsWhereADeviceWithAllItsTagsIsIdle) {
    add_boards();
    lab.lab.add_devices(
        {a_device("qemu-01", "qemu", {"usb"}), a_device("board-01", "board"), a_device("board-02", "board", {"usb"})});
    const auto other = lab.post_definition(jobs, job("where: [board]\nneeds: {tags: [usb]}\n"), "alice");
    ASSERT_EQ(other.status, 201) << other.body;
    lab.schedule(JobId{1}, "board-02");
    lab.start(JobId{1});
    lab.post_definition(jobs, job("where: any\nneeds: {tags: [usb]}\n"), "alice");
    EXPECT_EQ(*lab.job(JobId{2}).requested_device_type, "qemu") << "board-01 is idle, but has no such tag";
}

TEST_F(PortableApiTest, HasItsResultsSideBySide) {
    lab.post_definition(jobs, on_both, "alice");
    for (const auto id : {JobId{1}, JobId{2}}) {
        lab.schedule(id, id == JobId{1} ? "qemu-01" : "qemu-02");
        lab.start(id);
        report(id, "a", id == JobId{1} ? "pass" : "fail");
        report(id, "b", "pass");
        lab.finish(id, JobHealth::complete);
    }
    const auto answer = lab.get("/api/v0.2/portable_jobs/1/");
    EXPECT_EQ(answer.status, 200);
    EXPECT_THAT(
        answer.body,
        HasSubstr(R"({"job":"1","device_type":"qemu-x86_64","state":"finished","health":"complete","earlier":[]})"));
    EXPECT_THAT(answer.body,
                HasSubstr(R"({"test":"smoke/a","equal":false,"results":[{"result":"pass","mark":"expected"},)"
                          R"({"result":"fail","mark":"regressed"}]})"));
    EXPECT_THAT(answer.body, HasSubstr(R"({"test":"smoke/b","equal":true,"results":[{"result":"pass","mark":"new"},)"));
}

TEST_F(PortableApiTest, IsFoundFromEachOfItsJobs) {
    lab.post_definition(jobs, on_both, "alice");
    submit("another");
    EXPECT_THAT(lab.get(jobs + "2/").body, ::testing::EndsWith(R"("failure_comment":null,"portable_job":1})"));
    EXPECT_THAT(lab.get(jobs + "3/").body, ::testing::EndsWith(R"("failure_comment":null})")) << "as LAVA has it";
    for (const std::string list : {"?ordering=id", "?ordering=id&description__contains=both"}) {
        const auto page = lab.get(jobs + list).json();
        const auto& first = page.find("results")->as_list()->front();
        ASSERT_TRUE(first.find("portable_job")) << list;
        EXPECT_EQ(*first.find("portable_job")->as_int(), 1) << list;
    }
}

TEST_F(PortableApiTest, CountsThePartThatWasResubmittedAndNamesTheEarlierOne) {
    lab.post_definition(jobs, on_both, "alice");
    const auto run = [this](JobId id, const std::string& device, const std::string& result) {
        lab.schedule(id, device);
        lab.start(id);
        report(id, "a", result);
        lab.finish(id, JobHealth::complete);
    };
    run(JobId{1}, "qemu-01", "fail");
    run(JobId{2}, "qemu-02", "pass");
    const auto again = lab.send("POST", jobs + "1/resubmit/", lab.authorization("alice"));
    EXPECT_EQ(again.body, R"({"message":"job(s) successfully submitted","job_ids":[3],"portable_job":1})");
    EXPECT_THAT(lab.get(jobs + "3/").body, HasSubstr(R"("portable_job":1)"));
    const std::string table = "/api/v0.2/portable_jobs/1/";
    EXPECT_THAT(lab.get(table).body, HasSubstr(R"({"job":"3","device_type":"qemu-x86_64","state":"submitted",)"
                                               R"("health":"unknown","earlier":["1"]})"));
    run(JobId{3}, "qemu-01", "pass");
    EXPECT_THAT(lab.get(table).body, HasSubstr(R"({"test":"smoke/a","equal":true,"results":[{"result":"pass",)"));
    lab.send("POST", jobs + "3/resubmit/", lab.authorization("root"));
    EXPECT_THAT(lab.get(table).body, HasSubstr(R"("earlier":["1","3"])"));
    EXPECT_THAT(lab.get(table).body, HasSubstr(R"({"job":"2","device_type":"qemu-arm64")")) << "the others stay";
}

TEST_F(PortableApiTest, IsNotChangedByAStrangerWhoResubmitsAPart) {
    lab.post_definition(jobs, on_both, "alice");
    const auto answer = lab.send("POST", jobs + "1/resubmit/", lab.authorization("bob"));
    EXPECT_EQ(answer.body, R"({"message":"job(s) successfully submitted","job_ids":[3]})");
    EXPECT_THAT(lab.get("/api/v0.2/portable_jobs/1/").body, HasSubstr(R"({"job":"1")"));
}

TEST_F(PortableApiTest, LosesNoFailureBehindASecondResult) {
    lab.post_definition(jobs, job("where: [qemu-x86_64]\n"), "alice");
    lab.schedule(JobId{1}, "qemu-01");
    lab.start(JobId{1});
    report(JobId{1}, "a", "fail");
    report(JobId{1}, "a", "pass");
    lab.finish(JobId{1}, JobHealth::complete);
    EXPECT_THAT(lab.get("/api/v0.2/portable_jobs/1/").body,
                HasSubstr(R"({"test":"smoke/a","equal":true,"results":[{"result":"fail"})"));
}

TEST_F(PortableApiTest, ShowsOnlyWhatItsReaderMaySee) {
    lab.post_definition(jobs, job("where: [qemu-x86_64]\nvisibility: personal\n"), "alice");
    EXPECT_EQ(lab.get("/api/v0.2/portable_jobs/1/", "alice").status, 200);
    EXPECT_EQ(lab.get("/api/v0.2/portable_jobs/1/", "bob").status, 404);
    EXPECT_EQ(lab.get("/api/v0.2/portable_jobs/9/", "alice").status, 404);
}

TEST_F(PortableApiTest, IsLoweredWithoutBeingSubmitted) {
    const auto lower = [this](const std::string& text, const std::string& on) {
        const config::Map body{{"definition", text}, {"on", on}};
        return lab.post("/api/v0.2/portable_jobs/lower/", "application/json", config::dump_json(body), "alice");
    };
    const auto answer = lower(on_both, "qemu-arm64");
    EXPECT_EQ(answer.status, 200);
    EXPECT_THAT(answer.body, HasSubstr("console=ttyAMA0"));
    EXPECT_EQ(lower(on_both, "").json().find("results")->as_list()->size(), 2u);
    EXPECT_EQ(lower(on_both, "board-x").status, 400);
    EXPECT_EQ(lower("job_name: x\n", "").status, 400);
    EXPECT_THAT(lab.get(jobs).body, HasSubstr("\"count\":0"));
}

TEST_F(PortableApiTest, OfKernelCiIsLoweredAndSaysWhatIsNotUsed) {
    const std::string text = R"({"artifacts": {"kernel": "http://files.example.org/Image",
        "ramdisk": "http://files.example.org/root.cpio.gz"}, "tests": [{"id": "up", "type": "boot"}],
        "environment": {"platform": "qemu-arm64", "arch": "arm64"},
        "priority": 7, "integrity": {"sha256": {"kernel": ")" +
                             std::string(64, 'a') + R"("}}})";
    const config::Map body{{"definition", text}};
    const auto answer =
        lab.post("/api/v0.2/portable_jobs/lower/", "application/json", config::dump_json(body), "alice");
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_THAT(answer.body, HasSubstr(R"("unused":["job:4:9: priority: is not used here"])"));
    EXPECT_EQ(lab.post_definition(jobs, text, "alice").status, 201);
    EXPECT_THAT(lab.job(JobId{1}).definition, HasSubstr("sha256sum: " + std::string(64, 'a')));
}

TEST_F(PortableApiTest, GoesWithTheLastOfItsJobs) {
    lab.post_definition(jobs, on_both, "alice");
    lab.lab.write([](Database& db) { db.change("DELETE FROM job WHERE id = $1", JobId{1}); });
    EXPECT_TRUE(PortableJobs{lab.lab.reader()}.find(1));
    lab.lab.write([](Database& db) { db.change("DELETE FROM job WHERE id = $1", JobId{2}); });
    EXPECT_FALSE(PortableJobs{lab.lab.reader()}.find(1));
}

}  // namespace
}  // namespace patchbay
