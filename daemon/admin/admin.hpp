// SPDX-License-Identifier: Apache-2.0
#pragma once
// `patchbayd user ...` and `patchbayd token ...`: work on the store, also while a daemon serves it.

#include <filesystem>
#include <iosfwd>
#include <optional>
#include <string>

#include "core/task.hpp"
#include "daemon/store/rows.hpp"
#include "daemon/store/store.hpp"

namespace patchbay {

/// Throws: JobError, there is no such user.
UserRow known_user(Store& store, const std::string& name);

/// What each prints goes to `out`. Throws: JobError (no such user, name taken); StoreError.
Task<> add_user(Store& store, std::string name, bool superuser, std::ostream& out);
Task<> list_users(Store& store, std::ostream& out);
/// Prints the secret, and nothing else: `TOKEN=$(patchbayd token add alice)`.
Task<> add_token(Store& store, std::string user, std::string description, std::ostream& out);
Task<> list_tokens(Store& store, std::string user, std::ostream& out);
Task<> delete_token(Store& store, std::int64_t id, std::ostream& out);

}  // namespace patchbay
