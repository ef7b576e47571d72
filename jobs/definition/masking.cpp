// SPDX-License-Identifier: Apache-2.0
#include "jobs/definition/masking.hpp"

#include "core/config/yaml.hpp"

namespace patchbay {
namespace {

constexpr std::string_view secrets_key = "secrets";

}  // namespace

bool may_have_secrets(std::string_view dumped) { return dumped.find(secrets_key) != dumped.npos; }

std::optional<std::string> masked_job(config::Value job) {
    const config::Value masked{"[MASKED]"};
    auto* map = job.as_map();
    auto* secrets = map ? map->find(secrets_key) : nullptr;
    if (!secrets) return std::nullopt;
    if (auto* values = secrets->as_map()) {
        for (auto& entry : *values) entry.value = masked;
    } else {
        *secrets = masked;
    }
    return config::dump_yaml(job, config::KeyOrder::sorted);
}

std::optional<std::string> masked_text(const std::string& job) {
    try {
        return masked_job(config::parse_yaml(job));
    } catch (const config::YamlError&) {
        return "";
    }
}

}  // namespace patchbay
