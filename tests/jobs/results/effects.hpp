// SPDX-License-Identifier: Apache-2.0
#pragma once
// Effects of the state machines as lines of text, so that a test reads like a log.

#include <string>
#include <vector>

#include "core/config/yaml.hpp"
#include "jobs/results/test_run.hpp"

namespace patchbay {

inline std::string shown(const TestEffect& effect) {
    struct {
        std::string operator()(const LogLine& line) { return std::string{to_string(line.level)} + ": " + line.text; }
        std::string operator()(const ResultEffect& result) { return "result: " + config::dump_flow(result.map); }
        std::string operator()(const RaiseEffect& raise) { return "raise: " + raise.text; }
        std::string operator()(const FeedbackEffect& feedback) { return "feedback: " + feedback.ns; }
        std::string operator()(const GroupCallEffect& call) { return "group call: " + encode(call.call); }
        std::string operator()(const EndEffect&) { return "end"; }
    } visitor;
    return std::visit(visitor, effect);
}

inline std::vector<std::string> shown(const TestEffects& effects) {
    std::vector<std::string> lines;
    for (const auto& effect : effects) lines.push_back(shown(effect));
    return lines;
}

/// Only the lines that begin with `kind`.
inline std::vector<std::string> only(std::string_view kind, const std::vector<std::string>& lines) {
    std::vector<std::string> kept;
    for (const auto& line : lines) {
        if (line.rfind(kind, 0) == 0) kept.push_back(line);
    }
    return kept;
}

}  // namespace patchbay
