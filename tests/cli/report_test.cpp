// SPDX-License-Identifier: Apache-2.0
#include "cli/results/report.hpp"

#include <gtest/gtest.h>

#include "cli/results/show.hpp"
#include "core/config/yaml.hpp"

namespace patchbay::cli {
namespace {

TestCase make_case(std::string suite, std::string name, std::string result, std::string measurement = "",
                   std::string unit = "") {
    TestCase out;
    out.suite = std::move(suite);
    out.name = std::move(name);
    out.result = std::move(result);
    out.measurement = std::move(measurement);
    out.unit = std::move(unit);
    return out;
}

Report finished(std::string health, std::vector<TestCase> cases) {
    Report report;
    report.job = "42";
    report.device = "qemu-01";
    report.state = "Finished";
    report.health = std::move(health);
    report.duration = std::chrono::seconds{192};
    report.cases = std::move(cases);
    return report;
}

TEST(Verdict, IsAboutTheJobFirstAndThenAboutItsTests) {
    const auto pass = make_case("0_smoke", "a", "pass");
    const auto fail = make_case("0_smoke", "b", "fail");
    const auto skip = make_case("0_smoke", "c", "skip");
    const auto unknown = make_case("0_smoke", "d", "unknown");
    const auto retried = make_case("lava", "login-action", "fail");
    EXPECT_EQ(verdict(finished("Complete", {})), Exit::ok);
    EXPECT_EQ(verdict(finished("Complete", {pass, skip, unknown})), Exit::ok);
    EXPECT_EQ(verdict(finished("Complete", {pass, fail})), Exit::failed_cases);
    EXPECT_EQ(verdict(finished("Complete", {retried, pass})), Exit::ok);
    EXPECT_EQ(verdict(finished("Incomplete", {pass})), Exit::broken);
    EXPECT_EQ(verdict(finished("Incomplete", {fail})), Exit::broken);
    EXPECT_EQ(verdict(finished("Canceled", {pass})), Exit::broken);
    EXPECT_EQ(verdict(finished("Unknown", {})), Exit::broken);
}

TEST(Report, LooksLikeThisInAPipe) {
    auto set = make_case("1_net", "ping", "skip");
    set.set = "ipv6";
    const auto report = finished("Complete", {make_case("lava", "validate", "pass", "0.05", "seconds"),
                                              make_case("0_smoke", "boot time", "pass", "12.5000000000", "seconds"),
                                              make_case("0_smoke", "disk", "fail", "3.25", "MB/s"), set});
    EXPECT_EQ(show_report(report, {}, 0, Paint{}),
              "SUITE    CASE       RESULT  MEASURED  UNIT\n"
              "0_smoke  boot time  pass        12.5  seconds\n"
              "0_smoke  disk       fail        3.25  MB/s\n"
              "1_net    ipv6/ping  skip\n"
              "\n"
              "3 cases: 1 passed, 1 failed, 1 skipped\n"
              "1 step of the job itself not shown (--suite lava)\n"
              "job 42 is Complete on qemu-01 after 3 min 12 s\n");
}

TEST(Report, NamesASuiteOnceOnATerminal) {
    const auto report = finished("Complete", {make_case("0_smoke", "a", "pass"), make_case("0_smoke", "b", "pass")});
    EXPECT_EQ(show_report(report, {}, 80, Paint{}),
              "SUITE    CASE  RESULT\n"
              "0_smoke  a     pass\n"
              "         b     pass\n"
              "\n"
              "2 cases: 2 passed\n"
              "job 42 is Complete on qemu-01 after 3 min 12 s\n");
}

TEST(Report, OfABrokenJobSaysWhatBrokeIt) {
    Report report = finished("Incomplete", {});
    auto end = make_case("lava", "job", "fail");
    end.error_type = "Infrastructure";
    end.error_msg = "qemu-01: console ended";
    add_case(report, end);
    EXPECT_EQ(show_report(report, {}, 0, Paint{}),
              "SUITE  CASE  RESULT\n"
              "lava   job   fail\n"
              "\n"
              "no test cases\n"
              "job 42 is Incomplete on qemu-01 after 3 min 12 s\n"
              "Infrastructure error: qemu-01: console ended\n");
}

TEST(Report, KeepsTheLastWordsOfAConsoleShort) {
    Report report = finished("Incomplete", {});
    report.error_type = "Job";
    for (int i = 0; i < 40; ++i) report.error_msg += "line " + std::to_string(i) + "\x1b[2J\n";
    const auto text = show_report(report, {}, 0, Paint{});
    EXPECT_NE(text.find("Job error: line 0\n  line 1\n"), std::string::npos) << text;
    EXPECT_NE(text.find("line 9\n  …\n"), std::string::npos) << text;
    EXPECT_EQ(text.find("line 10"), std::string::npos) << text;
}

TEST(Report, NamesEachProblemOfAnInvalidJobOnItsOwnLine) {
    Report report = finished("Incomplete", {});
    report.error_type = "Job";
    report.error_msg = R"(Invalid job data: ["1.4.1 file-download: 'file:///x' is not allowed", 'arch is missing'])";
    auto text = show_report(report, {}, 0, Paint{});
    EXPECT_NE(text.find("Job error: Invalid job data:\n  1.4.1 file-download: 'file:///x' is not allowed\n"
                        "  arch is missing\n"),
              std::string::npos)
        << text;
    report.error_msg = "Invalid job data: [broken";
    text = show_report(report, {}, 0, Paint{});
    EXPECT_NE(text.find("Job error: Invalid job data: [broken\n"), std::string::npos) << text;
}

TEST(Report, ACanceledJobHasAReasonAndNoError) {
    Report report = finished("Canceled", {});
    report.error_type = "Canceled";
    report.error_msg = "The job was canceled";
    EXPECT_TRUE(show_report(report, {}, 0, Paint{}).ends_with("\nreason: The job was canceled\n"));
}

TEST(Report, ShowsOneSuiteOrOnlyFailures) {
    const auto report = finished("Complete", {make_case("lava", "validate", "pass"), make_case("0_smoke", "a", "pass"),
                                              make_case("0_smoke", "b", "fail"), make_case("1_net", "c", "fail")});
    EXPECT_TRUE(show_report(report, {"lava", false}, 0, Paint{})
                    .starts_with("SUITE  CASE      RESULT\nlava   validate  pass\n\n"));
    EXPECT_TRUE(show_report(report, {"0_smoke", true}, 0, Paint{})
                    .starts_with("SUITE    CASE  RESULT\n0_smoke  b     fail\n\n"));
    try {
        show_report(report, {"smoke", false}, 0, Paint{});
        FAIL();
    } catch (const UserError& error) {
        EXPECT_STREQ(error.what(), "job 42: no suite 'smoke'; it has lava, 0_smoke, 1_net");
    }
}

TEST(Report, ReadsCasesFromTheLog) {
    Report report;
    add_case(
        report,
        case_from_record(config::parse_json(
            R"({"definition": "lava", "case": "job", "result": "fail", "error_type": "Test", "error_msg": "m"})")));
    add_case(
        report,
        case_from_record(config::parse_json(
            R"({"definition": "0_s", "case": "c", "result": "pass", "measurement": 7, "units": "V", "set": "g"})")));
    EXPECT_EQ(report.error_type, "Test");
    EXPECT_EQ(report.error_msg, "m");
    EXPECT_EQ(report.cases.at(1).measurement, "7");
    EXPECT_EQ(report.cases.at(1).unit, "V");
    EXPECT_EQ(report.cases.at(1).set, "g");
}

TEST(Report, AsJsonCarriesTheExitCodeOnlyWhenFinished) {
    auto report = finished("Complete", {make_case("0_smoke", "a", "fail")});
    EXPECT_NE(config::dump_json(report_json(report)).find(R"("exit_code":4)"), std::string::npos);
    report.state = "Running";
    EXPECT_NE(config::dump_json(report_json(report)).find(R"("exit_code":null)"), std::string::npos);
}

TEST(Duration, IsReadAndShown) {
    using std::chrono::seconds;
    EXPECT_EQ(seconds_between("2026-11-22T08:46:49.231433Z", "2026-11-23T08:47:09Z"), seconds{86420});
    EXPECT_EQ(seconds_between("", "2026-11-22T08:47:09.1Z"), std::nullopt);
    EXPECT_EQ(seconds_between("2026-13-22T08:47:09Z", "2026-11-22T08:47:09Z"), std::nullopt);
    EXPECT_EQ(duration_text(seconds{5}), "5 s");
    EXPECT_EQ(duration_text(seconds{192}), "3 min 12 s");
    EXPECT_EQ(duration_text(seconds{7500}), "2 h 5 min");
}

}  // namespace
}  // namespace patchbay::cli
