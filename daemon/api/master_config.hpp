// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/api/json_writer.hpp"
#include "daemon/lab/event_settings.hpp"

namespace patchbay {

/// LAVA's key=value. Without ZeroMQ there is no socket, and its name is empty: clients refuse that at once, where one
/// that nobody listens at would have them wait for ever.
inline std::string master_config_json(const EventSettings& events) {
    JsonWriter json;
    json.begin_object().member("EVENT_TOPIC", events.topic).member("EVENT_SOCKET", events.socket());
    json.member("EVENT_NOTIFICATION", true).member("LOG_SIZE_LIMIT", 5).end_object();
    return json.take();
}

}  // namespace patchbay
