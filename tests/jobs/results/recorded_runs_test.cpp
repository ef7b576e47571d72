// SPDX-License-Identifier: Apache-2.0
// The console output of real jobs, as LAVA 2023.01 recorded it, gives the same results here. Ours may say more:
// fields that later versions write, warnings where 2023.01 is silent.

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "core/config/yaml.hpp"
#include "jobs/results/interactive.hpp"
#include "jobs/results/monitor.hpp"
#include "jobs/results/test_run.hpp"
#include "tests/jobs/results/effects.hpp"

namespace patchbay {
namespace {

struct Recorded {
    std::int64_t number;  // in the job's log
    std::string level;
    config::Value message;
    std::string text() const { return message.as_string() ? *message.as_string() : ""; }
};

std::vector<Recorded> load(const std::string& name) {
    std::ifstream in{std::string{PATCHBAY_SOURCE_DIR "/tests/compat/golden/"} + name + "/test-actions.yaml"};
    std::string line;
    std::getline(in, line);
    const auto at = line.find("from record ");
    auto number = std::stoll(line.substr(at + 12));
    std::vector<Recorded> records;
    while (std::getline(in, line)) {
        const auto record = config::parse_yaml(std::string_view{line}.substr(2));
        records.push_back({number++, *record.find("lvl")->as_string(), *record.find("msg")});
    }
    return records;
}

std::string console_of(const std::vector<Recorded>& records) {
    std::string text;
    for (const auto& record : records) {
        if (record.level == "target") text += record.text() + "\r\n";
    }
    return text;
}

bool begins(const std::string& text, std::string_view start) { return text.rfind(start, 0) == 0; }

// What a test run says itself; the rest are actions and console.
bool is_of_run(const Recorded& record) {
    const auto text = record.text();
    if (record.level == "results") {
        const auto* level = record.message.find("level");
        return !level;  // actions report with a level
    }
    if (record.level == "error") return text == "Marking unfinished test run as failed";
    for (const auto* start : {"Received signal: ", "Starting test", "Skipping test definition",
                              "Enabling test definition", "Ending ", "Closing test_set", "ok: lava_test_shell"}) {
        if (begins(text, start)) return true;
    }
    return false;
}

// Do all recorded fields appear with the same values? Durations differ from run to run.
void expect_same(const Recorded& recorded, const config::Map& ours) {
    for (const auto& [key, value] : *recorded.message.as_map()) {
        const auto& name = *key.as_string();
        const auto* mine = ours.find(name);
        ASSERT_TRUE(mine) << name << " in record " << recorded.number;
        if (name != "duration") {
            EXPECT_EQ(config::python_repr(*mine), config::python_repr(value)) << name << " in " << recorded.number;
        }
    }
}

class RunCheck {
public:
    explicit RunCheck(const std::vector<Recorded>& records) {
        for (const auto& record : records) {
            if (is_of_run(record)) expected_.push_back(record);
        }
        EXPECT_GE(expected_.size(), 6u) << "the recording holds no run";
    }

    std::int64_t next_line() const { return at_ < expected_.size() ? expected_[at_].number : 0; }
    bool done() const { return at_ == expected_.size(); }

