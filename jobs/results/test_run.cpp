// SPDX-License-Identifier: Apache-2.0
#include "jobs/results/test_run.hpp"

#include <algorithm>

#include "core/config/python_text.hpp"
#include "jobs/results/multinode_call.hpp"
#include "jobs/results/record.hpp"

namespace patchbay {
namespace {

// The order in which LAVA waits for them; it decides when two begin at one place.
constexpr std::size_t index_exit = 0, index_install_fail = 1, index_signal = 2, index_malformed = 3,
                      index_group_call = 4;

PatternSet base(bool multinode) {
    std::vector<std::string> patterns{"<LAVA_TEST_RUNNER EXIT>", "<LAVA_TEST_RUNNER INSTALL_FAIL>",
                                      std::string{signal_pattern}, std::string{malformed_signal_pattern}};
    if (!multinode) return PatternSet::of(patterns);
    patterns.emplace_back(multinode_pattern);
    return PatternSet::of(patterns, SearchWindow::unlimited);  // a message may be longer than two reads
}

std::string shown(const Fixup& fixup) {
    config::Map map;
    for (const auto& [from, to] : fixup) map.set(from, to);
    return config::python_repr(map);
}

}  // namespace

TestRun::TestRun(TestRunSettings settings)
    : settings_{std::move(settings)}, base_patterns_{base(settings_.multinode)}, patterns_{&base_patterns_} {
    for (const auto& definition : settings_.definitions) {
        if (!definition.parse_pattern) continue;
        auto patterns = base_patterns_.patterns();
        patterns.emplace_back(*definition.parse_pattern, PatternMode::parse);
        parse_patterns_.emplace(definition.name, PatternSet{std::move(patterns), base_patterns_.window(), AtEnd::hold});
    }
}

TestEffects TestRun::feed(const Match& match, Time now, std::int64_t log_lines) {
    TestEffects out;
    lines_ = log_lines;
    switch (match.index) {
        case index_exit:
            runner_exit(now, out);
            break;
        case index_install_fail:
            install_failed_ = true;
            log(LogLevel::error,
                "Unable to start stage " + std::to_string(settings_.stage) + ". Read the log for more details.", out);
            break;
        case index_signal:
        case index_malformed: {
            const auto found = read_signal(match.text);
            if (!found.cut.empty()) {
                log(LogLevel::error, "Ignoring a malformed signal: \"" + config::python_strip(found.cut) + "\"", out);
            }
            if (found.signal) on_signal(*found.signal, now, out);
            break;
        }
        default:
            if (settings_.multinode && match.index == index_group_call) {
                on_group_call(match, out);
            } else {
                parse_match(match, out);
            }
    }
    return out;
}

void TestRun::on_signal(const Signal& signal, Time now, TestEffects& out) {
    log(LogLevel::debug, "Received signal: <" + signal.name + "> " + signal.text, out);
    const auto first = signal.parameters.empty() ? std::string{} : signal.parameters[0];
    if (signal.name == "STARTRUN") {
        start_run(signal, now, out);
    } else if (signal.name == "ENDRUN") {
        end_run(signal, now, out);
    } else if (signal.name == "TESTCASE") {
        test_case(signal, out);
    } else if (signal.name == "STARTTC") {
        const auto line = lines_ - 1;
        if (auto* markers = markers_of(signal, out)) markers->start = line;
    } else if (signal.name == "ENDTC") {
        const auto line = lines_ - 1;
        if (auto* markers = markers_of(signal, out)) markers->end = line;
    } else if (signal.name == "TESTSET") {
        test_set(signal, out);
    } else if (signal.name == "TESTREFERENCE") {
        test_reference(signal, out);
    } else if (signal.name == "TESTFEEDBACK") {
        const auto& known = settings_.feedback_namespaces;
        const auto& own = settings_.connection_ns.empty() ? settings_.ns : settings_.connection_ns;
        if (first == own) {
            log(LogLevel::error, "Cannot listen to namespace '" + first + "': this test speaks over its connection",
                out);
        } else if (std::find(known.begin(), known.end(), first) != known.end()) {
            out.push_back(FeedbackEffect{first});
        } else {
            log(LogLevel::error, "Cannot listen to namespace '" + first + "': it has no connection", out);
        }
    } else if (signal.name == "TESTRAISE") {
        out.push_back(RaiseEffect{config::python_strip(signal.text)});
    } else if (signal.name == "TESTEVENT") {
        log(LogLevel::event, config::python_strip(signal.text), out);
    }
}

void TestRun::start_run(const Signal& signal, Time now, TestEffects& out) {
    if (signal.parameters.size() < 2) {
        out.push_back(RaiseEffect{"Invalid signal"});
        return;
    }
    // LAVA forgets a definition whose script ended early as soon as the next one begins.
    fail_unfinished(now, out);
    const auto& name = signal.parameters[0];
    const auto& uuid = signal.parameters[1];
    const auto* definition = find_definition(name);
    current_ = Running{definition, name, uuid, now};
    suite_ = name;
    suite_definition_ = definition;
    report_ = definition ? TestReport{definition->expected} : TestReport{};
    started_.insert(name);
    markers_.clear();
    too_many_markers_ = false;
    use_patterns(name);
    log(LogLevel::info, "Starting test lava." + name + " (" + uuid + ")", out);
    if (definition && definition->parse_pattern) {
        log(LogLevel::info, "Enabling test definition pattern '" + *definition->parse_pattern + "'", out);
        log(LogLevel::info, "Enabling test definition fixup " + shown(fixup()), out);
    } else {
        log(LogLevel::info, "Skipping test definition patterns.", out);
    }
}

void TestRun::end_run(const Signal& signal, Time now, TestEffects& out) {
    if (signal.parameters.size() < 2) {
        out.push_back(RaiseEffect{"Invalid signal"});
        return;
    }
    if (!current_ || current_->name != signal.parameters[0]) {
        log(LogLevel::warning, "Ignoring ENDRUN of '" + signal.parameters[0] + "': it is not running", out);
        return;
    }
    const auto run = *std::exchange(current_, std::nullopt);
    report_missing(run.name, report_, out);
    close_set();
    patterns_ = &base_patterns_;
    const auto duration = format_seconds(now - run.start);
    log(LogLevel::info, "Ending use of test pattern.", out);
    log(LogLevel::info, "Ending test lava." + run.name + " (" + run.uuid + "), duration " + duration, out);

    auto map = make_result("lava", run.name, "pass");
    map.set("uuid", run.uuid);
    map.set("duration", duration);
    map.set("namespace", settings_.ns);
    if (!settings_.connection_ns.empty()) map.set("connection-namespace", settings_.connection_ns);
    if (run.definition) {
        map.set("repository", run.definition->repository);
        map.set("path", run.definition->path);
        map.set("revision", run.definition->revision);
        if (!run.definition->commit_id.empty()) map.set("commit_id", run.definition->commit_id);
    }
    result(std::move(map), out);

    const std::string title = "--- " + run.name + " Test Report ---";
    const std::string end = " End ";
    const auto left = (title.size() - end.size()) / 2;
    log(LogLevel::debug, title, out);
    if (!report_.empty()) log(LogLevel::debug, report_.text(), out);
    log(LogLevel::debug, std::string(left, '-') + end + std::string(title.size() - end.size() - left, '-'), out);
}

void TestRun::test_case(const Signal& signal, TestEffects& out) {
    if (suite_.empty()) {
        log(LogLevel::error, "Unknown test uuid. No test run was started before this test case.", out);
        out.push_back(RaiseEffect{"Invalid TESTCASE signal"});
        return;
    }
    const auto parsed = parse_test_case(signal, fixup());
    if (const auto* error = std::get_if<SignalError>(&parsed)) {
        log(LogLevel::error, error->text, out);
        return;
    }
    const auto& found = std::get<TestCaseSignal>(parsed);
    auto map = make_result(suite_, found.id, found.result);
    if (found.measurement) {
        measure(map, *found.measurement, out);
        if (!found.units.empty() && map.contains("measurement")) map.set("units", found.units);
    }
    if (!set_.empty()) map.set("set", set_);
    set_markers(found.id, map);
    report_result(std::move(map), found.id, out);
}

void TestRun::test_set(const Signal& signal, TestEffects& out) {
    const auto& words = signal.parameters;
    if (words.size() == 2 && words[0] == "START") {
        set_ = words[1];
        log(LogLevel::info, "Starting test_set " + set_, out);
    } else if (words.size() == 1 && words[0] == "STOP") {
        log(LogLevel::info, "Closing test_set " + set_, out);
        close_set();
    } else {
        log(LogLevel::error,
            "Ignoring a test set signal that is neither 'START name' nor 'STOP': \"" + signal.text + "\"", out);
    }
}

void TestRun::test_reference(const Signal& signal, TestEffects& out) {
    if (suite_.empty()) {
        log(LogLevel::error, "Unknown test uuid. No test run was started before this test reference.", out);
        out.push_back(RaiseEffect{"Invalid TESTREFERENCE signal"});
        return;
    }
    const auto parsed = parse_test_reference(signal, fixup());
    if (const auto* error = std::get_if<SignalError>(&parsed)) {
        log(LogLevel::error, error->text, out);
        return;
    }
    const auto& found = std::get<TestReferenceSignal>(parsed);
    auto map = make_result(suite_, found.id, found.result);
    map.set("reference", found.reference);
    if (!set_.empty()) map.set("set", set_);
    report_result(std::move(map), found.id, out);
}

void TestRun::parse_match(const Match& match, TestEffects& out) {
    if (match.text.empty()) {
        // It would match again at the same place, for ever.
        out.push_back(
            RaiseEffect{"The parse pattern of " + suite_ + " matches an empty text; make it match something"});
        return;
    }
    const auto* id_group = match.group("test_case_id");
    const auto* result_group = match.group("result");
    const auto id = id_group ? config::python_strip(*id_group) : std::string{};
    if (id.empty() || !result_group) {
        log(LogLevel::error,
            "The parse pattern matched without test_case_id or result: '" + config::python_strip(match.text) + "'",
            out);
        return;
    }
    if (id.find(' ') != std::string::npos) {
        log(LogLevel::debug, "Skipping invalid test_case_id '" + id + "'", out);
        return;
    }
    const auto word = fix_up(fixup(), *result_group);
    auto map = make_result(suite_, id, word);
    if (const auto* measurement = match.group("measurement")) {
        measure(map, config::python_strip(*measurement), out);
        const auto* units = match.group("units");
        if (units && map.contains("measurement")) map.set("units", config::python_strip(*units));
    }
    if (!set_.empty()) map.set("set", set_);
    set_markers(id, map);
    report_result(std::move(map), id, out);
    // LAVA writes the record, and its server then drops it without a word.
    if (!is_result_word(word)) log(LogLevel::error, "Bad test result: '" + word + "'", out);
}

void TestRun::runner_exit(Time now, TestEffects& out) {
    log(LogLevel::info, "ok: lava_test_shell seems to have completed", out);
    fail_unfinished(now, out);
    // A definition that never began (its install step failed, the runner broke off) is told, too. When none began,
    // the runner had nothing to run: it renames its list, so that a second run finds none.
    if (install_failed_ || !started_.empty()) {
        for (const auto& definition : settings_.definitions) {
            if (started_.contains(definition.name)) continue;
            log(LogLevel::error, "The test definition " + definition.name + " was never started", out);
            auto map = make_result("lava", definition.name, "fail");
            map.set("namespace", settings_.ns);
            result(std::move(map), out);
        }
    }
    if (install_failed_) {
        const auto stage = std::to_string(settings_.stage);
        auto map = make_result("lava", "stage_" + stage, "fail");
        map.set("namespace", settings_.ns);
        result(std::move(map), out);
        out.push_back(RaiseEffect{"['Unable to start test stage " + stage + "']"});
        return;
    }
    out.push_back(EndEffect{});
}

TestEffects TestRun::interrupted(Time now) {
    TestEffects out;
    fail_unfinished(now, out);
    return out;
}

TestEffects TestRun::cleanup() {
    TestEffects out;
    for (const auto& definition : settings_.definitions) {
        if (!definition.expected_from_job || expectation_done().contains(definition.name)) continue;
        TestReport nothing{definition.expected};
        report_missing(definition.name, nothing, out);
    }
    return out;
}

void TestRun::fail_unfinished(Time now, TestEffects& out) {
    if (!current_) return;
    const auto run = *std::exchange(current_, std::nullopt);
    log(LogLevel::error, "Marking unfinished test run as failed", out);
    auto map = make_result("lava", run.name, "fail");
    map.set("uuid", run.uuid);
    map.set("duration", format_seconds(now - run.start));
    if (run.definition && !run.definition->commit_id.empty()) map.set("commit_id", run.definition->commit_id);
    result(std::move(map), out);
    if (run.definition && run.definition->expected_from_job) report_missing(run.name, report_, out);
    close_set();
    patterns_ = &base_patterns_;
}

void TestRun::report_missing(const std::string& suite, TestReport& report, TestEffects& out) {
    settings_.expectation_done.insert(suite);
    const auto before = out.size();
    report.fail_missing(suite, settings_.level, out);
    count_lines(before, out);
}

void TestRun::report_result(config::Map map, const std::string& name, TestEffects& out) {
    const auto before = out.size();
    report_.take(name, std::move(map), out);
    count_lines(before, out);
}

void TestRun::measure(config::Map& map, config::Value measurement, TestEffects& out) {
    const auto before = out.size();
    set_measurement(map, std::move(measurement), out);
    count_lines(before, out);
}

/// nullptr: there are too many, which is said once for a definition.
TestRun::Markers* TestRun::markers_of(const Signal& signal, TestEffects& out) {
    const auto name = config::python_strip(signal.text);
    if (markers_.size() < max_open_cases || markers_.contains(name)) return &markers_[name];
    if (!std::exchange(too_many_markers_, true)) {
        log(LogLevel::warning,
            std::to_string(max_open_cases) +
                " test cases have begun without a result: where further ones begin and end is not noted",
            out);
    }
    return nullptr;
}

// 0-based numbers of the log records at which the case began and ended; without marks of its own, where we are.
void TestRun::set_markers(const std::string& name, config::Map& map) {
    Markers markers;
    if (const auto found = markers_.find(name); found != markers_.end()) {
        markers = found->second;
        markers_.erase(found);
    }
    const auto here = lines_ - 1;
    map.set("starttc", markers.start.value_or(markers.end.value_or(here)));
    map.set("endtc", markers.end.value_or(here));
}

const Fixup& TestRun::fixup() const {
    return suite_definition_ && suite_definition_->fixup ? *suite_definition_->fixup : default_fixup();
}

const TestDefinitionInfo* TestRun::find_definition(std::string_view name) const {
    const auto& all = settings_.definitions;
    const auto found = std::find_if(all.begin(), all.end(), [&](const auto& d) { return d.name == name; });
    return found == all.end() ? nullptr : &*found;
}

void TestRun::use_patterns(const std::string& definition) {
    const auto found = parse_patterns_.find(definition);
    patterns_ = found == parse_patterns_.end() ? &base_patterns_ : &found->second;
}

void TestRun::close_set() { set_.clear(); }

/// Each effect that others add is a line of the log.
void TestRun::count_lines(std::size_t before, const TestEffects& out) {
    lines_ += static_cast<std::int64_t>(out.size() - before);
}

void TestRun::log(LogLevel level, std::string text, TestEffects& out) {
    out.push_back(LogLine{level, std::move(text)});
    ++lines_;
}

void TestRun::result(config::Map map, TestEffects& out) {
    out.push_back(ResultEffect{std::move(map)});
    ++lines_;
}

}  // namespace patchbay
