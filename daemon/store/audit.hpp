// SPDX-License-Identifier: Apache-2.0
#pragma once
// Who did what when. A deed is recorded in the transaction that does it, so that there is never one without the other;
// secrets are never part of it.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/clock.hpp"
#include "daemon/store/database.hpp"

namespace patchbay {

struct Deed {
    Deed() = default;
    /// Written out: an aggregate that is made inside a co_await is destroyed twice (docs/maintainers/coroutines.md).
    Deed(std::string by, std::string what, std::string of, std::string more)
        : who{std::move(by)}, action{std::move(what)}, object{std::move(of)}, detail{std::move(more)} {}

    std::string who;     ///< user name; of commands beside the daemon "patchbayd:" and the name of the system's user
    std::string action;  ///< "job.submit", "device.health", "token.add", ...
    std::string object;  ///< what it was done to: "42", "board-01", "alice"
    std::string detail;  ///< free text, at most 1000 bytes are kept
};

struct AuditRow {
    std::int64_t id = 0;
    WallTime when{};
    Deed deed;
};

class Audit {
public:
    explicit Audit(Database& db) : db_{db} {}

    void record(const Deed& deed, WallTime now);

    /// What may be left out is any.
    struct Wanted {
        std::optional<std::string> who = {};
        std::optional<std::string> action = {};
        std::optional<std::string> object = {};
        std::int64_t limit = 50;
        std::int64_t offset = 0;
    };
    /// Newest first.
    std::vector<AuditRow> list(const Wanted& wanted);
    std::int64_t count(const Wanted& wanted);

    /// Removes some of the rows older than `limit`; false: those were the last.
    bool remove_piece(WallTime limit);

private:
    Database& db_;
};

}  // namespace patchbay
