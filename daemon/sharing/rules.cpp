// SPDX-License-Identifier: Apache-2.0
#include "daemon/sharing/rules.hpp"

#include <algorithm>

namespace patchbay {
namespace {

bool has(const std::vector<std::string>& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

TypeLimits SharingRule::limits_on(std::string_view device_type) const {
    auto all = limits;
    const auto known = device_types.find(device_type);
    if (known == device_types.end()) return all;
    const auto& special = known->second;
    if (special.max_running) all.max_running = special.max_running;
    if (special.max_share) all.max_share = special.max_share;
    if (special.keep_free) all.keep_free = special.keep_free;
    if (special.hours) all.hours = special.hours;
    return all;
}

std::optional<OpeningHours> SharingRule::hours_on(std::string_view device_type, std::string_view device) const {
    if (const auto own = devices.find(device); own != devices.end()) return own->second;
    if (const auto type = device_types.find(device_type); type != device_types.end() && type->second.hours)
        return type->second.hours;
    return limits.hours;
}

const SharingRule* SharingRules::rule_for(std::string_view user, std::span<const std::string> groups) const {
    for (const auto& rule : rules) {
        const bool by_group =
            std::any_of(groups.begin(), groups.end(), [&](const auto& group) { return has(rule.groups, group); });
        if (by_group || has(rule.users, user) || has(rule.users, "*")) return &rule;
    }
    return nullptr;
}

bool SharingRules::spans_types() const {
    return std::any_of(rules.begin(), rules.end(), [](const auto& rule) { return rule.max_running.has_value(); });
}

bool SharingRules::any_preemptible() const {
    return std::any_of(rules.begin(), rules.end(), [](const auto& rule) { return rule.preemptible.has_value(); });
}

}  // namespace patchbay
