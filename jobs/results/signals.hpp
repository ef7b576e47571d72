// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a test says on the console: one line <LAVA_SIGNAL_NAME params>, found anywhere in the stream.
// Source: lava_dispatcher/actions/test/shell.py; the error texts are LAVA's where users look for them.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace patchbay {

/// The expression that finds a signal; group 1 is the name, group 2 the parameters.
inline constexpr std::string_view signal_pattern = R"(<LAVA_SIGNAL_(\S+) ([^>]+)>)";
/// What the other misses and LAVA therefore loses without a word: a signal without parameters.
inline constexpr std::string_view malformed_signal_pattern = R"(<LAVA_SIGNAL_[^\s>]*>)";

struct Signal {
    std::string name;                     ///< "TESTCASE"
    std::string text;                     ///< the parameters as they came
    std::vector<std::string> parameters;  ///< split at white space
};
Signal make_signal(std::string_view name, std::string_view text);

/// What signal_pattern matched: when the end of a signal was lost on the line, the match goes on to the end of the
/// next one. Then `cut` is the first part, and the rest is judged by itself.
struct MatchedSignal {
    std::string cut;
    std::optional<Signal> signal;
};
MatchedSignal read_signal(std::string_view match);

/// ASCII letters in lower case.
std::string lower(std::string_view text);

/// Words that a test prints to result words. A definition's `fixupdict`, or the default: PASS, FAIL, SKIP, UNKNOWN in
/// lower case.
using Fixup = std::map<std::string, std::string, std::less<>>;
const Fixup& default_fixup();
std::string fix_up(const Fixup& fixup, std::string_view word);

struct TestCaseSignal {
    std::string id;
    std::string result;  ///< pass, fail, skip or unknown
    std::optional<double> measurement;
    std::string units;  ///< only with a measurement
};

struct TestReferenceSignal {
    std::string id;
    std::string result;
    std::string reference;  ///< a URL
};

/// Why a signal gives no result: a text for the log, level error.
struct SignalError {
    std::string text;
};

std::variant<TestCaseSignal, SignalError> parse_test_case(const Signal& signal, const Fixup& fixup);
std::variant<TestReferenceSignal, SignalError> parse_test_reference(const Signal& signal, const Fixup& fixup);

/// As Python's float(), without inf and nan, which no result can hold.
std::optional<double> parse_measurement(std::string_view text);

}  // namespace patchbay
