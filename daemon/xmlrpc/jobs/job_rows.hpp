// SPDX-License-Identifier: Apache-2.0
#pragma once
// Jobs of a query as an array, newest first.

#include <string_view>
#include <utility>
#include <vector>

#include "daemon/api/read.hpp"
#include "daemon/store/jobs.hpp"
#include "daemon/xmlrpc/rpc_call.hpp"

namespace patchbay::rpc {

// Where LAVA has no bound.
constexpr std::int64_t most_jobs = 1000;

/// `filter`: as in the URL of a list of jobs.
inline void add_condition(Query& query, std::string_view filter, std::vector<FilterValue> values) {
    const auto found = *find_filter(QueryList::jobs, filter);
    query.conditions.push_back({found.field, found.lookup, std::move(values), found.negate, {}});
}

/// What `item(JobRow, Database&)` makes of each job that the caller may see.
template <class Item>
Task<config::Value> job_rows(RpcCall& call, Query query, Item item) {
    auto viewer = call.viewer();
    const auto cost = Jobs::is_cheap(query, viewer) ? Cost::point : Cost::scan;
    auto read = [query = std::move(query), viewer = std::move(viewer), item](Database& db) {
        config::List rows;
        for (const auto& job : Jobs{db}.list(query, viewer)) rows.emplace_back(item(job, db));
        return rows;
    };
    co_return co_await read_store(call.lab, cost, std::move(read));
}

}  // namespace patchbay::rpc
