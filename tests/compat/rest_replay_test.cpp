// SPDX-License-Identifier: Apache-2.0
// The REST exchanges of a recorded LAVA 2023.01, sent again: status, content type, file name, allowed methods, fields
// with their order and types, and every text are the same, but for what differences.cpp names with its reason.
#include <fnmatch.h>
#include <gtest/gtest.h>

#include <iostream>
#include <map>

#include "tests/compat/differences.hpp"
#include "tests/compat/recorded_lab.hpp"

namespace patchbay {
namespace {

using namespace testing;

bool fits(std::string_view pattern, const std::string& text) {
    return ::fnmatch(std::string{pattern}.c_str(), text.c_str(), 0) == 0;
}

class RestReplay : public ::testing::TestWithParam<std::string> {
protected:
    /// nullptr: nobody meant this to differ.
    const Difference* meant(const std::string& name, const Finding& finding) {
        for (const auto& difference : differences()) {
            if (!fits(difference.where, name) || !fits(difference.what, finding.what)) continue;
            ++used_[&difference];
            return &difference;
        }
        return nullptr;
    }

    void print(int exchanges, int same) {
        std::cout << GetParam() << ": " << same << " of " << exchanges
                  << " exchanges are as recorded, but for what differs everywhere\n";
        for (const auto& difference : differences()) {
            if (!difference.where.starts_with(GetParam() + "/") && !used_.contains(&difference)) continue;
            EXPECT_TRUE(used_.contains(&difference) || difference.where.starts_with("*"))
                << difference.where << " " << difference.what << " is in the table but does not differ any more";
            std::cout << "  on purpose: " << difference.where << " " << difference.what << " (" << used_[&difference]
                      << "): " << difference.reason << "\n";
        }
    }

    std::map<const Difference*, int> used_;
};

TEST_P(RestReplay, IsAnsweredAsRecorded) {
    RecordedLab recorded{GetParam()};
    const auto exchanges = read_exchanges(GetParam());
    ASSERT_FALSE(exchanges.empty());
    int same = 0;
    for (const auto& exchange : exchanges) {
        SCOPED_TRACE(exchange.name + " " + exchange.method + " " + exchange.target);
        const auto findings = compare(exchange, recorded.replay(exchange));
        bool as_recorded = true;
        for (const auto& finding : findings) {
            const auto* difference = meant(exchange.name, finding);
            as_recorded = as_recorded && difference && difference->where == "*";
            if (!difference)
                ADD_FAILURE() << finding.what << "\n  ours:     " << finding.ours.substr(0, 400)
                              << "\n  recorded: " << finding.recorded.substr(0, 400);
        }
        same += as_recorded;
    }
    print(static_cast<int>(exchanges.size()), same);
}

INSTANTIATE_TEST_SUITE_P(Lava202301, RestReplay,
                         ::testing::Values("a-shell", "a2-raise", "b-boot-timeout", "b2-panic", "b3-missing-image",
                                           "b4-job-timeout", "b5-boot-retry", "b6-lavabug", "c-invalid",
                                           "d-interactive", "d2-interactive-ok", "e-monitors", "errors", "f-cancel",
                                           "f2-cancel-queued", "g-multinode", "h-health", "j-notify", "k-git-url",
                                           "l-auto-login", "objects"),
                         [](const auto& param) {
                             std::string name;
                             for (const char c : param.param) name += c == '-' ? '_' : c;
                             return name;
                         });

}  // namespace
}  // namespace patchbay
