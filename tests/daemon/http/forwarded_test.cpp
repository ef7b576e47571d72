// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/forwarded.hpp"

#include <gtest/gtest.h>

namespace patchbay {
namespace {

const Subnets trusted{{"10.0.0.1", "10.0.1.0/24", "fd00::1"}};

std::string client(const std::string& peer, const std::vector<std::string_view>& forwarded_for) {
    return client_address(peer, forwarded_for, trusted);
}

TEST(ClientAddress, IsThePeersWithoutATrustedProxy) {
    EXPECT_EQ(client("192.0.2.9", {}), "192.0.2.9");
    EXPECT_EQ(client("192.0.2.9", {"198.51.100.1"}), "192.0.2.9") << "anybody may send the header";
    EXPECT_EQ(client("unix", {"198.51.100.1"}), "unix");
}

TEST(ClientAddress, IsTheLastThatTrustedProxiesSaw) {
    EXPECT_EQ(client("10.0.0.1", {"198.51.100.1"}), "198.51.100.1");
    EXPECT_EQ(client("10.0.0.1", {"127.0.0.1, 198.51.100.1"}), "198.51.100.1") << "the first was written by the client";
    EXPECT_EQ(client("10.0.0.1", {"203.0.113.5, 198.51.100.1, 10.0.1.7"}), "198.51.100.1") << "two proxies";
    EXPECT_EQ(client("10.0.0.1", {"203.0.113.5", "198.51.100.1 , 10.0.1.7"}), "198.51.100.1") << "header sent twice";
    EXPECT_EQ(client("10.0.0.1", {}), "10.0.0.1");
    EXPECT_EQ(client("10.0.0.1", {"10.0.1.2, 10.0.1.3"}), "10.0.1.2");
}

TEST(ClientAddress, IsReadInEveryFormThatProxiesWrite) {
    EXPECT_EQ(client("fd00::1", {"198.51.100.1:4711"}), "198.51.100.1");
    EXPECT_EQ(client("10.0.0.1", {"[2001:db8::1]:4711"}), "2001:db8::1");
    EXPECT_EQ(client("10.0.0.1", {"2001:DB8:0::1"}), "2001:db8::1");
    EXPECT_EQ(client("10.0.0.1", {"::ffff:198.51.100.1"}), "198.51.100.1");
}

TEST(ClientAddress, EndsAtWhatIsNoAddress) {
    for (const auto* text :
         {"unknown", "_hidden", "", " ", ",", "198.51.100.1, ", "[", "[]", "x:1", "198.51.100.1,junk"})
        EXPECT_EQ(client("10.0.0.1", {text}), "10.0.0.1") << text;
    EXPECT_EQ(client("10.0.0.1", {"junk, 10.0.1.9"}), "10.0.1.9");
}

}  // namespace
}  // namespace patchbay
