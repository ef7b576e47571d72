// SPDX-License-Identifier: Apache-2.0
#pragma once
// One request on its way through a handler: what was asked, by whom, and what may be used to answer it.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/http/message.hpp"
#include "daemon/services.hpp"
#include "daemon/store/database.hpp"
#include "daemon/store/rows.hpp"
#include "daemon/store/viewer.hpp"

namespace patchbay {

struct Call {
    Request& request;
    Services& lab;
    std::optional<UserRow> user;           ///< nullopt: anonymous
    std::vector<std::string> path_values;  ///< what stood for the {holes} of the route, from left to right

    /// As the store has it when asked.
    Viewer viewer() const;
};

/// The value of hole `index` as a positive number. Throws: NotFound when it is none.
std::int64_t path_number(const Call& call, std::size_t index);

/// "42", the sub id "42.1" of a part of a multinode job, or "42.0" of a job that is its whole group. nullopt: no job is
/// called like that; a number may be nobody's.
std::optional<JobId> find_job_id(Database& db, std::string_view text);

/// The job of hole 0, a number or a sub id. Throws: NotFound also when the caller may not see it.
JobRow find_job(const Call& call);

}  // namespace patchbay
