// SPDX-License-Identifier: Apache-2.0
#pragma once
// What LAVA workers ask and report, /scheduler/internal/v1/ (lava_scheduler_app/views.py). A worker asks for its jobs
// with its own token, and for each gets another one, with which it and the runner report about that job.

#include "daemon/http/body_budget.hpp"
#include "daemon/http/message.hpp"
#include "daemon/services.hpp"

namespace patchbay {

bool is_worker_call(const Request& request);

/// Every failure becomes an answer, so it does not throw, except when it is cancelled. `request` and `lab` live until
/// it is done.
Task<Response> answer_worker_call(Request& request, Services& lab);

/// May this request have a large body? Throws: HttpError, the store cannot be asked.
BodyRight worker_body_right(const Request& head, Services& lab);

}  // namespace patchbay
