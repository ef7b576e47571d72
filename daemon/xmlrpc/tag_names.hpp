// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/config/value.hpp"
#include "daemon/store/devices.hpp"

namespace patchbay::rpc {

inline config::List tag_names(const std::vector<TagId>& tags, Database& db) {
    config::List names;
    for (const auto id : tags) {
        if (const auto tag = Devices{db}.tag(id)) names.emplace_back(tag->name);
    }
    return names;
}

}  // namespace patchbay::rpc
