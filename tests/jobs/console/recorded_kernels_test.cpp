// SPDX-License-Identifier: Apache-2.0
// What LAVA's own scanner found in logs of real kernels, and what ours finds in the same.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/config/yaml.hpp"
#include "jobs/console/kernel_messages.hpp"

namespace patchbay {
namespace {

using Next = KernelMessages::Next;

struct Verdict {
    std::vector<std::string> found;  ///< "kind, so many lines, the first line"
    std::string halt;                ///< the first line of what ended the boot
    bool operator==(const Verdict&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Verdict& verdict) {
    for (const auto& line : verdict.found) out << "\n  " << line;
    return out << "\n  halt: " << verdict.halt;
}

std::string file(const std::filesystem::path& path) {
    std::ostringstream text;
    text << std::ifstream{path, std::ios::binary}.rdbuf();
    return text.str();
}

/// As a terminal shows it.
std::string on_a_terminal(const std::string& log) {
    std::string shown;
    for (const char c : log) {
        if (c == '\n') shown += '\r';
        shown += c;
    }
    return shown;
}

/// Without the blanks before it, as LAVA's were written down.
std::string first_line(const std::string& text) {
    const auto begin = std::min(text.find_first_not_of(' '), text.size());
    return text.substr(begin, text.find_first_of("\r\n", begin) - begin);
}

/// `piece`: bytes that come at once.
Verdict ours(const std::string& log, std::size_t piece) {
    KernelMessages messages{{{"no shell will show this"}, "", "", false}};
    Matcher matcher;
    Verdict verdict;
    for (std::size_t at = 0; at < log.size() && verdict.halt.empty(); at += piece) {
        matcher.feed(std::string_view{log}.substr(at, piece));
        while (verdict.halt.empty()) {
            const auto match = matcher.search(messages.patterns());
            if (!match) break;
            const auto step = messages.feed(*match);
            if (step.next != Next::wait) verdict.halt = first_line(step.error);
        }
    }
    if (!verdict.halt.empty()) return verdict;  // what came before a panic was not written down
    for (const auto& [kind, message] : messages.entries()) {
        const auto lines = 1 + std::count(message.begin(), message.end(), '\n');
        verdict.found.push_back(kind + ", " + std::to_string(lines) + ", " + first_line(message));
    }
    return verdict;
}

Verdict lavas(const config::Value& record) {
    Verdict verdict;
    if (const auto* halt = record.find("halt"); halt && halt->as_string()) verdict.halt = *halt->as_string();
    const auto* found = record.find("found");
    if (!found || !found->as_list()) return verdict;
    for (const auto& one : *found->as_list()) {
        verdict.found.push_back(config::python_str(*one.find("kind")) + ", " + config::python_str(*one.find("lines")) +
                                ", " + config::python_str(*one.find("first_line")));
    }
    return verdict;
}

TEST(RecordedKernels, AreJudgedAsByLava) {
    const char* corpus = std::getenv("PATCHBAY_CORPUS");
    if (!corpus) GTEST_SKIP() << "PATCHBAY_CORPUS is not set: no logs of real kernels to read";
    const auto logs = std::filesystem::path{corpus} / "logs";
    const auto records = config::parse_json(file(logs / "lava_kernel_messages.json"));
    ASSERT_TRUE(records.as_map());
    std::size_t judged = 0;
    for (const auto& [key, record] : *records.as_map()) {
        const auto name = config::python_str(key);
        const auto log = on_a_terminal(file(logs / name));
        EXPECT_EQ(ours(log, 4096), lavas(record)) << name;
        EXPECT_EQ(ours(log, 61), lavas(record)) << name << " in small pieces";
        ++judged;
    }
    EXPECT_GE(judged, 20u);
}

}  // namespace
}  // namespace patchbay
