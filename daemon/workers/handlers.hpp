// SPDX-License-Identifier: Apache-2.0
#pragma once
// Every handler of the table in protocol.cpp, by the file it is in.

#include "daemon/api/call.hpp"

namespace patchbay {

// register_worker.cpp
Task<Response> register_worker(Call& call);
Task<Response> refuse_named_registration(Call& call);
// give_jobs.cpp
Task<Response> give_jobs(Call& call);
// give_job_files.cpp
Task<Response> give_job_files(Call& call);
// take_job_state.cpp
Task<Response> take_job_state(Call& call);
// take_job_log.cpp
Task<Response> take_job_log(Call& call);

}  // namespace patchbay
