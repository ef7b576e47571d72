// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace patchbay {

/// split_words() of a text of the job, which calls it `key`.
/// Throws: JobError, a quote is not closed.
std::vector<std::string> job_words(std::string_view key, std::string_view text);

}  // namespace patchbay
