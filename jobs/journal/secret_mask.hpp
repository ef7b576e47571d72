// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/config/value.hpp"

namespace patchbay {

/// Texts that must never appear in a log; each is replaced by [MASKED].
class SecretMask {
public:
    SecretMask() = default;
    explicit SecretMask(std::vector<std::string> secrets);

    /// `text` without them; valid until the next call.
    std::string_view masked(std::string_view text);
    /// The same of every text in it, but for the keys of maps.
    config::Value masked_value(config::Value value);
    /// Of a result all but its names and its verdict.
    config::Map masked_result(config::Map result);

private:
    std::vector<std::string> secrets_;
    std::string masked_;
};

}  // namespace patchbay
