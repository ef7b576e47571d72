// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace patchbay {

/// There is no event socket yet; clients read the keys and respect EVENT_NOTIFICATION.
constexpr std::string_view master_config_json =
    R"({"EVENT_TOPIC":"org.lavasoftware","EVENT_SOCKET":"","EVENT_NOTIFICATION":false,"LOG_SIZE_LIMIT":5})";

}  // namespace patchbay
