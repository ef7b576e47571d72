// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>

#include "daemon/store/database.hpp"

namespace patchbay {

enum class SqliteAccess { read_write, read_only };

/// A connection to the SQLite file (made when it is not there): WAL, every commit on the disk before it returns,
/// foreign keys checked, up to 10 s of patience with another writer. Throws: StoreError.
std::unique_ptr<Database> open_sqlite(const std::filesystem::path& file, SqliteAccess access);

}  // namespace patchbay
