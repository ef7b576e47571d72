// SPDX-License-Identifier: Apache-2.0
#pragma once
// Where a read runs: what is quick on the io thread, what may take long on a worker.

#include <string>
#include <type_traits>
#include <utility>

#include "daemon/api/call.hpp"
#include "daemon/store/snapshot.hpp"
#include "daemon/store/store.hpp"

namespace patchbay {

enum class Cost {
    point,  ///< by primary key, or a page out of an index
    scan,   ///< a filter without an index, or everything of a job
};

/// Runs `fn(Database&)`, which sees the store of one moment. Name `fn` before the co_await.
template <class Fn>
Task<std::invoke_result_t<Fn&, Database&>> read_store(Services& lab, Cost cost, Fn fn) {
    auto read = [fn = std::move(fn)](Database& db) mutable {
        const Snapshot snapshot{db};
        return fn(db);
    };
    if (cost == Cost::point) co_return read(lab.store.reader());
    co_return co_await lab.store.read_on_worker(std::move(read));
}

}  // namespace patchbay
