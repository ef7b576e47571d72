// SPDX-License-Identifier: Apache-2.0
#pragma once
// `patchbayd outbox ...`, `patchbayd remote-token ...` and `patchbayd user email`: what notifications need of the lab's
// owner. They work on the store, also while a daemon serves it.

#include <iosfwd>
#include <string>

#include "core/task.hpp"
#include "daemon/store/store.hpp"

namespace patchbay {

/// What each prints goes to `out`. Throws: JobError (no such user, notification, token); StoreError.
Task<> set_email(Store& store, std::string user, std::string email, std::ostream& out);

/// `value` may end in a line break, as a file does.
Task<> add_remote_token(Store& store, std::string user, std::string name, std::string value, std::ostream& out);
Task<> list_remote_tokens(Store& store, std::string user, std::ostream& out);
Task<> delete_remote_token(Store& store, std::string user, std::string name, std::ostream& out);

/// What waits and what was given up, one in a line: number, job, kind, state, attempts, next attempt, address, problem.
Task<> list_outbox(Store& store, std::ostream& out);
/// 0: all that were given up. The daemon sees it within seconds.
Task<> retry_outbox(Store& store, std::int64_t id, std::ostream& out);

}  // namespace patchbay
