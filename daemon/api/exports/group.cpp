// SPDX-License-Identifier: Apache-2.0
#include <map>

#include "daemon/api/exports/exports.hpp"

namespace patchbay {

std::vector<std::vector<const CaseRow*>> by_suite(const std::vector<CaseRow>& rows) {
    std::map<std::int64_t, std::vector<const CaseRow*>> suites;
    for (const auto& row : rows) suites[row.suite.value].push_back(&row);
    std::vector<std::vector<const CaseRow*>> out;
    for (auto& [id, cases] : suites) out.push_back(std::move(cases));
    return out;
}

}  // namespace patchbay
