// SPDX-License-Identifier: Apache-2.0
#pragma once
// LAVA's REST API v0.2, as an HttpHandler needs it.

#include "daemon/http/body_budget.hpp"
#include "daemon/http/message.hpp"
#include "daemon/services.hpp"

namespace patchbay {

/// Finds the route, checks who asks, runs the handler. Every failure becomes an answer, so it does not throw, except
/// when it is cancelled. `request` and `lab` live until it is done.
Task<Response> answer_api(Request& request, Services& lab);

/// May this request have a large body? Throws: HttpError, the store cannot be asked.
BodyRight body_right(const Request& head, Services& lab);

}  // namespace patchbay
