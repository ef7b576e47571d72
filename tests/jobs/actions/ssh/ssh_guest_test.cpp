// SPDX-License-Identifier: Apache-2.0
// boot: {method: ssh} to a guest of another job's machine: its address comes by a message of the multinode group. The
// group is a script, ssh a program that says where it was sent.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "core/config/yaml.hpp"
#include "core/whole_file.hpp"
#include "jobs/actions/group_link.hpp"
#include "tests/jobs/actions/sim_job.hpp"

namespace patchbay::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// What was sent is told again to whoever asks again, as the lab does.
class HostRole final : public GroupLink {
public:
    std::vector<GroupItem> items{{"43", "ipaddr", "192.0.2.7"}};
    std::vector<std::string> waits;

    Task<std::optional<GroupAnswer>> ask(GroupCall call, Deadline) override {
        if (call.kind == GroupCall::Kind::wait) waits.push_back(call.id);
        co_return GroupAnswer{1, "", items};
    }
};

const std::string part =
    "protocols:\n  lava-multinode: {target_group: g1, role: guest, group_size: 2, sub_id: 0, timeout: {seconds: 60},\n"
    "    roles: {'42': guest, '43': host}}\n";
const std::string asks =
    "    protocols:\n      lava-multinode:\n"
    "      - {action: prepare-scp-overlay, request: lava-wait, messageID: ipv4, message: {ipaddr: $ipaddr}}\n";

std::string guest_job(const std::string& protocols, const std::string& parameters) {
    return "- deploy:\n    to: ssh\n    os: oe\n    role: guest\n    timeout: {minutes: 1}\n" + protocols +
           "- boot:\n    method: ssh\n    role: guest\n    timeout: {minutes: 1}\n    prompts: ['root@guest:']\n"
           "    parameters: " +
           parameters + "\n" + test_block("smoke", "    role: guest\n");
}

struct SshGuestTest : ::testing::Test {
    SimJob job{SimJob::Time::real};
    HostRole group;
    std::string path = std::getenv("PATH");

    SshGuestTest() {
        job.group = &group;
        job.description.boot_methods.set("ssh", config::Value{});
        job.description.deploy_methods.set("ssh", config::parse_yaml("{host: '', port: 22, user: root}"));
        const auto folder = job.folder / "bin";
        std::filesystem::create_directories(folder);
        write_whole_file(folder / "ssh",
                         "#!/bin/sh\nfor last; do :; done\necho \"$*\" >>'" + (job.folder / "called").string() +
                             "'\necho \"ssh: connect to host $last port 22: Connection refused\" >&2; exit 255\n");
        std::filesystem::permissions(folder / "ssh", std::filesystem::perms::owner_all);
        ::setenv("PATH", (folder.string() + ":" + path).c_str(), 1);
        job.definition = job_text(guest_job(asks, "{hostID: ipv4, host_key: ipaddr}"), part);
    }
    ~SshGuestTest() override { ::setenv("PATH", path.c_str(), 1); }
};

TEST_F(SshGuestTest, IsLookedForWhereTheGroupSaysItIs) {
    const auto outcome = job.run();
    EXPECT_THAT(outcome.error_msg, HasSubstr("root@192.0.2.7 port 22: 'ssh: connect to host "));
    EXPECT_EQ(outcome.error, ErrorType::job) << "the machine is one that a job has made";
    EXPECT_THAT(read_whole_file(job.folder / "called"), HasSubstr("192.0.2.7"));
    EXPECT_THAT(group.waits, ElementsAre("ipv4", "ipv4")) << "the deploy's call, and the boot's";
}

TEST_F(SshGuestTest, ThatIsNotNamedByTheMessageIsTheJobsError) {
    group.items = {{"43", "ipaddr", "192.0.2.7"}};
    job.definition = job_text(guest_job(asks, "{hostID: ipv4, host_key: address}"), part);
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::job);
    EXPECT_THAT(outcome.error_msg,
                StartsWith("scp-deploy: could not find host for deployment: the message 'ipv4' has no value for "
                           "'address'; send it with lava-send ipv4 address="));
    EXPECT_FALSE(std::filesystem::exists(job.folder / "called"));
}

TEST_F(SshGuestTest, AnAddressIsNoOptionOfSsh) {
    group.items = {{"43", "ipaddr", "-oProxyCommand=touch x"}};
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::job);
    EXPECT_THAT(outcome.error_msg, HasSubstr("the group said '-oProxyCommand=touch x', which is no address"));
    EXPECT_FALSE(std::filesystem::exists(job.folder / "called"));
}

TEST_F(SshGuestTest, NeedsAGroupAndACallThatWaits) {
    job.definition = job_text(guest_job("", "{hostID: ipv4}"));
    const auto text = job.run().error_msg;
    EXPECT_THAT(text, HasSubstr("'hostID' needs a 'host_key'"));
    EXPECT_THAT(text, HasSubstr("'hostID' needs a multinode job"));
    EXPECT_THAT(text, HasSubstr("no call of the job waits for the message 'ipv4'"));
}

}  // namespace
}  // namespace patchbay::testing
