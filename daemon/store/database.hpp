// SPDX-License-Identifier: Apache-2.0
#pragma once
// The little that the store asks of a database engine. SQL is written with $1, $2, ... in the order of their first
// appearance, and with RETURNING and ON CONFLICT, so that one text serves every engine.

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/clock.hpp"
#include "core/errors.hpp"
#include "core/ids.hpp"

namespace patchbay {

/// The database refused or failed: disk full, file gone, broken constraint. The text carries the engine's words.
struct StoreError : InfrastructureError {
    using InfrastructureError::InfrastructureError;
};

/// The same statement would fail again: a broken constraint, wrong SQL.
struct RefusedError : StoreError {
    using StoreError::StoreError;
};

/// One prepared statement. Parameters count from 1, columns from 0.
class Statement {
public:
    virtual ~Statement() = default;

    virtual void bind(int parameter, std::int64_t value) = 0;
    virtual void bind(int parameter, std::string_view text) = 0;
    virtual void bind_blob(int parameter, std::string_view bytes) = 0;
    virtual void bind_null(int parameter) = 0;

    /// The next row; false after the last one. Throws: StoreError.
    virtual bool step() = 0;

    virtual bool is_null(int column) const = 0;
    virtual std::int64_t integer(int column) const = 0;
    /// Valid until the next step().
    virtual std::string_view text(int column) const = 0;
    virtual std::string_view blob(int column) const = 0;

    /// Makes it ready for the next use; called by StatementHandle.
    virtual void release() noexcept = 0;
};

/// Gives the statement back to the cache of its connection when it leaves scope.
struct ReleaseStatement {
    void operator()(Statement* statement) const noexcept { statement->release(); }
};
using StatementHandle = std::unique_ptr<Statement, ReleaseStatement>;

/// One connection. Not thread-safe: each belongs to one thread at a time.
class Database {
public:
    virtual ~Database() = default;

    /// From the connection's cache. Throws: StoreError when the SQL is wrong.
    virtual StatementHandle prepare(std::string_view sql) = 0;
    /// Runs one or several statements without parameters.
    virtual void execute(std::string_view sql) = 0;
    /// Rows changed by the last INSERT, UPDATE or DELETE.
    virtual std::int64_t changes() const = 0;
    virtual std::int64_t last_id() const = 0;
    /// Another number after other connections have changed something.
    virtual std::int64_t version() = 0;
    /// Of the file without its write-ahead log; `unused` is room inside it that the next rows take.
    struct Size {
        std::int64_t bytes = 0;
        std::int64_t unused = 0;
    };
    virtual Size size() = 0;

    /// prepare() and bind the arguments in order.
    template <class... Args>
    StatementHandle run(std::string_view sql, const Args&... args) {
        auto statement = prepare(sql);
        int parameter = 0;
        (bind_one(*statement, ++parameter, args), ...);
        return statement;
    }

    /// Runs a statement to its end; returns the number of rows it changed.
    template <class... Args>
    std::int64_t change(std::string_view sql, const Args&... args) {
        auto statement = run(sql, args...);
        while (statement->step()) {
        }
        return changes();
    }

    template <class T>
    static void bind_one(Statement& statement, int parameter, const T& value) {
        if constexpr (std::is_same_v<T, std::nullopt_t>) {
            statement.bind_null(parameter);
        } else if constexpr (requires { value.has_value(); }) {
            if (value) {
                bind_one(statement, parameter, *value);
            } else {
                statement.bind_null(parameter);
            }
        } else if constexpr (requires { value.time_since_epoch(); }) {
            statement.bind(parameter, std::int64_t{value.time_since_epoch().count()});
        } else if constexpr (std::is_enum_v<T> || std::is_integral_v<T>) {
            statement.bind(parameter, static_cast<std::int64_t>(value));
        } else if constexpr (requires { std::int64_t{value.value}; }) {
            statement.bind(parameter, value.value);
        } else {
            statement.bind(parameter, std::string_view{value});
        }
    }
};

/// BEGIN ... COMMIT; rolls back unless commit() was called.
class Transaction {
public:
    explicit Transaction(Database& db) : db_{db} { db_.execute("BEGIN IMMEDIATE"); }
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    void commit() {
        db_.execute("COMMIT");
        done_ = true;
    }

private:
    Database& db_;
    bool done_ = false;
};

inline WallTime time_of(std::int64_t microseconds) { return WallTime{std::chrono::microseconds{microseconds}}; }
inline std::optional<WallTime> maybe_time(const Statement& row, int column) {
    if (row.is_null(column)) return std::nullopt;
    return time_of(row.integer(column));
}
inline std::optional<std::string> maybe_text(const Statement& row, int column) {
    if (row.is_null(column)) return std::nullopt;
    return std::string{row.text(column)};
}
inline std::optional<std::int64_t> maybe_integer(const Statement& row, int column) {
    if (row.is_null(column)) return std::nullopt;
    return row.integer(column);
}

}  // namespace patchbay
