// SPDX-License-Identifier: Apache-2.0
#include "core/process/listens_at.hpp"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/process/file_descriptor.hpp"

namespace patchbay {
namespace {

/// A free port of all addresses, taken.
FileDescriptor bound(int family, unsigned short& port) {
    FileDescriptor socket{::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_storage address{};
    address.ss_family = static_cast<sa_family_t>(family);
    socklen_t size = family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
    auto* place = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(socket.get(), place, size), 0);
    EXPECT_EQ(::getsockname(socket.get(), place, &size), 0);
    port = ntohs(reinterpret_cast<const sockaddr_in*>(place)->sin_port);  // at the same place in both
    return socket;
}

class ListensAt : public ::testing::TestWithParam<int> {};

TEST_P(ListensAt, FromListenUntilClose) {
    unsigned short port = 0;
    auto socket = bound(GetParam(), port);
    EXPECT_FALSE(listens_at(::getpid(), port)) << "a port is bound, nobody can connect";
    ASSERT_EQ(::listen(socket.get(), 1), 0);
    EXPECT_TRUE(listens_at(::getpid(), port));
    EXPECT_FALSE(listens_at(::getpid(), static_cast<unsigned short>(port ^ 1)));
    socket = {};
    EXPECT_FALSE(listens_at(::getpid(), port));
}

TEST_P(ListensAt, TellsWhoseTheSocketIs) {
    unsigned short port = 0;
    const auto socket = bound(GetParam(), port);
    ASSERT_EQ(::listen(socket.get(), 1), 0);
    int hold[2];
    ASSERT_EQ(::pipe(hold), 0);
    const auto other = ::fork();
    if (other == 0) {
        ::close(socket.get());
        ::close(hold[1]);
        char nothing;
        ::_exit(::read(hold[0], &nothing, 1) == 0 ? 0 : 1);
    }
    ::close(hold[0]);
    // The child has closed its copy some time from now.
    bool never = true;
    for (int looks = 0; looks < 100'000 && never; ++looks) never = listens_at(other, port);
    EXPECT_FALSE(never);
    EXPECT_TRUE(listens_at(::getpid(), port));
    ::close(hold[1]);
    int status = 0;
    EXPECT_EQ(::waitpid(other, &status, 0), other);
    EXPECT_FALSE(listens_at(other, port)) << "nobody has this number any more";
}

INSTANTIATE_TEST_SUITE_P(Families, ListensAt, ::testing::Values(AF_INET, AF_INET6),
                         [](const auto& family) { return family.param == AF_INET6 ? "V6" : "V4"; });

}  // namespace
}  // namespace patchbay
