// SPDX-License-Identifier: Apache-2.0
#include "core/net/own_address.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>

#include <cerrno>
#include <cstring>
#include <thread>

#include "core/errors.hpp"

namespace patchbay {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

template <class Ask>
std::string refusal(Ask ask) {
    try {
        return "no error, but " + ask();
    } catch (const InfrastructureError& error) {
        return error.what();
    }
}

TEST(OwnAddress, TowardsAnotherMachineIsThatOfTheRoute) {
    EXPECT_EQ(own_address_towards("127.0.0.1"), "127.0.0.1");
    EXPECT_EQ(own_address_towards("127.0.0.53"), "127.0.0.1") << "of the loopback interface, whatever it is asked for";
}

TEST(OwnAddress, OfAnInterfaceIsFoundByItsName) {
    EXPECT_EQ(interface_address("lo"), "127.0.0.1");
    EXPECT_THAT(refusal([] { return interface_address("no-such"); }),
                AllOf(StartsWith("this machine has no network interface 'no-such', but "), HasSubstr("lo")));
    EXPECT_THAT(refusal([] { return interface_address("a name that no interface can have"); }),
                HasSubstr("has no network interface"));
}

TEST(OwnAddress, WhereNoRouteLeadsIsAnErrorWithTheReasonOfTheKernel) {
    // A machine's networks cannot be foreseen, but nobody may simply send to all.
    EXPECT_THAT(refusal([] { return own_address_towards("255.255.255.255"); }),
                StartsWith("no route to 255.255.255.255: Permission denied"));
}

TEST(OwnAddress, OfAMachineWithoutNetworkIsNone) {
    int error = 0;
    std::string route, interface, own = "not asked";
    std::thread alone{[&] {  // in a network of its own, whose one interface is down; the other threads keep theirs
        if (::unshare(CLONE_NEWNET) != 0) {
            error = errno;
            return;
        }
        route = refusal([] { return own_address_towards("10.0.0.17"); });
        interface = refusal([] { return interface_address("lo"); });
        own = own_address();
    }};
    alone.join();
    if (error != 0) GTEST_SKIP() << "this test may not have a network of its own: " << std::strerror(error);
    EXPECT_EQ(route, "no route to 10.0.0.17: Network is unreachable");
    EXPECT_THAT(interface, StartsWith("network interface 'lo' has no IPv4 address: "));
    EXPECT_EQ(own, "");
}

TEST(HostAddress, IsThatOfOneMachine) {
    for (const auto* text : {"10.0.0.17", "127.0.0.1", "192.168.255.254"}) EXPECT_TRUE(is_host_address(text)) << text;
    for (const auto* text : {"", "board", "10.0.0", "10.0.0.256", "10.0.0.0/24", "0.0.0.0", "224.0.0.1", "fd00::1"})
        EXPECT_FALSE(is_host_address(text)) << text;
}

TEST(MacAddress, IsSixPairsOfDigits) {
    for (const auto* text : {"52:54:00:12:34:01", "AA-bb-0C-11-22-33"}) EXPECT_TRUE(is_mac_address(text)) << text;
    for (const auto* text :
         {"", "52:54:00:12:34", "52:54:00:12:34:0g", "525400123401", "52:54:00:12:34:01:02", "5254:00:12:34:011"})
        EXPECT_FALSE(is_mac_address(text)) << text;
}

}  // namespace
}  // namespace patchbay
