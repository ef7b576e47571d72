// SPDX-License-Identifier: Apache-2.0
// What a program that was built without libzmq says.
#include <gtest/gtest.h>

#include "core/errors.hpp"
#include "daemon/events/zmq_publisher.hpp"

namespace patchbay {
namespace {

TEST(WithoutZmq, AnAddressIsRefusedWithWhatToDo) {
    try {
        ZmqPublisher publisher{"tcp://*:5500"};
        FAIL() << "there is nothing that could publish";
    } catch (const ConfigurationError& error) {
        EXPECT_EQ(
            std::string{error.what()},
            "events.zmq.address tcp://*:5500: this patchbayd was built without ZeroMQ; remove events.zmq, or build "
            "it where libzmq3-dev is installed");
    }
}

}  // namespace
}  // namespace patchbay
