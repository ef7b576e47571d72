// SPDX-License-Identifier: Apache-2.0
#pragma once
// An event as LAVA publishes it (lava_scheduler_app/signals.py), and who may see it.

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "daemon/events/time_uuid.hpp"
#include "daemon/store/changes.hpp"

namespace patchbay {

/// What decides who may see it: a job, a device, or nothing (workers are no secret).
struct DeviceInSight {
    std::string device;
};
using Sight = std::variant<std::monostate, JobSight, DeviceInSight>;

/// The five texts of LAVA's messages.
struct Event {
    std::string topic;  ///< "org.lavasoftware.testjob"
    std::string uuid;
    std::string time;  ///< "2026-11-22T08:44:47.606910", UTC
    std::string user;
    std::string data;  ///< a JSON object
    Sight sight;
    std::string worker;  ///< of a job: that of its device; "" when it has none, and of all else
};

/// A JSON array of the five: a message of the WebSocket.
std::string as_list(const Event& event);

/// Makes events of changes.
class EventTexts {
public:
    /// `topic`: what all topics begin with, "org.lavasoftware".
    explicit EventTexts(std::string topic) : topic_{std::move(topic)} {}
    /// Reads what does not change. nullopt: what it is about is gone meanwhile. Throws: StoreError.
    std::optional<Event> of(const Change& change, Database& db, WallTime now);

private:
    std::string topic_;
    TimeUuids uuids_;
};

}  // namespace patchbay
