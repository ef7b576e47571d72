// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <csignal>

#include "cli/json.hpp"
#include "core/config/yaml.hpp"
#include "tests/cli/commands_fixture.hpp"

namespace patchbay::cli {
namespace {

TEST_F(CommandsTest, SubmitPrintsTheIdAndWhereToLook) {
    EXPECT_EQ(patchbay({"submit", file("job.yaml")}), 0) << err();
    EXPECT_EQ(out(), "42  " + server_.url() + "/scheduler/job/42\n");
    const auto request = server_.requests().at(0);
    EXPECT_EQ(request.headers.at("authorization"), "Token secret");
    EXPECT_EQ(text_at(config::parse_json(request.body), "definition"), "job_name: smoke\n");
}

TEST_F(CommandsTest, SubmitAndFollowShowsTheLogThenTheResults) {
    EXPECT_EQ(patchbay({"submit", "--follow", file("job.yaml")}), 0) << err();
    EXPECT_EQ(out(), "42  " + server_.url() +
                         "/scheduler/job/42\n"
                         "00:00:00.000  target   hello\n"
                         "00:00:01.000  info     end\n"
                         "\n"
                         "SUITE    CASE     RESULT  MEASURED  UNIT\n"
                         "0_smoke  io/disk  pass        12.5  MB/s\n"
                         "0_smoke  net      pass\n"
                         "\n"
                         "2 cases: 2 passed\n"
                         "1 step of the job itself not shown (--suite lava)\n"
                         "job 42 is Complete on qemu-01 after 20 s\n");
}

TEST_F(CommandsTest, SubmitAndWaitEndsWithTheVerdict) {
    EXPECT_EQ(patchbay({"submit", "--wait", file("job.yaml")}), 0);
    EXPECT_EQ(out().find("hello"), std::string::npos);
    net_result_ = "fail";
    EXPECT_EQ(patchbay({"submit", "--wait", file("job.yaml")}), 4);
    health_ = "Incomplete";
    EXPECT_EQ(patchbay({"submit", "--wait", file("job.yaml")}), 3);
    health_ = "Canceled";
    EXPECT_EQ(patchbay({"submit", "--wait", file("job.yaml")}), 3);
}

TEST_F(CommandsTest, ARejectedJobEndsWithTheServersWords) {
    rejection_ = "Problem with submitted job data: required key not provided @ ['actions']";
    EXPECT_EQ(patchbay({"submit", file("job.yaml")}), 2);
    EXPECT_EQ(err(), file("job.yaml") + ": rejected: " + rejection_ + "\n");
    EXPECT_EQ(patchbay({"submit", "--json", "--follow", file("job.yaml")}), 2);
    EXPECT_EQ(text_at(config::parse_json(out()), "error"), rejection_);
}

TEST_F(CommandsTest, NothingIsSubmittedWhenOneOfTheFilesCannotBeRead) {
    EXPECT_EQ(patchbay({"submit", file("job.yaml"), file("missing.yaml")}), 1);
    EXPECT_EQ(err(), "patchbay: " + file("missing.yaml") + ": cannot be read: No such file or directory\n");
    EXPECT_TRUE(server_.requests().empty());
}

TEST_F(CommandsTest, JsonIsOneDocumentForEachLine) {
    EXPECT_EQ(patchbay({"--json", "submit", "-f", file("job.yaml")}), 0);
    std::istringstream lines{out()};
    std::string line;
    std::vector<config::Value> documents;
    while (std::getline(lines, line)) documents.push_back(config::parse_json(line));
    ASSERT_EQ(documents.size(), 4u);
    EXPECT_EQ(text_at(documents[0], "job"), "42");
    EXPECT_EQ(text_at(documents[1], "msg"), "hello");
    EXPECT_EQ(text_at(documents[2], "line"), "1");
    EXPECT_EQ(text_at(documents[3], "health"), "Complete");
    EXPECT_EQ(list_at(documents[3], "cases").size(), 3u);
    EXPECT_EQ(text_at(documents[3], "exit_code"), "0");
}

TEST_F(CommandsTest, ResubmitNamesEveryNewJob) {
    EXPECT_EQ(patchbay({"resubmit", "42"}), 0) << err();
    EXPECT_EQ(out(),
              "43.0  " + server_.url() + "/scheduler/job/43.0\n43.1  " + server_.url() + "/scheduler/job/43.1\n");
}

TEST_F(CommandsTest, LogsShowsTheStoredLogAsAsked) {
    EXPECT_EQ(patchbay({"logs", "42"}), 0);
    EXPECT_EQ(out(), "00:00:00.000  target   hello\n00:00:01.000  info     end\n");
    EXPECT_EQ(patchbay({"logs", "42", "--level", "info"}), 0);
    EXPECT_EQ(out(), "00:00:01.000  info     end\n");
    EXPECT_EQ(patchbay({"logs", "42", "--raw"}), 0);
    EXPECT_EQ(out(), log_);
    EXPECT_EQ(patchbay({"logs", "42", "--color", "always"}), 0);
    EXPECT_NE(out().find("\x1b["), std::string::npos);
    EXPECT_EQ(patchbay({"logs", "42", "--start", "7"}), 0);
    EXPECT_EQ(out(), "");
    EXPECT_EQ(err(), "patchbay: job 42: no log from line 7 on; the job is over\n");
    state_ = "Running";
    EXPECT_EQ(patchbay({"logs", "42", "--start", "7"}), 0);
    EXPECT_EQ(out(), "");
    EXPECT_EQ(err(), "patchbay: job 42: no log from line 7 on yet\n");
}

TEST_F(CommandsTest, LogsFollowedEndWithTheJob) {
    EXPECT_EQ(patchbay({"logs", "-f", "42"}), 0) << err();
    EXPECT_EQ(out(), "00:00:00.000  target   hello\n00:00:01.000  info     end\n");
}

TEST_F(CommandsTest, ResultsComeInTheFormsThatOtherProgramsRead) {
    EXPECT_EQ(patchbay({"results", "42", "--csv"}), 0);
    EXPECT_EQ(out(), "job csv\r\n");
    EXPECT_EQ(patchbay({"results", "42", "--csv", "--suite", "0_smoke"}), 0);
    EXPECT_EQ(out(), "suite csv\r\n");
    EXPECT_EQ(patchbay({"results", "42", "--tap"}), 0);
    EXPECT_EQ(out(), "TAP version 13\n");
    EXPECT_EQ(patchbay({"results", "42", "--tap", "--csv"}), 1);
    EXPECT_EQ(patchbay({"results", "42", "--tap", "--suite", "0_smoke"}), 1);
    EXPECT_EQ(patchbay({"results", "42", "--csv", "--suite", "nope"}), 1);
    EXPECT_EQ(err(), "patchbay: job 42: no suite 'nope'; it has lava, 0_smoke\n");
}

TEST_F(CommandsTest, ResultsEndWithTheVerdictOnlyWhenAsked) {
    net_result_ = "fail";
    EXPECT_EQ(patchbay({"results", "42"}), 0);
    EXPECT_EQ(patchbay({"results", "42", "--exit-code"}), 4);
    EXPECT_EQ(patchbay({"results", "42", "--failed", "--json"}), 0);
    EXPECT_EQ(list_at(config::parse_json(out()), "cases").size(), 1u);
}

TEST_F(CommandsTest, JobsAreListedWithTheFiltersInTheQuery) {
    EXPECT_EQ(patchbay({"jobs", "--state", "running,FINISHED", "--mine", "--limit", "7"}), 0) << err();
    EXPECT_EQ(out(),
              "JOB  STATE     DEVICE   SUBMITTER  SUBMITTED         NAME\n"
              " 42  Complete  qemu-01  alice      2026-11-22 08:46  smoke\n");
    const auto request = server_.requests().back();
    EXPECT_EQ(request.parameter("state__in"), "Running%2CFinished");
    EXPECT_EQ(request.parameter("submitter__username"), "alice");
    EXPECT_EQ(request.parameter("limit"), "7");
    EXPECT_EQ(patchbay({"jobs", "--state", "done"}), 1);
    EXPECT_NE(err().find("unknown state 'done'"), std::string::npos) << err();
}

TEST_F(CommandsTest, ShowDevicesWhoamiAndVersionAnswer) {
    EXPECT_EQ(patchbay({"show", "42"}), 0);
    EXPECT_NE(out().find("state         Complete\n"), std::string::npos) << out();
    EXPECT_NE(out().find("took          20 s\n"), std::string::npos) << out();
    EXPECT_EQ(patchbay({"devices"}), 0);
    EXPECT_EQ(out(), "DEVICE   TYPE  STATE  HEALTH  HOST\nqemu-01  qemu  Idle   Good    here\n");
    EXPECT_EQ(patchbay({"whoami"}), 0);
    EXPECT_EQ(out(), "alice at " + server_.url() + "\n");
    EXPECT_EQ(patchbay({"version"}), 0);
    EXPECT_EQ(out(), "patchbay " PATCHBAY_VERSION "\n" + server_.url() + " speaks as LAVA 2023.01\n");
}

TEST_F(CommandsTest, CancelStopsWhatRunsAndSaysWhatWasOverAlready) {
    state_ = "Running";
    EXPECT_EQ(patchbay({"cancel", "42", "43.1"}), 0);
    EXPECT_EQ(out(), "job 42: told to stop\njob 43.1: told to stop\n");
    state_ = "Finished";
    EXPECT_EQ(patchbay({"cancel", "42"}), 0);
    EXPECT_EQ(out(), "job 42: was over already, Complete\n");
    EXPECT_TRUE(server_.requests().back().path.ends_with("/42/"));
    EXPECT_EQ(patchbay({"cancel", "404"}), 1);
}

TEST_F(CommandsTest, ErrorsNameTheThingTheFactAndTheNextStep) {
    const auto nowhere = unreachable_url();
    const std::tuple<std::vector<std::string>, std::string> table[] = {
        {{"show", "404"}, "patchbay: job 404: not found at " + server_.url() + ", or not visible to you\n"},
        {{"show", "403"},
         "patchbay: job 403: " + server_.url() +
             " refused: Invalid token. Give a token that may do it (PATCHBAY_TOKEN, --token-file or `token:` in "
             "cli.yaml).\n"},
        {{"logs", "404"}, "patchbay: job 404: not found at " + server_.url() + ", or not visible to you\n"},
        {{"logs", "-f", "404"}, "patchbay: job 404: not found at " + server_.url() + ", or not visible to you\n"},
        {{"show", "4;2"}, "patchbay: '4;2' is not a job id; ids look like 42 or 42.1 (patchbay jobs lists them)\n"},
        {{"show", "../devices"},
         "patchbay: '../devices' is not a job id; ids look like 42 or 42.1 (patchbay jobs lists them)\n"},
        {{"--server", nowhere, "devices"},
         "patchbay: cannot reach " + nowhere + ": connection refused; is patchbayd running? (patchbayd serve)\n"},
    };
    for (const auto& [arguments, text] : table) {
        EXPECT_EQ(patchbay(arguments), 1);
        EXPECT_EQ(err(), text);
        EXPECT_EQ(out(), "");
    }
}

TEST_F(CommandsTest, CtrlCWhileWatchingLeavesTheJobAloneAndSaysSo) {
    LabServer lab{[](const LabRequest& request, LabConnection& c) {
        if (request.method == "POST") return c.answer(201, R"({"job_ids":[42]})");
        c.start_events();
        c.event("log", "0", R"({"dt": "2026-01-01T00:00:00.000001", "lvl": "target", "msg": "hello"})");
        ::kill(::getpid(), SIGINT);
        c.wait_for_close();
    }};
    EXPECT_EQ(patchbay({"--server", lab.url(), "submit", "-f", file("job.yaml")}), 130);
    EXPECT_EQ(err(), "patchbay: job 42 goes on; see it with: patchbay logs 42 -f, stop it with: patchbay cancel 42\n");
    for (const auto& request : lab.requests()) EXPECT_EQ(request.path.find("cancel"), std::string::npos);
}

TEST_F(CommandsTest, WrongUsageEndsWithOne) {
    EXPECT_EQ(patchbay({}), 1);
    EXPECT_NE(err().find("Usage: patchbay"), std::string::npos) << err();
    EXPECT_EQ(patchbay({"--server", "http://x", "submti", "a.yaml"}), 1);
    EXPECT_EQ(err(), "patchbay: 'submti' is no command; did you mean 'submit'?\nsee: patchbay --help\n");
    EXPECT_EQ(patchbay({"--json"}), 1);
    EXPECT_EQ(err(), "patchbay: a command is missing\nsee: patchbay --help\n");
    EXPECT_EQ(patchbay({"submit"}), 1);
    EXPECT_EQ(err(), "patchbay submit: job is required\nsee: patchbay submit --help\n");
    EXPECT_EQ(patchbay({"logs", "42", "--color", "sometimes"}), 1);
    EXPECT_EQ(patchbay({"help"}), 0);
    EXPECT_EQ(patchbay({"help", "submit"}), 0);
    EXPECT_NE(out().find("Usage: patchbay submit"), std::string::npos) << out();
    EXPECT_EQ(patchbay({"results", "42", "--csv", "--tap"}), 1);
    EXPECT_NE(err().find("--csv excludes --tap"), std::string::npos) << err();
    EXPECT_EQ(patchbay({"results", "--help"}), 0);
    EXPECT_NE(out().find("  --junit"), std::string::npos) << out();
    EXPECT_EQ(out().find("Option Group"), std::string::npos) << out();
    EXPECT_EQ(patchbay({"--help"}), 0);
    EXPECT_NE(out().find("submit"), std::string::npos);
}

}  // namespace
}  // namespace patchbay::cli
