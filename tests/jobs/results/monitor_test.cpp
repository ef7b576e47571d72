// SPDX-License-Identifier: Apache-2.0
#include "jobs/results/monitor.hpp"

#include <gmock/gmock.h>

#include "tests/jobs/results/effects.hpp"

namespace patchbay {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> run(Monitor& monitor, std::string_view output) {
    Matcher matcher;
    matcher.feed(output);
    std::vector<std::string> lines;
    while (const auto match = matcher.search(monitor.patterns(), AtEnd::take)) {
        const auto effects = monitor.feed(*match);
        for (const auto& effect : effects) lines.push_back(shown(effect));
        if (!effects.empty() && std::holds_alternative<EndEffect>(effects.back())) break;
    }
    return lines;
}

MonitorSettings tap() {
    MonitorSettings settings;
    settings.name = "Boot Lines";
    settings.start = "TAP version";
    settings.end = "Totals";
    settings.pattern = R"((?P<result>ok|not ok) \d+ (?P<test_case_id>\S+)( (?P<measurement>\S+) (?P<units>\w+))?)";
    settings.fixup = {{"ok", "pass"}, {"not ok", "fail"}};
    settings.level = "3.1";
    return settings;
}

TEST(Monitor, NamesAreMadeAsLavaMakesThem) {
    EXPECT_EQ(suite_of_monitor("Boot Lines"), "boot-lines");
    EXPECT_EQ(case_of_monitor(" Mon-Alpha.x  (1) "), "mon_alpha_x_1_");
    EXPECT_EQ(case_of_monitor("  "), "");
}

TEST(Monitor, CollectsCasesBetweenStartAndEnd) {
    Monitor monitor{tap()};
    EXPECT_EQ(monitor.begin().text, "Waiting for start message: TAP version");
    EXPECT_THAT(run(monitor, "ok 0 early\nTAP version 13\nok 1 a-b\nnot ok 2 c 3.5 ms\nTotals\nok 3 late\n"),
                ElementsAre("info: ok: start string found, lava test monitoring started", "info: ok: test case found",
                            "debug: test_case_id: a_b",
                            R"(result: {"definition": "boot-lines", "case": "a_b", "result": "pass", "level": "3.1", )"
                            R"("extra": {"test_case_id": "a-b"}})",
                            "info: ok: test case found", "debug: test_case_id: c",
                            R"(result: {"definition": "boot-lines", "case": "c", "result": "fail", "level": "3.1", )"
                            R"("extra": {"test_case_id": "c"}, "measurement": "3.5", "units": "ms"})",
                            "info: ok: end string found, lava test monitoring stopped", "end"));
}

TEST(Monitor, AMeasurementAloneIsAPass) {
    auto settings = tap();
    settings.pattern = R"((?P<test_case_id>\w+)=(?P<measurement>[\w.]+))";
    Monitor monitor{settings};
    const auto lines = run(monitor, "TAP version\nspeed=12\nname=fast\nTotals");
    EXPECT_THAT(only("result", lines), ElementsAre(HasSubstr(R"("case": "speed", "result": "pass")")));
    EXPECT_THAT(only("result", lines), ElementsAre(HasSubstr(R"("measurement": 12.0)")));
    EXPECT_THAT(lines, Contains("error: error: bad measurement: fast"));
}

TEST(Monitor, AnEndThatNeverComesIsLoudButNoError) {
    Monitor monitor{tap()};
    EXPECT_FALSE(monitor.started());
    run(monitor, "TAP version\n");
    EXPECT_TRUE(monitor.started());
    EXPECT_THAT(shown(monitor.timed_out()),
                ElementsAre("warning: err: lava test monitoring has timed out", HasSubstr("never came")));
}

TEST(Monitor, ExpectedCasesAreChecked) {
    auto settings = tap();
    settings.expected = {"a", "b"};
    Monitor monitor{settings};
    EXPECT_THAT(
        only("result", run(monitor, "TAP version\nok 1 a\nok 2 x\nTotals")),
        ElementsAre(HasSubstr(R"("case": "a", "result": "pass")"), HasSubstr(R"("case": "x", "result": "fail")"),
                    HasSubstr(R"("case": "b", "result": "fail")")));
}

TEST(Monitor, ExpectedCasesAreCheckedAlsoWithoutAnEnd) {
    auto settings = tap();
    settings.expected = {"a", "b"};
    Monitor monitor{settings};
    run(monitor, "TAP version\nok 1 a\n");
    EXPECT_THAT(only("result", shown(monitor.interrupted())),
                ElementsAre(HasSubstr(R"("case": "b", "result": "fail")")));
    EXPECT_THAT(shown(monitor.interrupted()), testing::IsEmpty());
}

TEST(Monitor, AMeasurementThatNobodyCanStoreLosesNoCase) {
    Monitor monitor{tap()};
    const auto lines = run(monitor, "TAP version\nok 1 a n/a ms\n");
    EXPECT_THAT(lines, Contains("error: Invalid measurement 'n/a' of test case 'a': the case is kept without it"));
    EXPECT_EQ(lines.back(), R"(result: {"definition": "boot-lines", "case": "a", "result": "pass", "level": "3.1", )"
                            R"("extra": {"test_case_id": "a"}})");
}

}  // namespace
}  // namespace patchbay
