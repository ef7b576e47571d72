// SPDX-License-Identifier: Apache-2.0
#pragma once
// LAVA's XML-RPC, as an HttpHandler needs it.

#include "daemon/http/body_budget.hpp"
#include "daemon/http/message.hpp"
#include "daemon/services.hpp"

namespace patchbay {

/// POST /RPC2, with a slash at the end or without.
bool is_xmlrpc(const Request& request);

/// Says who asks, reads the call, runs the method. Every failure becomes an answer, so it does not throw, except when
/// it is cancelled. `request` and `lab` live until it is done.
Task<Response> answer_xmlrpc(Request& request, Services& lab);

/// Large calls are for users only. Throws: HttpError, the store cannot be asked.
BodyRight xmlrpc_body_right(const Request& head, Services& lab);

}  // namespace patchbay
