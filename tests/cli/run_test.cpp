// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/json.hpp"
#include "cli/program.hpp"
#include "core/config/yaml.hpp"
#include "tests/support/temporary_folder.hpp"

namespace patchbay::cli {
namespace {

constexpr auto good_end =
    R"(echo '{"dt": "2026-01-01T00:00:02.5", "lvl": "results", "msg": {"definition": "lava", "case": "job", "result": "pass"}}' >&2)"
    "\n";

/// A folder in PATH with a patchbay-runner that is a script of the test.
class RunTest : public ::testing::Test {
protected:
    RunTest() {
        std::ofstream{folder_ / "job.yaml"} << "job_name: smoke\n";
        std::ofstream{folder_ / "device.yaml"} << "device_type: qemu\n";
        environment_ = {{"PATH", "/nowhere:" + folder_.string() + ":/usr/bin:/bin"}};
    }

    void runner(const std::string& script) {
        const auto path = folder_ / "patchbay-runner";
        std::ofstream{path} << "#!/bin/sh\n" << script;
        std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    }
    static std::string say(const std::string& record) { return "echo '" + record + "' >&2\n"; }
    int patchbay(std::vector<std::string> arguments) {
        out_.str("");
        err_.str("");
        return run_program(arguments, environment_, Terminal{out_, err_});
    }
    std::string file(const char* name) const { return (folder_ / name).string(); }
    std::string out() const { return out_.str(); }
    std::string err() const { return err_.str(); }

