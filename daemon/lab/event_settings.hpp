// SPDX-License-Identifier: Apache-2.0
#pragma once
// `events` of the configuration file: how events are called, who may listen, and ZeroMQ.

#include <cstddef>
#include <optional>
#include <string>

#include "core/config/map_reader.hpp"

namespace patchbay {

struct ZmqSettings {
    std::string address;        ///< "tcp://*:5500"
    bool private_jobs = false;  ///< also what nobody in particular may see: whoever reaches the port reads it
};

struct EventSettings {
    std::string topic = "org.lavasoftware";  ///< what all topics begin with
    std::size_t listeners = 512;             ///< WebSockets at once
    std::size_t listeners_per_client = 64;   ///< of one address
    std::optional<ZmqSettings> zmq;

    /// What clients are told to connect to; "" without ZeroMQ.
    std::string socket() const { return zmq ? zmq->address : std::string{}; }
};

/// Reads the map and reports its problems.
EventSettings read_event_settings(config::MapReader map);

}  // namespace patchbay
