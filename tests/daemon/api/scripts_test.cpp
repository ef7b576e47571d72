// SPDX-License-Identifier: Apache-2.0
// What scripts and monitors use of LAVA beside the lists and objects: many cancels at once, checks of dictionaries,
// files at the addresses of pages, numbers.
#include "daemon/store/old_jobs.hpp"
#include "tests/daemon/api/smoke_lab.hpp"
#include "tests/daemon/store/lab_of_groups.hpp"

namespace patchbay {
namespace {

using namespace testing;

class ScriptsTest : public ApiTest {
protected:
    ApiAnswer cancel(const std::string& body, const std::string& who) {
        return lab.post("/api/v0.2/jobs/batch_cancel/", "application/json", body, who);
    }
    std::string validated(const std::string& dictionary, const std::string& type = "text/plain") {
        const auto answer = lab.post("/api/v0.2/devices/validate/", type, dictionary, "root");
        EXPECT_EQ(answer.status, 200) << answer.body;
        const auto json = answer.json();
        const auto* message = json.find("message");
        return message ? *message->as_string() : answer.body;
    }
};

TEST_F(ScriptsTest, ManyJobsAreCanceledAndThoseThatCannotBeAreNamed) {
    submit();
    submit("of bob", {}, "bob");
    submit("third");
    const auto answer = cancel(R"({"job_ids": [1, 2, "3.0", 99, "abc"]})", "alice");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, R"({"message":"Job cancel signal sent for job ids.","job_ids":[1,"3.0"],)"
                           R"("invalid_job_ids":[2,99,"abc"]})");
    EXPECT_EQ(lab.job(JobId{1}).health, JobHealth::canceled);
    EXPECT_EQ(lab.job(JobId{2}).state, JobState::submitted);
    EXPECT_EQ(lab.job(JobId{3}).health, JobHealth::canceled);
    EXPECT_EQ(cancel(R"({"job_ids": [2]})", "").status, 403);
    EXPECT_EQ(cancel("{}", "alice").body, R"({"job_ids":["This field is required."]})");
    EXPECT_EQ(cancel(R"({"job_ids": 2})", "alice").body, R"({"job_ids":["Expected a list of items."]})");
    EXPECT_EQ(cancel(R"({"job_ids": [[2]]})", "alice").body, R"({"job_ids":["A job's id is a number or a text."]})");
    std::string many = "[1";
    for (int i = 0; i < 1000; ++i) many += ",1";
    EXPECT_EQ(cancel("{\"job_ids\": " + many + "]}", "alice").status, 400);
}

TEST_F(ScriptsTest, ADictionaryIsCheckedAsADeviceOfTheLabWouldBe) {
    const auto own = lab.get("/api/v0.2/devices/qemu-01/dictionary/").body;
    EXPECT_EQ(validated(own), "Device dictionary valid.");
    EXPECT_EQ(validated("{% extends 'qemu.jinja2' %}\n{# two #}\n{% set no_kvm = True %}\n{% set memory = 512 %}\n"
                        "{% set extra_options = ['-accel tcg', '-cpu max'] %}\n"),
              "Device dictionary valid.");
    EXPECT_EQ(validated("\"{% extends 'qemu.jinja2' %}\"", "application/json"), "Device dictionary valid.");
    EXPECT_EQ(validated("{% extends 'nope.jinja2' %}"), "Device dictionary invalid: nope.jinja2");
    EXPECT_EQ(validated(""), "Device dictionary invalid: there is no {% extends 'qemu.jinja2' %}");
    EXPECT_THAT(validated("{% extends 'qemu.jinja2' %}{% set memroy = 512 %}"), HasSubstr("did you mean 'memory'?"));
    EXPECT_THAT(validated("{% extends 'qemu.jinja2' %}{% for a in b %}"),
                HasSubstr("{% set NAME = VALUE %} are known"));
    EXPECT_THAT(validated("{% extends 'qemu.jinja2' %} {{ 7 * 7 }}"), HasSubstr("expected {% ... %} at: {{ 7 * 7 }}"));
    EXPECT_THAT(validated("{% extends 'qemu.jinja2' %}{% set memory = [1 %}"),
                HasSubstr("Device dictionary invalid: "));
    EXPECT_THAT(validated("{% extends 'qemu.jinja2'"), HasSubstr("Device dictionary invalid: "));
    EXPECT_EQ(lab.post("/api/v0.2/devices/validate/", "application/json", "[1]", "root").status, 400);
    EXPECT_EQ(lab.post("/api/v0.2/devices/validate/", "text/plain", std::string(65'537, ' '), "root").status, 400);
    EXPECT_EQ(lab.post("/api/v0.2/devices/validate/", "text/plain", own).status, 403);
    EXPECT_EQ(lab.post("/api/v0.2/devices/validate/", "text/plain", own, "alice").status, 403);
}

TEST_F(ScriptsTest, ThePagesThatScriptsFetchAreTheSameFilesAsThoseOfTheApi) {
    const auto job = a_finished_job();
    const auto log = lab.get("/scheduler/job/1/log_file/plain");
    EXPECT_EQ(log.body, lab.get(url(job, "logs/")).body);
    EXPECT_EQ(log.headers.at("Content-Disposition"), "attachment; filename=job_1.log");
    EXPECT_EQ(lab.get("/scheduler/job/1/definition/plain").body, lab.job(job).original_definition);
    EXPECT_EQ(lab.get("/results/1/csv").body, lab.get(url(job, "csv/")).body);
    EXPECT_EQ(lab.get("/results/1/csv").headers.at("Content-Disposition"), "attachment; filename=\"lava_1.csv\"");
    EXPECT_EQ(lab.get("/results/1/yaml").body, lab.get(url(job, "yaml/")).body);
    EXPECT_EQ(lab.get("/results/1/0_smoke/yaml?limit=1&offset=1").body,
              lab.get(url(job, "suites/2/yaml/?limit=1&offset=1")).body);
    EXPECT_EQ(lab.get("/results/1/0_smoke/csv").headers.at("Content-Disposition"),
              "attachment; filename=\"lava_0_smoke.csv\"");
    EXPECT_EQ(lab.get("/results/1/0_smoke/+testcase-count").body, "4");
    EXPECT_THAT(lab.get("/results/1/yaml_summary").body, HasSubstr("name: 0_smoke"));
    for (const std::string path : {"/results/9/csv", "/results/1/nope/csv", "/results/1/nope/+testcase-count",
                                   "/scheduler/job/9/log_file/plain", "/scheduler/job/9/definition/plain"})
        EXPECT_EQ(lab.get(path).status, 404) << path;
    submit("no log yet");
    EXPECT_EQ(lab.get("/scheduler/job/2/log_file/plain").status, 404);
}

TEST_F(ScriptsTest, APageShowsAJobAndItsLogWithAnAnchorForEachLine) {
    const auto job = a_finished_job();
    const auto page = lab.get("/scheduler/job/1");
    EXPECT_EQ(page.headers.at("Content-Security-Policy"), "default-src 'none'; style-src 'unsafe-inline'");
    for (const std::string part :
         {"<title>1: smoke</title>", "<tr><td>health<td>Complete\n", "<tr><td>device<td>qemu-01\n",
          "<a href=\"/scheduler/job/1/log_file/plain\">log</a>",
          "<span id=\"L2\" class=\"target\"><a href=\"#L2\">2</a>&lt;oops&gt; &amp; &quot;quotes&quot;</span>\n",
          "<span id=\"L3\" class=\"results\">", "'case': 'speed'"})
        EXPECT_THAT(page.body, HasSubstr(part));
    EXPECT_THAT(page.body, Not(HasSubstr("<oops>")));
    submit("<b>bold</b>");
    EXPECT_THAT(lab.get("/scheduler/job/2/").body,
                ::testing::AllOf(HasSubstr("<h1>2: &lt;b&gt;bold&lt;/b&gt;</h1>"), HasSubstr("<td>Submitted\n")));
    EXPECT_EQ(lab.get("/scheduler/job/9/").status, 404);
    auto remove = [job](Database& db) {
        while (OldJobs{db}.remove_log_piece(job, wall_now())) {
        }
    };
    lab.lab.write(std::move(remove));
    EXPECT_THAT(lab.get("/scheduler/job/1").body, HasSubstr("The log was removed"));
}

TEST_F(ScriptsTest, OfALongLogThePageShowsTheBeginning) {
    const auto job = submit();
    lab.schedule(job, "qemu-01");
    for (int i = 0; i < 60; ++i) lab.record(job, R"({"lvl": "info", "msg": ")" + std::string(90'000, 'x') + "\"}");
    const auto page = lab.get("/scheduler/job/1/");
    EXPECT_THAT(page.body, HasSubstr("The log goes on; the file has all of it."));
    EXPECT_LT(page.body.size(), 6'000'000U);
    EXPECT_LT(page.largest_piece, 1'000'000U);
}

TEST_F(ScriptsTest, MetadataIsInTheJobAndOnItsPages) {
    submit("m", "metadata: {build: 42, deep: {a: 1}, list: [x, 2], flag: true}\n");
    const auto job = lab.get("/api/v0.2/jobs/1/").json();
    EXPECT_EQ(config::python_str(*job.find("metadata")),
              "{'build': '42', 'deep': {'a': '1'}, 'list': ['x', '2'], 'flag': 'true'}");
    EXPECT_EQ(lab.get("/results/1/metadata").body,
              "build: '42'\ndeep: '{''a'': ''1''}'\nlist: '[''x'', ''2'']'\nflag: 'true'\n");
    submit("none");
    EXPECT_EQ(config::python_str(*lab.get("/api/v0.2/jobs/2/").json().find("metadata")), "{}");
    EXPECT_EQ(column(lab.get("/api/v0.2/jobs/"), "metadata").front(), "{}");
}

TEST_F(ScriptsTest, AMonitorGetsLavasNumbers) {
    const auto job = submit();
    lab.schedule(job, "qemu-01");
    lab.start(job);
    submit("waits");
    auto spoil = [](Database& db) { Devices{db}.set_health("qemu-02", DeviceHealth::bad, "test", wall_now()); };
    lab.lab.write(std::move(spoil));
    const auto text = "\n" + lab.get("/v1/prometheus/").body;
    for (const std::string line :
         {"devices_online 2", "devices_not_retired 3", "devices_running 1", "jobs_running 1",
          "devices_health_check_total 0", "devices_health_check_complete 0", "workers_online 1", "workers_active 1",
          "workers_maintenance 0", "workers_offline 0", "workers_not_retired 1",
          R"(device_type{name="qemu",state="idle"} 0)", R"(device_type{name="qemu",state="busy"} 1)",
          R"(device_type{name="qemu",state="offline"} 1)", R"(device_type{name="qemu",state="maintenance"} 0)",
          R"(device_type{name="qemu",state="queue"} 1)", R"(device_type{name="board",state="idle"} 1)"})
        EXPECT_THAT(text, HasSubstr("\n" + line + "\n"));
    EXPECT_THAT(text, HasSubstr("\n# TYPE jobs_running gauge\n"));

    grant(lab.lab, Restrictable::device_type, "board", Permission::view, add_group(lab.lab, "boards", {alice}));
    EXPECT_THAT(lab.get("/v1/prometheus/").body,
                ::testing::AllOf(Not(HasSubstr("board")), HasSubstr("devices_online 1\n")));
    EXPECT_THAT(lab.get("/v1/prometheus/", "alice").body, HasSubstr("board"));
}

}  // namespace
}  // namespace patchbay
