// SPDX-License-Identifier: Apache-2.0
#include "core/net/address_policy.hpp"

#include <gtest/gtest.h>

#include "core/errors.hpp"

namespace patchbay {
namespace {

using boost::asio::ip::make_address;

bool allows(const AddressPolicy& policy, const char* address) { return !policy.refusal(make_address(address)); }

TEST(AddressKindTest, EveryAddressIsOfItsKind) {
    const struct {
        const char* address;
        AddressKind kind;
    } cases[] = {
        {"93.184.216.34", AddressKind::internet},
        {"2606:2800:220:1::1", AddressKind::internet},
        {"172.15.0.1", AddressKind::internet},
        {"127.0.0.1", AddressKind::loopback},
        {"127.255.0.9", AddressKind::loopback},
        {"0.0.0.0", AddressKind::loopback},
        {"::1", AddressKind::loopback},
        {"::", AddressKind::loopback},
        {"10.0.0.1", AddressKind::private_network},
        {"172.31.255.255", AddressKind::private_network},
        {"192.168.1.1", AddressKind::private_network},
        {"100.64.0.1", AddressKind::private_network},
        {"fd12::1", AddressKind::private_network},
        {"169.254.1.1", AddressKind::link_local},
        {"fe80::1", AddressKind::link_local},
        {"169.254.169.254", AddressKind::metadata},
        {"100.100.100.200", AddressKind::metadata},
        {"168.63.129.16", AddressKind::metadata},
        {"fd00:ec2::254", AddressKind::metadata},
        {"224.0.0.1", AddressKind::special},
        {"255.255.255.255", AddressKind::special},
        {"ff02::1", AddressKind::special},
        {"64:ff9b:1::7f00:1", AddressKind::special},
        {"64:ff9b:1:7f00:0:100::", AddressKind::special},
        {"::7f00:1", AddressKind::special},
    };
    for (const auto& [address, kind] : cases) EXPECT_EQ(kind_of(make_address(address)), kind) << address;
}

TEST(AddressKindTest, AnAddressInsideAnotherIsFound) {
    EXPECT_EQ(kind_of(make_address("::ffff:127.0.0.1")), AddressKind::loopback);
    EXPECT_EQ(kind_of(make_address("64:ff9b::169.254.169.254")), AddressKind::metadata);
    EXPECT_EQ(kind_of(make_address("2002:7f00:1::")), AddressKind::loopback);
    EXPECT_EQ(kind_of(make_address("2002:5db8:d822::")), AddressKind::internet);
}

TEST(AddressPolicyTest, WithoutAWordOnlyTheInternetIsAllowed) {
    const AddressPolicy policy;
    EXPECT_TRUE(allows(policy, "93.184.216.34"));
    for (const auto* address : {"127.0.0.1", "::1", "10.0.0.1", "169.254.1.1", "169.254.169.254", "224.0.0.1"}) {
        EXPECT_FALSE(allows(policy, address)) << address;
    }
    EXPECT_EQ(policy.refusal(make_address("127.0.0.1")), "127.0.0.1 is a loopback address");
    EXPECT_EQ(policy.refusal(make_address("::ffff:10.0.0.1")), "::ffff:10.0.0.1 is an address of a private network");
}

TEST(AddressPolicyTest, AWordAllowsItsKindAndNoMetadata) {
    const AddressPolicy policy{{"private", "link-local"}};
    EXPECT_TRUE(allows(policy, "10.0.0.1"));
    EXPECT_TRUE(allows(policy, "169.254.1.1"));
    EXPECT_FALSE(allows(policy, "127.0.0.1"));
    EXPECT_FALSE(allows(policy, "169.254.169.254"));
    EXPECT_FALSE(allows(policy, "100.100.100.200"));
    EXPECT_FALSE(allows(policy, "fd00:ec2::254"));
}

TEST(AddressPolicyTest, ANetworkAllowsWhatItHolds) {
    const AddressPolicy policy{{"127.0.0.2", "10.1.0.0/16", "169.254.169.254"}};
    EXPECT_TRUE(allows(policy, "127.0.0.2"));
    EXPECT_TRUE(allows(policy, "::ffff:127.0.0.2"));
    EXPECT_TRUE(allows(policy, "64:ff9b::10.1.0.7"));
    EXPECT_TRUE(allows(policy, "169.254.169.254"));
    EXPECT_FALSE(allows(policy, "127.0.0.1"));
    EXPECT_FALSE(allows(policy, "10.2.0.1"));
}

TEST(AddressPolicyTest, EverythingIsEverything) {
    const auto policy = AddressPolicy::everything();
    for (const auto* address : {"127.0.0.1", "::1", "169.254.169.254", "224.0.0.1", "93.184.216.34"})
        EXPECT_TRUE(allows(policy, address)) << address;
}

TEST(AddressPolicyTest, WhatIsNoNetworkIsNamed) {
    try {
        AddressPolicy{{"private", "intranet"}};
        FAIL();
    } catch (const ConfigurationError& error) {
        EXPECT_STREQ(error.what(),
                     "'intranet' is no network; write one like 10.0.0.0/8 or ::1, or private, loopback or link-local");
    }
}

}  // namespace
}  // namespace patchbay
