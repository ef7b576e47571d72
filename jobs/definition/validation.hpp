// SPDX-License-Identifier: Apache-2.0
#pragma once
// What LAVA's "validate" says about a job or a test definition file: a report, no refusal. It looks at everything, and
// is neither a part of the gate (submission.hpp) nor stricter than it in all things.

#include <optional>
#include <string>
#include <vector>

#include "core/config/value.hpp"

namespace patchbay {

/// Unknown keys are ignored, or refused wherever they are.
enum class Strictness { lenient, strict };

struct ValidationProblem {
    std::string message;
    std::string path;  ///< a Python list: "['timeouts', 'job']"
    /// "required key not provided @ ['actions']".
    std::string text() const { return message + " @ " + path; }
};

std::optional<ValidationProblem> validate_job(const config::Value& job, Strictness strictness);

/// "expected str @ data['run']['steps'][0]", or nothing.
std::optional<std::string> validate_test_definition(const config::Value& definition);

}  // namespace patchbay