    testing::TemporaryFolder temporary_;
    const std::filesystem::path& folder_ = temporary_.path;
    Environment environment_;
    std::ostringstream out_, err_;
};

TEST_F(RunTest, ShowsTheLogAndTheResultsOfAJobOnThisMachine) {
    runner(
        say(R"({"dt": "2026-01-01T00:00:01.5", "lvl": "target", "msg": "hello"})") +
        say(R"({"dt": "2026-01-01T00:00:02.5", "lvl": "results", "msg": {"definition": "0_s", "case": "a", "result": "pass", "measurement": "2.50", "units": "V"}})") +
        good_end);
    EXPECT_EQ(patchbay({"run", file("job.yaml")}), 0) << err();
    EXPECT_TRUE(
        out().starts_with("00:00:01.500  target   hello\n"
                          "00:00:02.500  results  pass  0_s/a  2.5 V\n"
                          "00:00:02.500  results  pass  lava/job\n"
                          "\n"
                          "SUITE  CASE  RESULT  MEASURED  UNIT\n"
                          "0_s    a     pass         2.5  V\n"
                          "\n"
                          "1 case: 1 passed\n"))
        << out();
}

TEST_F(RunTest, GivesTheRunnerTheArgumentsOfLavaRun) {
    runner("echo \"$@\" > " + file("arguments") + "\n" + good_end);
    EXPECT_EQ(patchbay({"run", file("job.yaml"), "--device", file("device.yaml"), "--output-dir", file("new/out")}), 0)
        << err();
    std::ifstream in{file("arguments")};
    std::string line;
    std::getline(in, line);
    EXPECT_EQ(line, "--job-id " + std::to_string(::getpid()) + " --output-dir " + file("new/out") + " --device " +
                        file("device.yaml") + " " + file("job.yaml"));
    EXPECT_TRUE(std::filesystem::is_directory(file("new/out")));
}

TEST_F(RunTest, ADefinitionFromAPipeReachesTheRunner) {
    ASSERT_EQ(::mkfifo(file("pipe").c_str(), 0600), 0);
    runner("for word; do :; done; cat \"$word\" > " + file("seen") + "\n" + good_end);
    const auto writer = ::fork();
    if (writer == 0) {
        std::ofstream{file("pipe")} << "job_name: from a pipe\n";
        ::_exit(0);
    }
    EXPECT_EQ(patchbay({"run", file("pipe")}), 0) << err();
    ::waitpid(writer, nullptr, 0);
    std::ifstream in{file("seen")};
    std::string line;
    std::getline(in, line);
    EXPECT_EQ(line, "job_name: from a pipe");
}

TEST_F(RunTest, LeavesNoFolderBehindWhenNoneWasAskedFor) {
    runner("echo \"$4\" > " + file("folder") + "; test -d \"$4\" && test \"$#\" = 5 || exit 9\n" + good_end);
    EXPECT_EQ(patchbay({"run", file("job.yaml")}), 0) << err();
    std::ifstream in{file("folder")};
    std::string line;
    std::getline(in, line);
    EXPECT_FALSE(line.empty());
    EXPECT_FALSE(std::filesystem::exists(line));
}

TEST_F(RunTest, EndsWithTheVerdict) {
    const auto failed =
        say(R"({"dt": "x", "lvl": "results", "msg": {"definition": "0_s", "case": "a", "result": "fail"}})");
    const auto job_error = say(
        R"({"dt": "x", "lvl": "results", "msg": {"definition": "lava", "case": "job", "result": "fail", "error_type": "Job", "error_msg": "no prompt"}})");
    runner(failed + good_end);
    EXPECT_EQ(patchbay({"run", file("job.yaml")}), 4);
    runner(failed + job_error + "exit 1\n");
    EXPECT_EQ(patchbay({"run", file("job.yaml")}), 3);
    EXPECT_NE(out().find("is Incomplete"), std::string::npos) << out();
    EXPECT_NE(out().find("Job error: no prompt"), std::string::npos) << out();
}

TEST_F(RunTest, ARunnerThatDiesIsAnInfrastructureError) {
    runner("echo 'Segmentation fault somewhere' >&2\nkill -KILL $$\n");
    EXPECT_EQ(patchbay({"run", file("job.yaml")}), 3);
    EXPECT_EQ(err(), "patchbay: patchbay-runner: Segmentation fault somewhere\n");
    EXPECT_NE(out().find("Infrastructure error: patchbay-runner was ended by signal 9"), std::string::npos) << out();
    runner("echo 'patchbay-runner: device qemu: unknown architecture' >&2\nexit 1\n");
    EXPECT_EQ(patchbay({"run", file("job.yaml")}), 3);
    EXPECT_EQ(err(), "");
    EXPECT_NE(out().find("\nerror: device qemu: unknown architecture\n"), std::string::npos) << out();
    runner("exit 7\n");
    EXPECT_EQ(patchbay({"run", file("job.yaml")}), 3);
    EXPECT_NE(out().find("ended with code 7"), std::string::npos) << out();
}

TEST_F(RunTest, CtrlCCancelsTheJobOnceForEachTime) {
    // The runner presses Ctrl-C itself, when it is ready: twice, and counts what it gets.
    runner(
        "exec 3>&2; times=0\n"
        "trap 'times=$((times+1)); test $times = 1 && kill -INT $PPID; test $times = 2 && finish' TERM\n"
        "finish() { exec 2>&3\n" +
        say(R"({"dt": "x", "lvl": "results", "msg": {"definition": "lava", "case": "job", "result": "fail", "error_type": "Canceled", "error_msg": "The job was canceled"}})") +
        "exit 1; }\n"
        "kill -INT $PPID\n"
        "while :; do { read never < " +
        file("fifo") + "; } 2>/dev/null; done\n");
    ASSERT_EQ(::mkfifo(file("fifo").c_str(), 0600), 0);
    EXPECT_EQ(patchbay({"run", file("job.yaml")}), 3);
    EXPECT_NE(out().find("is Canceled"), std::string::npos) << out();
    EXPECT_EQ(err(), "patchbay: stopping the job and switching its device off…\npatchbay: told to stop again\n");
}

TEST_F(RunTest, DoesNotWaitForAProgramThatTheRunnerLeftBehind) {
    ASSERT_EQ(::mkfifo(file("fifo").c_str(), 0600), 0);
    // The one left behind holds our pipe until somebody writes to the fifo, which is after patchbay has ended.
    runner("(read line < " + file("fifo") + ") &\n" + good_end);
    EXPECT_EQ(patchbay({"run", file("job.yaml")}), 0) << err();
    std::ofstream{file("fifo")} << "go\n";
}

TEST_F(RunTest, ARunnerThatGoesOnTalkingEndsWhenItsWordsCannotBeShown) {
    // It does not hear that it is told to stop while it waits for room in the pipe.
    runner(
        "trap '' PIPE TERM\n"
        "while echo '{\"dt\": \"x\", \"lvl\": \"target\", \"msg\": \"hello\"}' >&2 2>/dev/null; do :; done; exit 1\n");
    std::ofstream full{"/dev/full"};
    EXPECT_EQ(run_program({"run", file("job.yaml")}, environment_, Terminal{full, err_}), 1);
    EXPECT_NE(err().find("stdout: cannot be written"), std::string::npos) << err();
}

/// A record of a case of the test `smoke`.
std::string result(const std::string& name, const std::string& result) {
    return "echo '" +
           (R"({"dt": "x", "lvl": "results", "msg": {"definition": "0_smoke", "case": ")" + name + R"(", "result": ")" +
            result + R"("}}' >&2)") +
           "\n";
}

