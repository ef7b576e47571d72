// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <type_traits>
#include <utility>

#include "daemon/store/audit.hpp"
#include "daemon/store/store.hpp"

namespace patchbay {

/// Runs `change(Database&)` and records the deed in the same transaction; what throws is not recorded, nor what says by
/// `false` that there was nothing to do. Name `change` before the co_await. Otherwise as Store::write.
template <class Change>
Task<std::invoke_result_t<Change&, Database&>> write_audited(Store& store, Deed deed, Change change) {
    auto work = [deed = std::move(deed), change = std::move(change)](Database& db) {
        using Result = std::invoke_result_t<const Change&, Database&>;
        if constexpr (std::is_void_v<Result>) {
            change(db);
            Audit{db}.record(deed, wall_now());
        } else {
            auto result = change(db);
            bool done = true;
            if constexpr (std::is_same_v<Result, bool>) done = result;
            if (done) Audit{db}.record(deed, wall_now());
            return result;
        }
    };
    co_return co_await store.write(std::move(work));
}

}  // namespace patchbay
