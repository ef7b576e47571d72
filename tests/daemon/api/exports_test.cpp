// SPDX-License-Identifier: Apache-2.0
// Results as files; byte for byte the recorded ones are compared in tests/compat.
#include "daemon/api/exports/exports.hpp"
#include "daemon/api/exports/record.hpp"
#include "tests/daemon/api/smoke_lab.hpp"

namespace patchbay {
namespace {

using namespace testing;

class ExportsTest : public ApiTest {
protected:
    JobId job = a_finished_job();
    static std::int64_t lines(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }
};

TEST_F(ExportsTest, FilesAreNamedAndTyped) {
    const auto named = [&](const std::string& rest) {
        const auto answer = lab.get(url(job, rest));
        return answer.content_type + " " + answer.headers.at("Content-Disposition");
    };
    EXPECT_EQ(named("csv/"), "application/csv attachment; filename=job_1.csv");
    EXPECT_EQ(named("yaml/"), "application/yaml attachment; filename=job_1.yaml");
    EXPECT_EQ(named("junit/"), "application/xml attachment; filename=job_1.xml");
    EXPECT_EQ(named("tap13/"), "application/yaml attachment; filename=job_1.yaml");
    EXPECT_EQ(named("suites/2/csv/"), "application/csv attachment; filename=suite_0_smoke.csv");
    EXPECT_EQ(named("suites/2/yaml/"), "application/yaml attachment; filename=suite_0_smoke.yaml");
}

TEST_F(ExportsTest, CsvQuotesEverything) {
    const auto csv = lab.get(url(job, "csv/")).body;
    EXPECT_TRUE(
        csv.starts_with("\"job\",\"suite\",\"result\",\"measurement\",\"unit\",\"duration\",\"timeout\",\"logged\","
                        "\"level\",\"metadata\",\"url\",\"name\",\"id\",\"log_start_line\",\"log_end_line\"\r\n"));
    EXPECT_EQ(lines(csv), 6);
    EXPECT_THAT(csv, HasSubstr("'extra': [{'label': 'kernel'}, {'size': 123}]"));
    EXPECT_EQ(lines(lab.get(url(job, "suites/2/csv/")).body), 5);
    EXPECT_EQ(lines(lab.get(url(job, "csv/?limit=2&offset=1")).body), 3);
    EXPECT_EQ(lines(lab.get(url(job, "suites/2/csv/?limit=2&offset=3")).body), 2);
}

TEST_F(ExportsTest, YamlIsAListOfTexts) {
    const auto yaml = config::parse_yaml(lab.get(url(job, "yaml/")).body);
    ASSERT_EQ(yaml.as_list()->size(), 5u);
    const auto& speed = (*yaml.as_list())[1];
    EXPECT_EQ(*speed.find("measurement"), config::Value{"12.5"});
    EXPECT_EQ(*speed.find("log_end_line"), config::Value{"3"});
    EXPECT_EQ(*speed.find("id"), config::Value{"2"});
    EXPECT_EQ(lab.get(url(submit(), "yaml/")).body, "[]\n");
}

TEST_F(ExportsTest, JunitEscapesAndCounts) {
    const auto xml = lab.get(url(job, "junit/?classname_prefix=<p>")).body;
    EXPECT_THAT(xml, HasSubstr(R"(<testsuites disabled="0" errors="0" failures="1" tests="5" time="1.5">)"));
    EXPECT_THAT(xml, HasSubstr(R"(failures="1" name="0_smoke" skipped="1" tests="4" time="0")"));
    EXPECT_THAT(xml, HasSubstr(R"(classname="&lt;p&gt;_0_smoke")"));
    EXPECT_THAT(xml, HasSubstr(R"(&lt;oops&gt; &amp; \&quot;quotes\&quot;)"));
    EXPECT_THAT(xml, HasSubstr("<skipped type=\"skipped\" message=\"skipped\"/>"));
    EXPECT_EQ(lab.get(url(submit(), "junit/")).body, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<testsuites/>\n");
}

TEST_F(ExportsTest, Tap13NumbersTheWholeJob) {
    EXPECT_EQ(lab.get(url(job, "tap13/")).body,
              "TAP version 13\n1..5\n# TAP results for lava\nok 1 validate\n# TAP results for 0_smoke\n"
              "not ok 2 speed\n ---\n - {\"dt\": \"2026-11-22T06:51:13.000003\", \"lvl\": \"target\", \"msg\": "
              "\"<oops> & \\\"quotes\\\"\"}\n ...\nok 3 case-skip # SKIP test skipped\n"
              "not ok 4 case-unknown # TODO unknown result\nok 5 case-pass\n");
}

TEST_F(ExportsTest, BadNumbersAreRefusedByName) {
    const auto answer = lab.get(url(job, "csv/?limit=x"));
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.body, R"({"detail":"'limit' is a number: 0 or more."})");
    EXPECT_EQ(lab.get(url(job, "suites/2/yaml/?offset=-1")).status, 400);
}

/// A log of `count` lines of 1 KiB, and how much of it was read.
struct LongLog {
    std::int64_t count;
    std::size_t read = 0;
    std::string line(std::int64_t number) const {
        auto text = std::to_string(number) + " ";
        text.resize(1023, '.');
        return text + "\n";
    }
    LogLines lines() {
        return [this](std::int64_t start, std::int64_t end) {
            std::string text;
            for (auto number = start; number < std::min(end, count); ++number) text += line(number);
            read += text.size();
            return text;
        };
    }
};

CaseRow failed_case(std::int64_t start, std::int64_t end) {
    CaseRow row;
    row.suite_name = "0_flood";
    row.name = "case";
    row.result = CaseResult::fail;
    row.start_log_line = start;
    row.end_log_line = end;
    return row;
}

TEST(FailureLinesTest, OfALongRangeTheLastLinesAreShownAndNoMoreAreRead) {
    LongLog log{10'000};
    FailureLines failures{log.lines()};
    const auto text = failures.of(failed_case(0, 10'000));
    EXPECT_TRUE(text.starts_with("# lines before these are left out; the log of the job has them\n9936 ."))
        << text.substr(0, 100);
    EXPECT_TRUE(text.ends_with(log.line(9999)));
    EXPECT_LT(log.read, 1024U * 1024);
    EXPECT_EQ(failures.of(failed_case(5, 7)), log.line(5) + log.line(6));
    EXPECT_EQ(failures.of(failed_case(0, 64)).size(), 64U * 1024) << "all that fits";
    EXPECT_EQ(failures.of(failed_case(7, 7)), "");
}

TEST(FailureLinesTest, OverlappingRangesDoNotMultiplyTheLog) {
    LongLog log{10'000};
    const std::vector<CaseRow> rows(1000, failed_case(0, 10'000));
    EXPECT_LT(export_junit(rows, std::nullopt, "", log.lines()).size(), 10U * 1024 * 1024);
    EXPECT_LT(export_tap13(rows, log.lines()).size(), 10U * 1024 * 1024);
    EXPECT_LT(log.read, 128U * 1024 * 1024);
}

TEST(ExactDecimal, IsPythonsDecimalOfTheDouble) {
    EXPECT_EQ(exact_decimal(12.5), "12.5");
    EXPECT_EQ(exact_decimal(-0.25), "-0.25");
    EXPECT_EQ(exact_decimal(0), "0");
    EXPECT_EQ(exact_decimal(1e20), "100000000000000000000");
    EXPECT_EQ(exact_decimal(0.0078125), "0.0078125");
}

}  // namespace
}  // namespace patchbay
