// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/database.hpp"

#include <spdlog/spdlog.h>

#include "daemon/store/migrations.hpp"

namespace patchbay {

Transaction::~Transaction() {
    if (done_) return;
    try {
        db_.execute("ROLLBACK");
    } catch (const std::exception& error) {
        // The engine rolls back by itself after some failures (disk full); then there is nothing left to undo.
        spdlog::debug("rollback found no transaction error={}", error.what());
    }
}

void migrate(Database& db, const std::string& file) {
    db.execute("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)");
    const auto steps = migrations();
    for (;;) {
        // Read inside the transaction: another process may be migrating the same file.
        Transaction transaction{db};
        auto current = db.run("SELECT MAX(version) FROM schema_version");
        current->step();
        const auto version = current->integer(0);  // NULL reads as 0
        current.reset();
        if (version > static_cast<std::int64_t>(steps.size()))
            throw ConfigurationError{file + ": written by a newer patchbayd (schema " + std::to_string(version) +
                                     ", this one knows " + std::to_string(steps.size()) + "); start that version"};
        if (version == static_cast<std::int64_t>(steps.size())) return;
        db.execute(steps[static_cast<std::size_t>(version)]);
        db.change("INSERT INTO schema_version VALUES ($1)", version + 1);
        transaction.commit();
    }
}

}  // namespace patchbay
