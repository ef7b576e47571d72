// SPDX-License-Identifier: Apache-2.0
// In the place of zmq_publisher.cpp where libzmq is not installed.
#include "core/errors.hpp"
#include "daemon/events/zmq_publisher.hpp"

namespace patchbay {

struct ZmqPublisher::Socket {};

ZmqPublisher::ZmqPublisher(const std::string& address) {
    throw ConfigurationError{"events.zmq.address " + address +
                             ": this patchbayd was built without ZeroMQ; remove events.zmq, or build it where "
                             "libzmq3-dev is installed"};
}
ZmqPublisher::~ZmqPublisher() = default;
void ZmqPublisher::publish(const Event&) {}
std::int64_t ZmqPublisher::dropped() const { return 0; }

}  // namespace patchbay
