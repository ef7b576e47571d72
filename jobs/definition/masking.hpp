// SPDX-License-Identifier: Apache-2.0
#pragma once
// What people read of a job who may not see its secrets.

#include <optional>
#include <string>
#include <string_view>

#include "core/config/value.hpp"

namespace patchbay {

/// A look at a definition as the daemon dumps it, which has no escapes in its keys. False: no text of its job, however
/// that is written, has secrets.
bool may_have_secrets(std::string_view dumped);

/// The job as a text, keys sorted, with "[MASKED]" for every value below `secrets`. nullopt: there are none, and
/// anybody may read the text that it was made of.
std::optional<std::string> masked_job(config::Value job);

/// The same of a text; takes as long as parsing it. Of one that is no YAML, and that nothing can be told of, "".
std::optional<std::string> masked_text(const std::string& job);

}  // namespace patchbay
