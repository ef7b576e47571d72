// SPDX-License-Identifier: Apache-2.0
#include "core/net/subnet.hpp"

#include <gtest/gtest.h>

#include "core/errors.hpp"

namespace patchbay {
namespace {

bool holds(const char* network, const char* address) {
    const auto parsed = Subnet::parse(network);
    EXPECT_TRUE(parsed) << network;
    return parsed && parsed->contains(boost::asio::ip::make_address(address));
}

TEST(Subnet, HoldsTheAddressesOfItsPrefix) {
    EXPECT_TRUE(holds("10.0.0.0/8", "10.255.255.255"));
    EXPECT_FALSE(holds("10.0.0.0/8", "11.0.0.0"));
    EXPECT_TRUE(holds("172.16.0.0/12", "172.31.0.1"));
    EXPECT_FALSE(holds("172.16.0.0/12", "172.32.0.1"));
    EXPECT_TRUE(holds("10.1.2.3/8", "10.9.9.9")) << "bits behind the prefix do not count";
    EXPECT_TRUE(holds("fd00::/8", "fdff::1"));
    EXPECT_FALSE(holds("fd00::/8", "fe80::1"));
    EXPECT_TRUE(holds("0.0.0.0/0", "8.8.8.8"));
    EXPECT_FALSE(holds("0.0.0.0/0", "2001:db8::1"));
    EXPECT_TRUE(holds("::/0", "8.8.8.8"));
}

TEST(Subnet, OfOneAddressHoldsThatAddress) {
    EXPECT_TRUE(holds("10.1.2.3", "10.1.2.3"));
    EXPECT_FALSE(holds("10.1.2.3", "10.1.2.2"));
    EXPECT_TRUE(holds("::1/128", "::1"));
    EXPECT_TRUE(holds("10.1.2.3", "::ffff:10.1.2.3"));
}

TEST(SubnetsTest, HoldWhatOneOfThemHolds) {
    const Subnets networks{{"10.0.0.1", "fd00::/8"}};
    EXPECT_TRUE(networks.contain("10.0.0.1"));
    EXPECT_TRUE(networks.contain("fd12::1"));
    EXPECT_FALSE(networks.contain("10.0.0.2"));
    EXPECT_FALSE(networks.contain("unix"));
    EXPECT_FALSE(Subnets{}.contain("10.0.0.1"));
    EXPECT_THROW((Subnets{{"10.0.0.1", "proxy"}}), ConfigurationError);
}

TEST(Subnet, IsNothingElse) {
    for (const auto* text : {"", "x", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0/8", "::/129", "fe80::1%eth0",
                             "10.0.0.0/8/8", " 10.0.0.0/8", "localhost"}) {
        EXPECT_FALSE(Subnet::parse(text)) << text;
    }
}

}  // namespace
}  // namespace patchbay
