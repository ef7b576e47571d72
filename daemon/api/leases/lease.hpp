// SPDX-License-Identifier: Apache-2.0
#pragma once
// Leases of people over HTTP: what the handlers of this folder share. LAVA has no such thing.

#include <memory>
#include <string>

#include "daemon/api/call.hpp"
#include "daemon/api/json_writer.hpp"
#include "daemon/store/sessions.hpp"
#include "daemon/supervise/session_link.hpp"
#include "jobs/journal/session_line.hpp"

namespace patchbay {

inline constexpr std::chrono::seconds longest_lease = std::chrono::hours{24 * 30};

/// In the folder of the lease: of uploads there is one, so that they cannot fill the disk.
inline constexpr auto image_name = "image";

struct LeaseOfPerson {
    JobRow job;  ///< its number is that of the lease
    SessionRow session;
};

/// The lease of hole 0. Throws: ApiError 404, there is none that the caller sees.
LeaseOfPerson find_lease(const Call& call);
/// The same, for who may do something with it: its person, who may change its device. Throws: ApiError 403.
LeaseOfPerson find_own_lease(const Call& call);
/// Between the lease and its runner. Throws: ApiError 409, it has no device yet, or no more.
std::shared_ptr<SessionLink> find_link(Services& lab, const JobRow& job);

void write_lease(JsonWriter& json, const LeaseOfPerson& lease);
/// As the store has it now.
Response lease_answer(int status, Services& lab, JobId job);

/// Has the runner do it, and records that `user` wished it. What goes wrong is in the answer.
Task<BoardAnswer> command_board(Services& lab, JobId job, std::string user, BoardCommand command);

}  // namespace patchbay
