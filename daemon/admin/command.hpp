// SPDX-License-Identifier: Apache-2.0
#pragma once
// The commands that look after the store, also while a daemon serves it: `patchbayd user ...` and its like.

#include <CLI/App.hpp>
#include <functional>
#include <iosfwd>
#include <string>

#include "core/task.hpp"
#include "daemon/store/audited.hpp"
#include "daemon/store/rows.hpp"

namespace patchbay {

/// What a command line asks for; prints to `out`. Throws: JobError (no such user, name taken); StoreError.
using AdminCommand = std::function<Task<>(Store& store, std::ostream& out)>;

/// Each makes its command known to `app`; when the command line names it, parsing it sets `chosen`.
/// Returns `patchbayd user`, to which others add theirs.
CLI::App& add_user_commands(CLI::App& app, AdminCommand& chosen);
void add_token_commands(CLI::App& app, AdminCommand& chosen);
void add_group_commands(CLI::App& app, AdminCommand& chosen);
void add_permission_commands(CLI::App& app, AdminCommand& chosen);
void add_worker_commands(CLI::App& app, AdminCommand& chosen);
void add_attach_commands(CLI::App& app, AdminCommand& chosen);
void add_audit_command(CLI::App& app, AdminCommand& chosen);

/// "patchbayd:root": the system's user who runs this command; no user of the lab has a colon in the name.
std::string admin_name();

/// Throws: JobError with the command that makes one.
UserRow known_user(Database& db, const std::string& name);
GroupRow known_group(Database& db, const std::string& name);

/// As write_audited(), by admin_name().
template <class Change>
Task<std::invoke_result_t<Change&, Database&>> change_store(Store& store, Deed deed, Change change) {
    deed.who = admin_name();
    return write_audited(store, std::move(deed), std::move(change));
}

}  // namespace patchbay
