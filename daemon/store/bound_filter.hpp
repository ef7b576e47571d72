// SPDX-License-Identifier: Apache-2.0
#pragma once
// A WHERE clause made from filters, with the values of its parameters $1, $2, ... in order.

#include <string>
#include <vector>

#include "daemon/store/database.hpp"
#include "daemon/store/query.hpp"

namespace patchbay {

struct BoundFilter {
    std::string where = "1";
    std::vector<FilterValue> values;

    /// Number of the next free parameter.
    int next() const { return static_cast<int>(values.size()) + 1; }

    /// Binds one more value; where it stands: "$3".
    std::string parameter(FilterValue value);
    void add(const std::vector<Condition>& conditions);
    /// `sql` uses this clause; the values are bound.
    StatementHandle prepare(Database& db, const std::string& sql) const;
    /// The same, with " LIMIT ... OFFSET ..." of the query behind it.
    StatementHandle page(Database& db, const std::string& sql, const Query& query) const;
};

}  // namespace patchbay
