// SPDX-License-Identifier: Apache-2.0
// Where a job's url may lead to, whatever way it takes.
#include "tests/jobs/download/download_test.hpp"

namespace patchbay::testing {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr auto advice = "; the lab's setting 'allowed_url_networks' lists what jobs may reach";

struct Addresses : DownloadTest {
    Addresses() { addresses = AddressPolicy{{"private"}}; }
    std::string port() const { return std::to_string(server.port()); }
};

TEST_F(Addresses, OfThisMachineAreNotReached) {
    server.file("/Image", "k");
    const auto problem = "'" + server.url("/Image") + "' may not be reached: 127.0.0.1 is a loopback address" + advice;
    EXPECT_EQ(failure<JobError>({"kernel", server.url("/Image")}), problem);
    try {
        ask({"kernel", server.url("/Image")});
        ADD_FAILURE() << "a forbidden address was probed";
    } catch (const JobError& error) {
        EXPECT_EQ(error.what(), problem);
    }
    EXPECT_TRUE(server.lines().empty()) << "no byte was sent there";
    EXPECT_EQ(unfinished(), 0u);
}

TEST_F(Addresses, OfThisMachineAreNotReachedByOtherNames) {
    server.file("/Image", "k");
    for (const auto* host : {"localhost", "127.1", "2130706433", "0.0.0.0", "[::ffff:127.0.0.1]", "%31%32%37.0.0.1"}) {
        const auto url = std::string{"http://"} + host + ":" + port() + "/Image";
        EXPECT_THAT(failure<JobError>({"kernel", url}), EndsWith(std::string{"is a loopback address"} + advice)) << url;
    }
    EXPECT_TRUE(server.lines().empty());
}

TEST_F(Addresses, OfARedirectAreChecked) {
    addresses = AddressPolicy{{"127.0.0.1"}};
    for (const auto* host : {"127.0.0.2", "169.254.169.254"}) {
        server.on("/moved", [this, host](const SeenRequest&) {
            return reply(302, "", std::string{"Location: http://"} + host + ":" + port() + "/secret\r\n");
        });
        EXPECT_THAT(failure<JobError>({"kernel", server.url("/moved")}),
                    StartsWith("'" + server.url("/moved") + "' may not be reached: " + host + " is "));
    }
    EXPECT_EQ(server.lines(), (std::vector<std::string>{"GET /moved", "GET /moved"}));
}

TEST_F(Addresses, ThatTheLabAllowsAreReached) {
    server.file("/Image", "k");
    addresses = AddressPolicy{{"127.0.0.0/8"}};
    EXPECT_EQ(fetch({"kernel", server.url("/Image")}).size, 1u);
}

TEST_F(Addresses, OfScpAreCheckedBeforeSshIsStarted) {
    for (const auto* url : {"scp://me@localhost/x/disk.img", "scp://127.0.0.1/x/disk.img"}) {
        EXPECT_THAT(failure<JobError>({"rootfs", url}), HasSubstr("is a loopback address")) << url;
        EXPECT_THROW(ask({"rootfs", url}), JobError) << url;
    }
}

}  // namespace
}  // namespace patchbay::testing
