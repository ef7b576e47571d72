// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/bound_filter.hpp"

#include <iterator>

namespace patchbay {

std::string BoundFilter::parameter(FilterValue value) {
    values.push_back(std::move(value));
    return "$" + std::to_string(values.size());
}

void BoundFilter::add(const std::vector<Condition>& conditions) {
    auto sql = filter_sql(conditions, next());
    where += sql.where;
    values.insert(values.end(), std::make_move_iterator(sql.values.begin()), std::make_move_iterator(sql.values.end()));
}

StatementHandle BoundFilter::prepare(Database& db, const std::string& sql) const {
    auto statement = db.prepare(sql);
    int parameter = 0;
    for (const auto& value : values) {
        ++parameter;
        if (const auto* text = std::get_if<std::string>(&value)) {
            statement->bind(parameter, std::string_view{*text});
        } else {
            statement->bind(parameter, std::get<std::int64_t>(value));
        }
    }
    return statement;
}

StatementHandle BoundFilter::page(Database& db, const std::string& sql, const Query& query) const {
    auto statement = prepare(db, sql + " LIMIT $" + std::to_string(next()) + " OFFSET $" + std::to_string(next() + 1));
    statement->bind(next(), query.limit);
    statement->bind(next() + 1, query.offset);
    return statement;
}

}  // namespace patchbay
