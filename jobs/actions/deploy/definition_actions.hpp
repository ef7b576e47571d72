// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "jobs/actions/action.hpp"
#include "jobs/overlay/test_definition.hpp"

namespace patchbay {

/// One entry of a test action's `definitions`, and the test action's place among those of the namespace.
struct DefinitionPlan {
    TestDefinitionSource source;
    int stage = 0;
};

/// Throws: JobError, an entry is not usable.
std::vector<DefinitionPlan> plan_definitions(const Definition& definition, const std::string& ns);

/// <kind>-repo-action, test-overlay, test-install-overlay, test-runscript-overlay.
void add_definition_actions(Action& parent, const DefinitionPlan& plan);

}  // namespace patchbay
