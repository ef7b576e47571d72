// SPDX-License-Identifier: Apache-2.0
#include "jobs/journal/secret_mask.hpp"

#include <algorithm>
#include <array>

namespace patchbay {
namespace {

/// Keys of a result without which it is none: a secret such as `1` or `pass` is no secret there.
bool names_or_judges(const config::Value& key) {
    constexpr std::array<std::string_view, 7> keys{"definition", "case",     "set",       "level",
                                                   "result",     "duration", "error_type"};
    return std::find(keys.begin(), keys.end(), config::text_or_empty(&key)) != keys.end();
}

}  // namespace

SecretMask::SecretMask(std::vector<std::string> secrets) : secrets_{std::move(secrets)} {
    std::erase_if(secrets_, [](const std::string& secret) { return secret.empty(); });
    // The longest first: one secret may hold another.
    std::sort(secrets_.begin(), secrets_.end(), [](const auto& a, const auto& b) { return a.size() > b.size(); });
}

std::string_view SecretMask::masked(std::string_view text) {
    const bool clean = std::none_of(secrets_.begin(), secrets_.end(), [text](const std::string& secret) {
        return text.find(secret) != std::string_view::npos;
    });
    if (clean) return text;
    masked_ = text;
    for (const auto& secret : secrets_) {
        for (auto at = masked_.find(secret); at != std::string::npos; at = masked_.find(secret, at)) {
            masked_.replace(at, secret.size(), "[MASKED]");
            at += 8;
        }
    }
    return masked_;
}

config::Value SecretMask::masked_value(config::Value value) {
    if (secrets_.empty()) return value;
    if (const auto* text = value.as_string()) return std::string{masked(*text)};
    if (auto* list = value.as_list()) {
        for (auto& item : *list) item = masked_value(std::move(item));
    } else if (auto* map = value.as_map()) {
        for (auto& entry : *map) entry.value = masked_value(std::move(entry.value));
    }
    return value;
}

config::Map SecretMask::masked_result(config::Map result) {
    for (auto& entry : result) {
        if (!names_or_judges(entry.key)) entry.value = masked_value(std::move(entry.value));
    }
    return result;
}

}  // namespace patchbay
