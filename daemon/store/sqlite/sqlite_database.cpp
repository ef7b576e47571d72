// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/sqlite/sqlite_database.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <sqlite3.h>

#include <unordered_map>

namespace patchbay {
namespace {

// Lists build their SQL from filters; a client that tries every combination must not fill the memory.
constexpr std::size_t most_cached_statements = 256;

[[noreturn]] void fail(const std::string& what, const SQLite::Exception& error) {
    const int code = error.getErrorCode();
    if (code == SQLITE_CONSTRAINT || code == SQLITE_ERROR || code == SQLITE_MISMATCH || code == SQLITE_TOOBIG ||
        code == SQLITE_RANGE || code == SQLITE_MISUSE)
        throw RefusedError{what + ": " + error.what()};
    throw StoreError{what + ": " + error.what()};
}

class SqliteStatement final : public Statement {
public:
    SqliteStatement(SQLite::Database& db, const std::string& sql) : statement_{db, sql} {}

    void bind(int parameter, std::int64_t value) override {
        attempt([&] { statement_.bind(parameter, value); });
    }
    void bind(int parameter, std::string_view text) override {
        attempt([&] { statement_.bind(parameter, std::string{text}); });
    }
    void bind_blob(int parameter, std::string_view bytes) override {
        attempt([&] { statement_.bind(parameter, bytes.data(), static_cast<int>(bytes.size())); });
    }
    void bind_null(int parameter) override {
        attempt([&] { statement_.bind(parameter); });
    }
    bool step() override {
        bool row = false;
        attempt([&] { row = statement_.executeStep(); });
        return row;
    }
    bool is_null(int column) const override { return statement_.getColumn(column).isNull(); }
    std::int64_t integer(int column) const override { return statement_.getColumn(column).getInt64(); }
    std::string_view text(int column) const override {
        const auto value = statement_.getColumn(column);
        const char* text = value.getText("");
        return {text, static_cast<std::size_t>(value.getBytes())};
    }
    std::string_view blob(int column) const override {
        const auto value = statement_.getColumn(column);
        const auto* bytes = static_cast<const char*>(value.getBlob());
        return {bytes ? bytes : "", static_cast<std::size_t>(value.getBytes())};
    }
    void release() noexcept override {
        if (!cached) {
            delete this;
            return;
        }
        statement_.tryReset();
        try {
            statement_.clearBindings();
        } catch (const SQLite::Exception&) {
            // Bindings are overwritten by the next use; nothing depends on their being cleared.
        }
        in_use = false;
    }

    bool cached = true;
    bool in_use = true;

private:
    template <class F>
    void attempt(F call) {
        try {
            call();
        } catch (const SQLite::Exception& error) {
            fail("store: " + statement_.getQuery().substr(0, 60), error);
        }
    }

    mutable SQLite::Statement statement_;
};

class SqliteDatabase final : public Database {
public:
    SqliteDatabase(const std::filesystem::path& file, int flags) : db_{file.string(), flags, 10'000} {}

    StatementHandle prepare(std::string_view sql) override {
        try {
            if (const auto found = cache_.find(std::string{sql}); found != cache_.end()) {
                if (!found->second->in_use) {
                    found->second->in_use = true;
                    return StatementHandle{found->second.get()};
                }
                return uncached(sql);  // its other user is still reading rows
            }
            if (cache_.size() >= most_cached_statements)
                std::erase_if(cache_, [](const auto& entry) { return !entry.second->in_use; });
            auto made = std::make_unique<SqliteStatement>(db_, std::string{sql});
            auto* statement = made.get();
            cache_.emplace(sql, std::move(made));
            return StatementHandle{statement};
        } catch (const SQLite::Exception& error) {
            fail("store: cannot prepare: " + std::string{sql.substr(0, 200)}, error);
        }
    }

    void execute(std::string_view sql) override {
        try {
            db_.exec(std::string{sql});
        } catch (const SQLite::Exception& error) {
            fail("store: " + std::string{sql.substr(0, 60)}, error);
        }
    }
    std::int64_t changes() const override { return sqlite3_changes64(db_.getHandle()); }
    std::int64_t last_id() const override { return db_.getLastInsertRowid(); }
    std::int64_t version() override {
        auto row = prepare("PRAGMA data_version");
        row->step();
        return row->integer(0);
    }
    Size size() override {
        const auto number = [this](std::string_view sql) {
            auto row = prepare(sql);
            row->step();
            return row->integer(0);
        };
        const auto page = number("PRAGMA page_size");
        return {number("PRAGMA page_count") * page, number("PRAGMA freelist_count") * page};
    }

private:
    StatementHandle uncached(std::string_view sql) {
        auto statement = std::make_unique<SqliteStatement>(db_, std::string{sql});
        statement->cached = false;
        return StatementHandle{statement.release()};
    }

    mutable SQLite::Database db_;
    std::unordered_map<std::string, std::unique_ptr<SqliteStatement>> cache_;
};

}  // namespace

std::unique_ptr<Database> open_sqlite(const std::filesystem::path& file, SqliteAccess access) {
    // Nobody asks how much memory it has, and counting takes a mutex at each allocation: a tenth of a decision's time.
    [[maybe_unused]] static const int uncounted = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    try {
        // Each connection belongs to one thread at a time: SQLite's own mutexes would only cost.
        const int flags = SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX |
                          (access == SqliteAccess::read_write ? SQLite::OPEN_CREATE : 0);
        auto db = std::make_unique<SqliteDatabase>(file, flags);
        db->execute(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA temp_store = "
            "MEMORY");
        // A reader that opened the file read-only could not make the WAL index; so it only promises not to write.
        if (access == SqliteAccess::read_only) db->execute("PRAGMA query_only = ON");
        return db;
    } catch (const SQLite::Exception& error) {
        throw StoreError{"store " + file.string() + ": cannot be opened: " + error.what()};
    }
}

}  // namespace patchbay
