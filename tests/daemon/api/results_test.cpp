// SPDX-License-Identifier: Apache-2.0
// Suites, tests and logs of a job.
#include "daemon/store/logs.hpp"
#include "daemon/store/sqlite/sqlite_database.hpp"
#include "tests/daemon/api/smoke_lab.hpp"

namespace patchbay {
namespace {

using namespace testing;

class ResultsTest : public ApiTest {
protected:
    JobId job = a_finished_job();
    std::string log(const std::string& query) {
        const auto answer = lab.get(url(job, "logs/") + query);
        return answer.status == 200 ? answer.body : std::to_string(answer.status) + " " + answer.body;
    }
};

TEST_F(ResultsTest, SuitesNameTheirUrl) {
    EXPECT_EQ(lab.get(url(job, "suites/2/")).body,
              R"({"id":2,"resource_uri":"http://lab.example/api/v0.2/jobs/1/suites/2/","name":"0_smoke","job":1})");
    EXPECT_EQ(column(lab.get(url(job, "suites")), "name"), (Texts{"lava", "0_smoke"}));
    EXPECT_EQ(column(lab.get(url(job, "suites/?name__startswith=0")), "id"), (Texts{"2"}));
    EXPECT_EQ(lab.get(url(job, "suites/3/")).status, 404);
}

TEST_F(ResultsTest, TestsHaveTheirFieldsInLavasOrder) {
    const auto answer = lab.get(url(job, "tests/2/"));
    const auto json = answer.json();
    Texts names;
    for (const auto& [name, value] : *json.as_map()) names.push_back(*name.as_string());
    EXPECT_EQ(names, (Texts{"id", "result", "resource_uri", "unit", "name", "measurement", "metadata", "start_log_line",
                            "end_log_line", "logged", "suite", "test_set"}));
    EXPECT_EQ(*json.find("resource_uri"), config::Value{"http://lab.example/api/v0.2/jobs/1/suites/2/tests/2/"});
    EXPECT_EQ(*json.find("measurement"), config::Value{"12.5000000000"});
    EXPECT_EQ(*json.find("unit"), config::Value{"MB/s"});
    EXPECT_EQ(*json.find("start_log_line"), config::Value{2});
    EXPECT_EQ(*json.find("end_log_line"), config::Value{3});
    EXPECT_EQ(*json.find("test_set"), config::Value{1});
    EXPECT_EQ(config::parse_yaml(*json.find("metadata")->as_string()).find("case")->as_string()->size(), 5u);
    EXPECT_EQ(lab.get(url(job, "suites/2/tests/2/")).body, answer.body);
    EXPECT_EQ(lab.get(url(job, "suites/1/tests/2/")).status, 404) << "a case of another suite";
}

TEST_F(ResultsTest, ExtraIsOnlyNamed) {
    const auto json = lab.get(url(job, "tests/1/")).json();
    const auto metadata = config::parse_yaml(*json.find("metadata")->as_string());
    ASSERT_TRUE(metadata.find("extra"));
    EXPECT_EQ(*metadata.find("extra"), config::Value{"lava-validate-1"});
    EXPECT_EQ(*json.find("unit"), config::Value{"seconds"});
    EXPECT_EQ(*json.find("measurement"), config::Value{"1.5000000000"});
}

TEST_F(ResultsTest, AnotherJobsResultsAreNotThere) {
    const auto other = submit();
    EXPECT_EQ(lab.get(url(other, "suites/1/")).status, 404);
    EXPECT_EQ(lab.get(url(other, "tests/1/")).status, 404);
    EXPECT_EQ(lab.get(url(other, "suites/1/tests/")).status, 404);
    EXPECT_EQ(lab.get(url(other, "suites/1/csv/")).status, 404);
    EXPECT_EQ(lab.get(url(other, "tests/")).body, R"({"count":0,"next":null,"previous":null,"results":[]})");
}

TEST_F(ResultsTest, LogsAreSlicesOfLines) {
    const auto whole = lab.get(url(job, "logs/"));
    EXPECT_EQ(whole.headers.at("Content-Disposition"), "attachment; filename=job_1.yaml");
    EXPECT_EQ(std::count(whole.body.begin(), whole.body.end(), '\n'), 7);
    const std::string first =
        "- {\"dt\": \"2026-11-22T06:51:13.000001\", \"lvl\": \"info\", \"msg\": \"start: 0 validate\"}\n";
    const std::string third =
        "- {\"dt\": \"2026-11-22T06:51:13.000003\", \"lvl\": \"target\", \"msg\": \"<oops> & \\\"quotes\\\"\"}\n";
    EXPECT_EQ(log("?start=0&end=1"), first);
    EXPECT_EQ(log("?end=1"), first);
    EXPECT_EQ(log("?start=2&end=3"), third);
    EXPECT_EQ(log("?start=&end="), whole.body);
    EXPECT_EQ(log("?start=6&end=100").substr(0, 8), "- {\"dt\":");
    EXPECT_EQ(log("?start=7"), R"(404 {"detail":"Not found."})") << "nothing new";
    EXPECT_EQ(log("?start=3&end=3"), R"(404 {"detail":"Not found."})");
    EXPECT_EQ(log("?start=9223372036854775807"), R"(404 {"detail":"Not found."})");
    EXPECT_EQ(log("?start=abc"), R"(400 {"detail":"'start' is a line number: 0 or more."})");
    EXPECT_EQ(log("?end=-1"), R"(400 {"detail":"'end' is a line number: 0 or more."})");
    EXPECT_EQ(lab.get(url(submit(), "logs/")).status, 404) << "no log yet";
}

TEST_F(ResultsTest, ALongLogIsReadWhole) {
    const auto other = submit();
    lab.schedule(other, "qemu-02");
    std::vector<std::string> lines;
    for (int i = 0; i < 5000; ++i) lines.push_back("{\"n\": " + std::to_string(i) + "}");
    auto append = [&](Database& db) { Logs{db}.append(other, lines); };
    lab.lab.write(std::move(append));
    const auto whole = lab.get(url(other, "logs/")).body;
    EXPECT_EQ(std::count(whole.begin(), whole.end(), '\n'), 5000);
    EXPECT_EQ(lab.get(url(other, "logs/?start=4999")).body, "- {\"n\": 4999}\n");
    EXPECT_TRUE(lab.get(url(other, "logs/?start=100&end=4000")).body.starts_with("- {\"n\": 100}\n"));
}

TEST_F(ResultsTest, AReaderOfALargeLogHoldsAPieceOfIt) {
    const auto other = submit();
    lab.schedule(other, "qemu-02");
    std::string expected;
    for (int part = 0; part < 4; ++part) {
        std::vector<std::string> lines;
        for (int i = 0; i < 1000; ++i)
            lines.push_back("{\"n\": " + std::to_string(part) + ", \"msg\": \"" + std::string(3000, 'x') + "\"}");
        for (const auto& line : lines) expected += "- " + line + "\n";
        auto append = [other, lines](Database& db) { Logs{db}.append(other, lines); };
        lab.lab.write(std::move(append));
    }
    std::vector<std::unique_ptr<LiveStream>> readers;
    for (const std::string query : {"logs/", "logs/?start=0&end=1000", "events/"}) {
        const auto& reader = readers.emplace_back(lab.follow(url(other, query)));
        lab.run_until([&] { return reader->ended || reader->text.size() >= expected.size(); });
        EXPECT_LT(reader->largest_piece, 512U * 1024) << query;
    }
    EXPECT_TRUE(lab.get(url(other, "logs/")).body == expected);
    EXPECT_TRUE(lab.get(url(other, "logs/?start=500&end=3500")).body ==
                expected.substr(expected.size() / 8, expected.size() / 8 * 6));
}

TEST_F(ResultsTest, ALogThatGoesWhileItIsReadDoesNotEndAsIfItWereWhole) {
    const auto other = submit();
    std::vector<std::string> lines(5000, "{\"msg\": \"" + std::string(200, 'x') + "\"}");
    auto append = [&](Database& db) { Logs{db}.append(other, lines); };
    lab.lab.write(std::move(append));
    const auto reader = lab.follow(url(other, "logs/"));
    open_sqlite(lab.lab.file(), SqliteAccess::read_write)->execute("DELETE FROM log_chunk WHERE first_line < 4000");
    lab.run_until([&] { return reader->ended; });
    EXPECT_FALSE(reader->text.empty());
    EXPECT_TRUE(reader->failure) << "the connection is dropped";
}

}  // namespace
}  // namespace patchbay
