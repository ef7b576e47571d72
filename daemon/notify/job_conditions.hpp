// SPDX-License-Identifier: Apache-2.0
#pragma once
// Conditions on jobs as LAVA's queries write them (lava_results_app/models.py, QueryCondition): what `dependency_query`
// and `compare` of a definition are made of. Pure.

#include <string_view>
#include <vector>

#include "daemon/store/query.hpp"

namespace patchbay {

/// "testjob__submitter__exact__alice,testjob__health__ne__Incomplete,namedtestattribute__branch__exact__main".
/// Throws: JobError naming the condition that means nothing here.
std::vector<Condition> parse_job_conditions(std::string_view text);

}  // namespace patchbay
