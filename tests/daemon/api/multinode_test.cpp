// SPDX-License-Identifier: Apache-2.0
// Multinode jobs through the API: what is made of one, by which names its parts are known, and what is refused.
#include <gmock/gmock.h>

#include "daemon/store/audit.hpp"
#include "daemon/store/multinode_groups.hpp"
#include "daemon/store/workers.hpp"
#include "tests/core/config/typed_json.hpp"
#include "tests/daemon/api/smoke_lab.hpp"
#include "tests/daemon/store/lab_of_groups.hpp"

namespace patchbay {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

class MultinodeApiTest : public ApiTest {
protected:
    const std::string jobs = "/api/v0.2/jobs/";
    static std::string job_with(const std::string& roles, const std::string& more = "") {
        return "# mine\njob_name: multi\nvisibility: public\ntimeouts: {job: {minutes: 10}}\n" + more +
               "protocols: {lava-multinode: {timeout: {minutes: 3}, roles: " + roles +
               "}}\nactions:\n- deploy: {role: [server, client], to: tmpfs, images: {}}\n"
               "- test: {role: [client], definitions: [{from: inline, name: a, path: b, repository: {}}]}\n";
    }
    const std::string two =
        "{server: {device_type: qemu, count: 1}, client: {device_type: qemu, count: 1, tags: [usb]}}";
    std::string message(const std::string& roles) {
        const auto answer = lab.post_definition(jobs, job_with(roles), "alice");
        EXPECT_EQ(answer.status, 400) << answer.body;
        return answer.body;
    }
    std::string text(const ApiAnswer& answer, const char* key) { return *answer.json().find(key)->as_string(); }
};

TEST_F(MultinodeApiTest, TheAnswerHasTheSubIds) {
    const auto answer = lab.post_definition(jobs, job_with(two), "alice");
    EXPECT_EQ(answer.status, 201);
    EXPECT_EQ(answer.body, R"({"message":"job(s) successfully submitted","job_ids":["1.0","1.1"]})");
}

TEST_F(MultinodeApiTest, EachPartIsAJobWithItsOwnDefinitionAndTheWhole) {
    const auto whole = job_with(two);
    lab.post_definition(jobs, whole, "alice");
    const auto part = lab.get(jobs + "2/");
    EXPECT_EQ(*part.json().find("id"), config::Value{2});
    EXPECT_EQ(*part.json().find("requested_device_type"), config::Value{"qemu"});
    EXPECT_EQ(part.json().find("tags")->as_list()->size(), 1u);
    EXPECT_EQ(text(part, "multinode_definition") + "\n", whole);
    EXPECT_THAT(text(part, "definition"), HasSubstr("sub_id: 1\n"));
    EXPECT_THAT(text(part, "definition"), HasSubstr("role: client\n"));
    const auto group = lab.job(JobId{2}).target_group;
    EXPECT_THAT(group, MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
    EXPECT_THAT(lab.get(jobs + "?target_group=" + group).body, HasSubstr("\"count\":2"));
    EXPECT_THAT(lab.get(jobs + "?multinode_definition__contains=job_name").body, HasSubstr("\"count\":2"));
}

TEST_F(MultinodeApiTest, ASubIdIsAsGoodAsTheNumber) {
    lab.post_definition(jobs, definition(), "alice");
    lab.post_definition(jobs, job_with(two), "alice");
    EXPECT_EQ(*lab.get(jobs + "2.1/").json().find("id"), config::Value{3});
    EXPECT_EQ(*lab.get(jobs + "1.0/").json().find("id"), config::Value{1}) << "a job that is its whole group";
    for (const auto* id : {"1.1", "2.2", "3.0", "3.1", ".1", "2.", "2.x"})
        EXPECT_EQ(lab.get(jobs + id + "/").status, 404) << id;
}

TEST_F(MultinodeApiTest, WhoCancelsOnePartCancelsAll) {
    lab.post_definition(jobs, job_with(two), "alice");
    EXPECT_EQ(lab.post(jobs + "1.1/cancel/", "application/json", "", "alice").status, 200);
    for (const std::int64_t id : {1, 2}) {
        EXPECT_EQ(lab.job(JobId{id}).state, JobState::finished);
        EXPECT_EQ(lab.job(JobId{id}).health, JobHealth::canceled);
    }
}

TEST_F(MultinodeApiTest, APartIsResubmittedAsTheWhole) {
    lab.post_definition(jobs, job_with(two), "alice");
    EXPECT_EQ(lab.post(jobs + "2/resubmit/", "application/json", "", "alice").body,
              R"({"message":"job(s) successfully submitted","job_ids":["3.0","3.1"]})");
    EXPECT_NE(lab.job(JobId{3}).target_group, lab.job(JobId{1}).target_group);
    EXPECT_EQ(lab.job(JobId{3}).multinode_definition, lab.job(JobId{1}).multinode_definition);
}

TEST_F(MultinodeApiTest, SecretsAreShownToTheirOwnerOnly) {
    lab.post_definition(jobs, job_with(two, "secrets: {token: hush}\n"), "alice");
    EXPECT_THAT(lab.get(jobs + "2/", "alice").body, HasSubstr("hush"));
    const auto others = lab.get(jobs + "2/", "bob").body;
    EXPECT_THAT(others, Not(HasSubstr("hush")));
    EXPECT_THAT(others, HasSubstr("[MASKED]"));
    EXPECT_THAT(lab.get(jobs + "?multinode_definition__contains=hush", "bob").body, HasSubstr("\"count\":0"));
}

TEST_F(MultinodeApiTest, WhatTheLabCannotRunIsRefused) {
    EXPECT_THAT(
        message("{server: {device_type: qemu, count: 3}}"),
        HasSubstr("Devices unavailable: Not enough devices of type qemu are currently available to user alice"));
    EXPECT_THAT(message("{server: {device_type: qemu, count: 1, tags: [usb]}, client: {device_type: qemu, count: 1, "
                        "tags: [usb]}}"),
                HasSubstr("Not enough devices of type qemu"))
        << "one device cannot play both";
    EXPECT_THAT(message("{server: {device_type: cray, count: 1}}"), HasSubstr("Device type 'cray' is unavailable."));
    EXPECT_THAT(message("{server: {device_type: qemu, count: 1, tags: [nope]}}"), HasSubstr("Device tag 'nope'"));
    EXPECT_THAT(message("{server: {device_type: qemu, count: 1}, guest: {connection: ssh, count: 1, host_role: server, "
                        "expect_role: server}}"),
                HasSubstr("role 'guest': roles with 'connection'"));
    EXPECT_EQ(lab.get(jobs).json().find("count")->as_int() ? *lab.get(jobs).json().find("count")->as_int() : -1, 0)
        << "not even a part was stored";
}

TEST_F(MultinodeApiTest, DevicesOfOthersDoNotCount) {
    grant(lab.lab, Restrictable::device, "qemu-02", Permission::submit, add_group(lab.lab, "others"));
    EXPECT_THAT(message(two), HasSubstr("Not enough devices of type qemu are currently available to user alice"));
    EXPECT_EQ(lab.post_definition(jobs, job_with(two), "root").status, 201);
}

TEST_F(MultinodeApiTest, ARoleMayNameItsDeviceAndWorker) {
    const auto roles = [](const std::string& server, const std::string& client = "") {
        return "{server: {device_type: qemu, count: 1" + server + "}, client: {device_type: qemu, count: 1" + client +
               "}}";
    };
    EXPECT_EQ(lab.post_definition(jobs, job_with(roles(", device: qemu-02, worker: bench")), "alice").status, 201);
    EXPECT_THAT(message(roles(", device: nope")), HasSubstr("Device 'nope' does not exist."));
    EXPECT_THAT(message(roles(", device: board-01")), HasSubstr("Device 'board-01' is not of type 'qemu'."));
    EXPECT_THAT(message(roles(", worker: moon")), HasSubstr("Worker 'moon' does not exist."));
    EXPECT_THAT(message(roles(", device: qemu-01", ", device: qemu-01")), HasSubstr("Not enough devices of type qemu"));
    grant(lab.lab, Restrictable::device, "qemu-02", Permission::submit, add_group(lab.lab, "others"));
    EXPECT_THAT(message(roles(", device: qemu-02")),
                HasSubstr("You do not have permission to submit jobs to device 'qemu-02'."));
    grant(lab.lab, Restrictable::device, "qemu-02", Permission::view, add_group(lab.lab, "others"));
    EXPECT_THAT(message(roles(", device: qemu-02")), HasSubstr("Device 'qemu-02' does not exist.")) << "it is hidden";
}

TEST_F(MultinodeApiTest, DevicesOfOtherMachinesAreRefusedByName) {
    auto far = a_device("far-01", "far");
    far.worker_host = "rack-2";
    lab.lab.add_devices({far, a_device("qemu-01")});
    lab.lab.write([](Database& db) { Workers{db}.configure("bench"); });
    const auto roles = [](const std::string& more) {
        return "{server: {device_type: far, count: 1" + more + "}, client: {device_type: qemu, count: 1}}";
    };
    const auto is_there =
        " on worker 'rack-2', another machine, and the parts of a multinode job meet on the lab's own machine only";
    EXPECT_THAT(message(roles("")), HasSubstr(std::string{"Device 'far-01' of type 'far' is"} + is_there));
    EXPECT_THAT(message(roles(", device: far-01")), HasSubstr(std::string{"Device 'far-01' is"} + is_there));
    EXPECT_THAT(message(roles(", worker: rack-2")), HasSubstr(std::string{"Role 'server' would run"} + is_there));
}

TEST_F(MultinodeApiTest, EachPartIsRecordedAsSubmitted) {
    lab.post_definition(jobs, job_with(two), "alice");
    Audit::Wanted submitted;
    submitted.action = "job.submit";
    const auto deeds = Audit{lab.lab.reader()}.list(submitted);
    ASSERT_EQ(deeds.size(), 2u);
    EXPECT_EQ(deeds[0].deed.who, "alice");
}

TEST_F(MultinodeApiTest, TheRecordedJobIsTaken) {
    const auto recorded = read_text(PATCHBAY_SOURCE_DIR "/tests/compat/golden/g-multinode/job.yaml");
    EXPECT_EQ(lab.post_definition(jobs, recorded, "alice").status, 201);
}

}  // namespace
}  // namespace patchbay
