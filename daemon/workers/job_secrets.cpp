// SPDX-License-Identifier: Apache-2.0
#include "daemon/workers/job_secrets.hpp"

#include "core/config/yaml.hpp"
#include "daemon/store/jobs.hpp"
#include "daemon/store/remote_tokens.hpp"

namespace patchbay {

std::vector<std::string> SecretJob::secrets() const {
    auto secrets = filled().used;
    // Most jobs have none, and are not read for it.
    if (definition.find("secrets") == std::string::npos) return secrets;
    try {
        const auto document = config::parse_yaml(definition);
        const auto* values = document.find("secrets");
        if (!values || !values->is_map()) return secrets;
        for (const auto& entry : *values->as_map()) secrets.push_back(config::text_or_empty(&entry.value));
    } catch (const config::YamlError&) {  // its runner says so
    }
    return secrets;
}

SecretJob secret_job(Database& db, JobId job) {
    const auto row = Jobs{db}.find(job);
    const auto submitter = Jobs{db}.submitter(job);
    if (!row || !submitter) return {};
    return {row->definition, RemoteTokens{db}.values(*submitter)};
}

}  // namespace patchbay
