// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include "daemon/store/audit.hpp"
#include "daemon/store/store.hpp"

namespace patchbay {

/// Runs `change(Database&)` and records the deed in the same transaction; what throws is not recorded.
/// Name `change` before the co_await. Otherwise as Store::write.
template <class Change>
Task<std::invoke_result_t<Change&, Database&>> write_audited(Store& store, Deed deed, Change change) {
    auto work = [deed = std::move(deed), change = std::move(change)](Database& db) {
        Audit{db}.record(deed, wall_now());
        return change(db);
    };
    co_return co_await store.write(std::move(work));
}

}  // namespace patchbay
