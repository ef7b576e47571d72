// SPDX-License-Identifier: Apache-2.0
#pragma once
// LAVA's WebSocket /ws/.

#include "daemon/events/event_feed.hpp"
#include "daemon/http/message.hpp"

namespace patchbay {

/// "/ws/" and what is below.
bool is_event_socket(const Request& request);

/// Answers it: an upgrade to a WebSocket that tells what this client may see, or why not. LAVA says after the upgrade
/// that a login is wrong. `dropped`: events that no ZeroMQ subscriber got, for /ws/v1/healthz/.
Task<Response> answer_event_socket(Request& request, EventFeed& feed, Database& db, std::int64_t dropped);

}  // namespace patchbay
