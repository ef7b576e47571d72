// SPDX-License-Identifier: Apache-2.0
// PUT, PATCH and DELETE of a job.
#include "daemon/store/attached_jobs.hpp"
#include "tests/daemon/api/smoke_lab.hpp"

namespace patchbay {
namespace {

using namespace testing;

class ChangeJobTest : public ApiTest {
protected:
    ApiAnswer send(const std::string& method, JobId job, const std::string& json = {},
                   const std::string& who = "root") {
        const std::string type = json.empty() ? "" : "Content-Type: application/json\r\n";
        return lab.send(method, url(job), lab.authorization(who) + type, json);
    }
    std::int64_t rows(const std::string& table, JobId job) {
        auto row = lab.lab.reader().run("SELECT COUNT(*) FROM " + table + " WHERE job = $1", job);
        return row->step() ? row->integer(0) : -1;
    }
};

TEST_F(ChangeJobTest, IsForSuperusers) {
    const auto job = submit();
    for (const std::string method : {"PUT", "PATCH", "DELETE"}) {
        EXPECT_EQ(send(method, job, "{}", "alice").body,
                  R"({"detail":"You do not have permission to perform this action."})");
        EXPECT_EQ(send(method, job, "{}", "").body, R"({"detail":"Authentication credentials were not provided."})");
        EXPECT_EQ(send(method, JobId{99}, "{}").status, 404);
    }
    EXPECT_EQ(lab.job(job).state, JobState::submitted);
    EXPECT_EQ(lab.get(url(job)).headers.at("Allow"), "GET, PUT, PATCH, DELETE, HEAD, OPTIONS");
}

TEST_F(ChangeJobTest, ADefinitionStaysAsItWasSubmitted) {
    const auto job = submit();
    const auto shown = lab.get(url(job), "root").body;
    EXPECT_EQ(send("PATCH", job, R"({"description": "x", "state": "Finished"})").body, shown)
        << "LAVA ignores them, too";
    EXPECT_EQ(send("PUT", job, shown).body, shown) << "as it was read";
    EXPECT_EQ(send("PUT", job, "{}").body, R"({"definition":["This field is required."]})");
    const std::string text =
        R"({"definition":["A job stays as it was submitted: submit this definition as a new job."]})";
    for (const std::string method : {"PUT", "PATCH"}) {
        const auto refused = send(method, job, R"({"definition": "job_name: other\n"})");
        EXPECT_EQ(refused.status, 400);
        EXPECT_EQ(refused.body, text);
    }
    EXPECT_EQ(lab.get(url(job), "root").body, shown);
}

TEST_F(ChangeJobTest, AFinishedJobIsDeletedWithAllThatItLeft) {
    const auto job = a_finished_job(), other = submit("other");
    EXPECT_EQ(send("DELETE", job).status, 204);
    EXPECT_EQ(send("DELETE", job).status, 404);
    EXPECT_EQ(lab.get(url(job), "root").status, 404);
    EXPECT_EQ(lab.get(url(job, "logs/"), "root").status, 404);
    for (const std::string table : {"job_text", "log_chunk", "test_case", "suite", "lease"})
        EXPECT_EQ(rows(table, job), 0) << table;
    EXPECT_EQ(column(lab.get("/api/v0.2/jobs/"), "id"), (Texts{std::to_string(other.value)}));
    EXPECT_EQ(column(lab.get("/api/v0.2/audit/?action=job.delete", "root"), "detail"), (Texts{"smoke"}));
}

TEST_F(ChangeJobTest, AWaitingJobIsCanceledFirst) {
    const auto job = submit();
    EXPECT_EQ(send("DELETE", job).status, 204);
    EXPECT_EQ(lab.get(url(job), "root").status, 404);
    EXPECT_EQ(column(lab.get("/api/v0.2/audit/?who=root", "root"), "action"), (Texts{"job.delete", "job.cancel"}));
}

TEST_F(ChangeJobTest, AJobThatHasADeviceIsCanceledAndLeftSafeBeforeItIsDeleted) {
    const auto job = submit();
    lab.schedule(job, "qemu-01");
    lab.start(job);
    const auto refused = send("DELETE", job);
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(
        refused.body,
        R"({"detail":"job 1: has a device, which is left safe first; cancel it, and delete it when it is Finished"})");
    EXPECT_EQ(lab.job(job).state, JobState::running);
    lab.finish(job, JobHealth::canceled);
    EXPECT_EQ(send("DELETE", job).status, 204);
}

TEST_F(ChangeJobTest, AJobOfAnotherServerIsDeletedWhenThatHasHeardOfItsEnd) {
    const auto job = a_finished_job();
    auto attach = [job](Database& db) { return AttachedJobs{db}.add("upstream", 7, "secret", job); };
    const auto id = lab.lab.write(std::move(attach));
    EXPECT_THAT(send("DELETE", job).body, HasSubstr("the server that lent it has not heard of its end"));
    auto end = [id](Database& db) { AttachedJobs{db}.end(id, wall_now()); };
    lab.lab.write(std::move(end));
    EXPECT_EQ(send("DELETE", job).status, 204);
}

}  // namespace
}  // namespace patchbay
