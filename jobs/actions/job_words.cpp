// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/job_words.hpp"

#include "core/errors.hpp"
#include "core/process/words.hpp"

namespace patchbay {

std::vector<std::string> job_words(std::string_view key, std::string_view text) {
    try {
        return split_words(text);
    } catch (const ConfigurationError& error) {
        throw JobError{"'" + std::string{key} + "': " + error.what()};
    }
}

}  // namespace patchbay
