// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <spdlog/spdlog.h>

#include "daemon/store/database.hpp"

namespace patchbay {

/// While it lives, what is read through the connection is of one moment; and the engine locks the file once, and not
/// for each of many statements. Not across a co_await: others use the connection meanwhile.
class Snapshot {
public:
    explicit Snapshot(Database& db) : db_{db} { db_.change("BEGIN"); }
    ~Snapshot() {
        try {
            db_.change("COMMIT");
        } catch (const StoreError& error) {
            // The engine may have ended it itself; nothing was written.
            spdlog::debug("end of a read found no transaction error={}", error.what());
        }
    }
    Snapshot(const Snapshot&) = delete;
    Snapshot& operator=(const Snapshot&) = delete;

private:
    Database& db_;
};

}  // namespace patchbay
