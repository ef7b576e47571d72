// SPDX-License-Identifier: Apache-2.0
#pragma once
// A job as its worker gets it, and what no log of it may show.

#include <map>
#include <string>
#include <vector>

#include "daemon/store/database.hpp"
#include "daemon/supervise/artifact_tokens.hpp"

namespace patchbay {

struct SecretJob {
    std::string definition;                     ///< as stored
    std::map<std::string, std::string> tokens;  ///< its submitter's, for artifacts: values by name

    /// With the tokens in it.
    FilledDefinition filled() const { return fill_tokens(definition, tokens); }
    /// The values of its `secrets` and of the tokens that it uses.
    std::vector<std::string> secrets() const;
};

/// Empty for a job that is not there. Throws: StoreError.
SecretJob secret_job(Database& db, JobId job);

}  // namespace patchbay
