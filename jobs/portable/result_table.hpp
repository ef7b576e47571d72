// SPDX-License-Identifier: Apache-2.0
#pragma once
// The results of one portable job on several device types, side by side.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "jobs/portable/expectations.hpp"

namespace patchbay {

/// One job of the set.
struct ResultColumn {
    std::string device_type;                                  ///< the recipe's name
    std::string job;                                          ///< its id
    std::string state;                                        ///< "finished" and what LAVA calls the others
    std::string health;                                       ///< "complete", "incomplete", "canceled", "unknown"
    std::map<std::string, std::string, std::less<>> results;  ///< by "suite/case"
    std::vector<std::string> earlier{};  ///< ids of the jobs that it is a further attempt of, the first one first
};

struct ResultCell {
    std::string result;  ///< empty: it did not run there
    std::optional<ResultMark> mark;
};

struct ResultRow {
    std::string test;
    std::vector<ResultCell> cells;  ///< one for each column
    bool equal = true;              ///< the same result everywhere
};

/// A row for each test that ran somewhere or was expected, in the order of the names. While a job is not finished
/// nothing of it is missing yet.
std::vector<ResultRow> result_table(const std::vector<ResultColumn>& columns, const Expectations& expected);

/// Of two results of one test, whatever their order: fail, unknown, skip, pass. "" is none.
std::string worse_result(const std::string& a, const std::string& b);

/// "smoke" of "0_smoke": the number only tells where the definition stands in its job.
std::string plain_suite(std::string_view suite);

}  // namespace patchbay
