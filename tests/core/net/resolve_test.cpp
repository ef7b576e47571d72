// SPDX-License-Identifier: Apache-2.0
#include "core/net/resolve.hpp"

#include <gtest/gtest.h>
#include <netinet/in.h>

#include "tests/support/run.hpp"

namespace patchbay {
namespace {

std::optional<std::string> refusal(const char* host) {
    asio::io_context io;
    return testing::run(io, refusal_of_host({}, host));
}

TEST(ResolveTest, ANameIsAsForbiddenAsItsAddresses) {
    EXPECT_TRUE(refusal("localhost")->ends_with("is a loopback address"));
    // Other ways to write 127.0.0.1, as inet_aton(3) reads them.
    for (const auto* host : {"127.0.0.1", "127.1", "2130706433", "0x7f.1", "0"})
        EXPECT_TRUE(refusal(host).value_or("").ends_with("is a loopback address")) << host;
    EXPECT_EQ(refusal("93.184.216.34"), std::nullopt);
}

TEST(ResolveTest, AnUnknownNameIsLeftToWhoConnects) { EXPECT_EQ(refusal("no-such-host.invalid"), std::nullopt); }

TEST(ResolveTest, TheAddressOfASocketIsReadInBothFamilies) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_addr.s_addr = htonl(0x7f000001);
    EXPECT_EQ(address_of(reinterpret_cast<const sockaddr&>(v4))->to_string(), "127.0.0.1");
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_addr = in6addr_loopback;
    EXPECT_EQ(address_of(reinterpret_cast<const sockaddr&>(v6))->to_string(), "::1");
    sockaddr other{};
    other.sa_family = AF_UNIX;
    EXPECT_EQ(address_of(other), std::nullopt);
}

}  // namespace
}  // namespace patchbay