    void take(const TestEffects& effects) {
        for (const auto& effect : effects) {
            if (const auto* line = std::get_if<LogLine>(&effect)) {
                // What 2023.01 does not say is skipped.
                if (!done() && expected_[at_].text() == line->text) {
                    EXPECT_EQ(expected_[at_++].level, to_string(line->level));
                } else if (!done() && begins(line->text, "Ending test lava.")) {
                    EXPECT_EQ(expected_[at_].text().substr(0, 30), line->text.substr(0, 30));
                    ++at_;
                }
            } else if (const auto* result = std::get_if<ResultEffect>(&effect)) {
                ASSERT_FALSE(done()) << shown(effect);
                ASSERT_EQ(expected_[at_].level, "results") << expected_[at_].number << " " << shown(effect);
                expect_same(expected_[at_++], result->map);
            }
        }
    }

private:
    std::vector<Recorded> expected_;
    std::size_t at_ = 0;
};

// Runs all the console output through; stops at EXIT or TESTRAISE as the action does.
void replay(const std::vector<Recorded>& records, TestRunSettings settings) {
    RunCheck check{records};
    TestRun run{std::move(settings)};
    Matcher matcher;
    matcher.feed(console_of(records));
    bool ended = false;
    while (!ended) {
        const auto match = matcher.search(run.patterns(), AtEnd::take);
        if (!match) break;
        const auto effects = run.feed(*match, {}, check.next_line());
        check.take(effects);
        for (const auto& effect : effects) {
            ended |= std::holds_alternative<EndEffect>(effect) || std::holds_alternative<RaiseEffect>(effect);
        }
    }
    check.take(run.interrupted({}));
    EXPECT_TRUE(check.done()) << "not said: record " << check.next_line();
}

// The definitions as the results of the recording describe them.
TestDefinitionInfo info(const std::vector<Recorded>& records, const std::string& name) {
    TestDefinitionInfo found;
    found.name = name;
    for (const auto& record : records) {
        const auto* test_case = record.message.find("case");
        if (!test_case || *test_case != config::Value{name} || !record.message.find("repository")) continue;
        found.repository = *record.message.find("repository");
        found.path = *record.message.find("path")->as_string();
    }
    return found;
}

TEST(RecordedRun, EveryKindOfResult) {
    auto records = load("a-shell");
    TestRunSettings settings;
    settings.definitions = {info(records, "0_basics"), info(records, "1_second")};
    settings.definitions[1].parse_pattern = "RES (?P<test_case_id>[a-z0-9-]+) (?P<result>[A-Z]+)";
    settings.definitions[1].fixup = Fixup{{"PASSED", "pass"}, {"FAILED", "fail"}, {"SKIPPED", "skip"}};
    // The console was still printing when the action had ended, so the recording has the last line elsewhere.
    records.push_back({0, "target", "<LAVA_TEST_RUNNER EXIT>"});
    replay(records, settings);
}

TEST(RecordedRun, ATestThatRaises) {
    const auto records = load("a2-raise");
    TestRunSettings settings;
    settings.definitions = {info(records, "0_raise"), info(records, "1_never")};
    replay(records, settings);
}

TEST(RecordedRun, ATestActionThatTimesOut) {
    const auto records = load("a3-expected");
    const auto second = std::find_if(records.begin(), records.end(),
                                     [](const auto& record) { return begins(record.text(), "start: 4 "); });
    std::vector<Recorded> stage0{records.begin(), second}, stage1{second, records.end()};
    stage0.push_back({0, "target", "<LAVA_TEST_RUNNER EXIT>"});
    // The end of the first runner stands in front of the second action's first prompt.
    stage1.erase(stage1.begin(), std::find_if(stage1.begin(), stage1.end(), [](const auto& record) {
                     return begins(record.text(), "Test shell timeout: ");
                 }));
    TestRunSettings settings;
    settings.definitions = {info(records, "0_expects")};
    replay(stage0, settings);
    settings.stage = 1;
    settings.definitions = {info(records, "1_too-slow")};
    replay(stage1, settings);
}

TEST(RecordedRun, AMonitor) {
    const auto records = load("e-monitors");
    MonitorSettings settings;
    settings.name = "boot-lines";
    settings.start = "pb-guest mark start";
    settings.end = "pb-guest mark end";
    settings.pattern = "(?P<test_case_id>mon-[a-z]+): (?P<result>[A-Z]+)( (?P<measurement>[0-9.]+) (?P<units>[a-z]+))?";
    settings.fixup = {{"OK", "pass"}, {"NOK", "fail"}, {"SKIPPED", "skip"}};
    settings.level = "3.1";
    Monitor monitor{settings};

    std::vector<Recorded> expected;
    for (const auto& record : records) {
        const bool result = record.level == "results" && record.message.find("definition")->as_string() &&
                            *record.message.find("definition")->as_string() == "boot-lines";
        const auto text = record.text();
        if (result || begins(text, "ok: ") || begins(text, "error: bad") || begins(text, "test_case_id: ")) {
            expected.push_back(record);
        }
    }
    Matcher matcher;
    matcher.feed(console_of(records));
    std::size_t at = 0;
    bool ended = false;
    while (!ended) {
        const auto match = matcher.search(monitor.patterns(), AtEnd::take);
        ASSERT_TRUE(match);
        for (const auto& effect : monitor.feed(*match)) {
            if (std::holds_alternative<EndEffect>(effect)) {
                ended = true;
                continue;
            }
            ASSERT_LT(at, expected.size());
            if (const auto* line = std::get_if<LogLine>(&effect)) {
                EXPECT_EQ(line->text, expected[at].text());
                EXPECT_EQ(to_string(line->level), expected[at].level);
            } else {
                // 2023.01 writes the word null for groups that took no part, and then loses the case; we leave them
                // out.
                auto recorded = *expected[at].message.as_map();
                for (const auto* key : {"measurement", "units"}) {
                    const auto* value = recorded.find(key);
                    if (value && value->is_null()) recorded.erase(key);
                }
                expect_same({expected[at].number, "results", recorded}, std::get<ResultEffect>(effect).map);
            }
            ++at;
        }
    }
    EXPECT_EQ(at, expected.size());
}

// What the script of an interactive test saw, step by step, and what was recorded of it.
TEST(RecordedRun, InteractiveScripts) {
    struct Step {
        InteractiveCommand command;
        std::vector<std::string> log;
        bool passed;
    };
    const auto step = [](std::string name, std::vector<std::string> successes,
                         std::vector<InteractiveFailure> failures) {
        InteractiveCommand command;
        command.name = std::move(name);
        command.successes = std::move(successes);
        command.failures = std::move(failures);
        return command;
    };
    const std::vector<std::pair<std::string, InteractiveCommand>> steps{
        {"d-interactive", step("hello", {"hello-from-guest"}, {})},
        {"d-interactive", step("no-success-list", {}, {})},
        {"d-interactive", step("show-foo", {"FOO is bar"}, {{"FOO is $", std::nullopt, ""}})},
        {"d-interactive",
         step("will-fail", {"all good"}, {{"this is an error", std::nullopt, "expected failure text seen"}})},
        {"d-interactive", step("raises", {}, {{"fatal trouble", ErrorType::job, "told to stop"}})},
        {"d2-interactive-ok", step("hello", {"hello-from-guest"}, {})},
        {"d2-interactive-ok", step("kernel", {"6[.]1[.]0"}, {})},
    };
    for (const auto& [name, command] : steps) {
        const auto records = load(name);
        const InteractiveStep interactive{{"root@pb-guest:~# "}, command};
        // From the wait that names our patterns, or for `raises` the second script, to the result of this name.
        const auto result = std::find_if(records.begin(), records.end(), [&](const auto& record) {
            const auto* test_case = record.message.find("case");
            return test_case && *test_case == config::Value{command.name};
        });
        ASSERT_NE(result, records.end()) << command.name;
        auto first = result;
        while (first->text() != interactive.waiting_text()) {
            ASSERT_NE(first, records.begin()) << interactive.waiting_text();
            --first;
        }
        std::string recorded_log, console;
        for (auto record = first; record != result; ++record) {
            if (recorded_log.empty() && begins(record->text(), "Matched a ")) {
                recorded_log = record->level + ": " + record->text();
            }
            if (record->level == "target") console += record->text() + "\r\n";
        }
        if (command.name == "raises") console = "fatal trouble\r\n";  // printed after the match of its own echo
        Matcher matcher;
        matcher.feed(console + "root@pb-guest:~# ");
        const auto match = matcher.search(interactive.patterns(), AtEnd::take);
        ASSERT_TRUE(match) << command.name;
        const auto verdict = interactive.judge(*match);
        EXPECT_EQ(std::string{to_string(verdict.log.level)} + ": " + verdict.log.text, recorded_log) << command.name;
        expect_same(*result, make_interactive_result(*result->message.find("definition")->as_string(), command.name,
                                                     verdict.passed, {}));
    }
}

}  // namespace
}  // namespace patchbay