constexpr auto portable_job =
    "portable: 1\nname: smoke\n"
    "artifacts: {x86_64: {kernel: 'http://files.example.org/bzImage', ramdisk: 'http://files.example.org/r.cpio'}}\n"
    "tests: [{name: smoke, from: git, repository: 'https://example.org/t.git', path: smoke.yaml}]\n"
    "where: [qemu-x86_64, my-board]\n"
    "expect: {smoke/a: pass, smoke/b: {qemu-x86_64: fail, my-board: pass}, smoke/s/c: {my-board: pass}}\n";

TEST_F(RunTest, APortableJobIsGoodWhenAllIsAsExpected) {
    std::ofstream{folder_ / "portable.yaml"} << portable_job;
    const std::vector<std::string> run{"run", file("portable.yaml"), "--on", "qemu-x86_64", "--level", "error"};
    runner(result("a", "pass") + result("b", "fail") + result("d", "pass") + good_end);
    EXPECT_EQ(patchbay(run), 0) << err();
    EXPECT_TRUE(
        out().starts_with("\nSUITE    CASE  RESULT\n"
                          "0_smoke  a     pass\n"
                          "0_smoke  b     fail\n"
                          "0_smoke  d     pass new\n"
                          "\n"
                          "3 cases: 2 passed, 1 failed\n"
                          "all as expected\n"))
        << out();
}

TEST_F(RunTest, APortableJobThatRegressedIsNot) {
    std::ofstream{folder_ / "portable.yaml"} << portable_job;
    const std::vector<std::string> run{"run", file("portable.yaml"), "--on", "qemu-x86_64", "--level", "error"};
    runner(result("a", "fail") + result("b", "pass") + good_end);
    EXPECT_EQ(patchbay(run), 4);
    EXPECT_NE(out().find("0_smoke  a     fail regressed\n0_smoke  b     pass fixed\n"), std::string::npos) << out();
    EXPECT_NE(out().find("1 not as expected\n"), std::string::npos) << out();
    runner(result("b", "fail") + good_end);
    EXPECT_EQ(patchbay(run), 4);
    EXPECT_NE(out().find("smoke    a     - missing\n"), std::string::npos) << out();
    EXPECT_NE(out().find("1 case: 1 failed\n"), std::string::npos) << "what did not run is no case: " << out();
    runner(result("a", "pass") + result("b", "fail") + result("e", "fail") + good_end);
    EXPECT_EQ(patchbay(run), 4) << "nobody expected e to fail";
    auto json = run;
    json.insert(json.begin(), "--json");
    runner(result("b", "skip") + good_end);
    EXPECT_EQ(patchbay(json), 4);
    EXPECT_NE(out().find(R"("case":"b","result":"skip","mark":"differs")"), std::string::npos) << out();
    EXPECT_NE(out().find(R"("case":"a","result":null,"mark":"missing")"), std::string::npos) << out();
    EXPECT_NE(out().find(R"("exit_code":4)"), std::string::npos) << out();
}

TEST_F(RunTest, JsonEndsWithTheReport) {
    runner(say(R"({"dt": "x", "lvl": "target", "msg": "hello"})") + good_end);
    EXPECT_EQ(patchbay({"run", "--json", file("job.yaml")}), 0);
    std::istringstream lines{out()};
    std::string line, last;
    int count = 0;
    for (; std::getline(lines, line); ++count) last = line;
    EXPECT_EQ(count, 3);
    EXPECT_EQ(text_at(config::parse_json(last), "health"), "Complete");
}

TEST_F(RunTest, MistakesAreFoundBeforeAnythingRuns) {
    runner("exit 0\n");
    EXPECT_EQ(patchbay({"run", file("missing.yaml")}), 1);
    EXPECT_EQ(err(), "patchbay: " + file("missing.yaml") + ": cannot be read: No such file or directory\n");
    EXPECT_EQ(patchbay({"run", file("job.yaml"), "--device", file("nope.yaml")}), 1);
    std::ofstream{file("bad.yaml")} << "a: [b\n";
    EXPECT_EQ(patchbay({"run", file("bad.yaml")}), 1);
    EXPECT_TRUE(err().starts_with("patchbay: " + file("bad.yaml") + ": line 2, column 1: ")) << err();
    environment_["PATH"] = "/nowhere";
    EXPECT_EQ(patchbay({"run", file("job.yaml")}), 1);
    EXPECT_NE(err().find("patchbay-runner: neither beside"), std::string::npos) << err();
}

}  // namespace
}  // namespace patchbay::cli
