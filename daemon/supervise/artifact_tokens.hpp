// SPDX-License-Identifier: Apache-2.0
#pragma once
// A job as its runner gets it: with the values of the submitter's remote artifact tokens where its definition has their
// names (lava_scheduler_app/views.py). Pure.

#include <map>
#include <string>
#include <vector>

namespace patchbay {

struct FilledDefinition {
    std::string text;
    std::vector<std::string> used;  ///< the values that are in it now: no log may show them
};

/// `tokens`: values by name. Names are replaced in the values of `secrets`, and, inside `deploy` and `test` actions at
/// any depth, in the values of a `headers` map beside a `url`, or beside `from: url` and a `repository`. A definition
/// in which nothing is replaced stays as it is, to the byte.
FilledDefinition fill_tokens(std::string definition, const std::map<std::string, std::string>& tokens);

}  // namespace patchbay
