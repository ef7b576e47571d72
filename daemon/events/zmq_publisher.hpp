// SPDX-License-Identifier: Apache-2.0
#pragma once
// Events for clients of ZeroMQ, as LAVA publishes them. Without libzmq there is only its refusal.

#include <cstdint>
#include <memory>
#include <string>

#include "daemon/events/event.hpp"

namespace patchbay {

class ZmqPublisher {
public:
    /// Binds a PUB socket. Throws: ConfigurationError naming the address and the reason, or that this program was built
    /// without ZeroMQ.
    explicit ZmqPublisher(const std::string& address);
    ~ZmqPublisher();
    ZmqPublisher(const ZmqPublisher&) = delete;
    ZmqPublisher& operator=(const ZmqPublisher&) = delete;

    /// Five parts: topic, UUID, time, user, data. Never waits: of a subscriber that has too many to read, the new ones
    /// are dropped, and that is counted.
    void publish(const Event& event);
    /// Events that some subscriber did not get.
    std::int64_t dropped() const;

private:
    struct Socket;
    std::unique_ptr<Socket> socket_;
};

}  // namespace patchbay
