// SPDX-License-Identifier: Apache-2.0
#include "jobs/results/signals.hpp"

#include <charconv>
#include <cmath>

#include "jobs/results/record.hpp"

namespace patchbay {
namespace {

constexpr std::string_view blanks = " \t\r\n\v\f";

std::string_view strip(std::string_view text) {
    const auto begin = text.find_first_not_of(blanks);
    if (begin == text.npos) return {};
    return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

SignalError bad_result(std::string_view word) { return {"Bad test result: '" + std::string{word} + "'"}; }

}  // namespace

std::string lower(std::string_view text) {
    std::string out{text};
    for (auto& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

Signal make_signal(std::string_view name, std::string_view text) {
    Signal signal{std::string{name}, std::string{text}, {}};
    for (std::size_t at = text.find_first_not_of(blanks); at != text.npos;) {
        const auto end = std::min(text.find_first_of(blanks, at), text.size());
        signal.parameters.emplace_back(text.substr(at, end - at));
        at = text.find_first_not_of(blanks, end);
    }
    return signal;
}

MatchedSignal read_signal(std::string_view match) {
    constexpr std::string_view start = "<LAVA_SIGNAL_";
    MatchedSignal found;
    const auto last = match.rfind(start);
    found.cut = match.substr(0, last);
    auto rest = match.substr(last + start.size());
    rest.remove_suffix(1);  // the '>'
    const auto blank = rest.find(' ');
    if (blank == rest.npos || blank == 0) {
        found.cut = match;
    } else {
        found.signal = make_signal(rest.substr(0, blank), rest.substr(blank + 1));
    }
    return found;
}

const Fixup& default_fixup() {
    static const Fixup fixup{{"PASS", "pass"}, {"FAIL", "fail"}, {"SKIP", "skip"}, {"UNKNOWN", "unknown"}};
    return fixup;
}

std::string fix_up(const Fixup& fixup, std::string_view word) {
    auto found = fixup.find(word);
    if (found == fixup.end()) {
        // Patterns take the carriage return of a serial line along, and mean the word.
        word = strip(word);
        found = fixup.find(word);
    }
    return found == fixup.end() ? std::string{word} : found->second;
}

std::optional<double> parse_measurement(std::string_view text) {
    text = strip(text);
    if (text.empty()) return std::nullopt;
    if (text.front() == '+') {
        text.remove_prefix(1);
        if (text.empty() || text.front() == '-') return std::nullopt;
    }
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(number)) return std::nullopt;
    return number;
}

std::variant<TestCaseSignal, SignalError> parse_test_case(const Signal& signal, const Fixup& fixup) {
    TestCaseSignal test_case;
    std::optional<std::string> measurement;
    std::string result;
    for (const auto& parameter : signal.parameters) {
        const auto equals = parameter.find('=');
        if (equals == std::string::npos) {
            return SignalError{"Ignoring malformed parameter for signal: \"" + parameter + "\". "};
        }
        const auto key = lower(std::string_view{parameter}.substr(0, equals));
        auto value = parameter.substr(equals + 1);
        if (key == "test_case_id")
            test_case.id = std::move(value);
        else if (key == "result")
            result = std::move(value);
        else if (key == "measurement")
            measurement = std::move(value);
        else if (key == "units")
            test_case.units = std::move(value);
    }
    if (test_case.id.empty()) return SignalError{"Ignoring a test case without TEST_CASE_ID: \"" + signal.text + "\""};
    if (result.empty()) return SignalError{"Ignoring a test case without RESULT: \"" + signal.text + "\""};
    test_case.result = fix_up(fixup, result);
    if (!is_result_word(test_case.result)) return bad_result(test_case.result);
    if (measurement) {
        test_case.measurement = parse_measurement(*measurement);
        if (!test_case.measurement) {
            return SignalError{"Invalid measurement '" + *measurement + "' of test case '" + test_case.id + "'"};
        }
    } else {
        test_case.units.clear();
    }
    return test_case;
}

std::variant<TestReferenceSignal, SignalError> parse_test_reference(const Signal& signal, const Fixup& fixup) {
    if (signal.parameters.size() != 3) {
        return SignalError{"Ignoring a test reference that is not 'name result URL': \"" + signal.text + "\""};
    }
    TestReferenceSignal reference{signal.parameters[0], fix_up(fixup, signal.parameters[1]), signal.parameters[2]};
    if (!is_result_word(reference.result)) return bad_result(reference.result);
    return reference;
}

}  // namespace patchbay
