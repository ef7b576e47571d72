// SPDX-License-Identifier: Apache-2.0
// A part of a multinode group on a simulated machine; the others are a script.
#include "jobs/actions/group_link.hpp"
#include "tests/jobs/actions/test_action.hpp"

namespace patchbay::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;
using Kind = GroupCall::Kind;

/// Answers each call after some time, or never.
class ScriptedGroup final : public GroupLink {
public:
    struct Reply {
        Clock::duration after{0};
        std::vector<GroupItem> items;
        std::string refused;
        bool never = false;
    };
    std::map<Kind, Reply> replies;
    std::vector<std::string> calls;

    Task<std::optional<GroupAnswer>> ask(GroupCall call, Deadline deadline) override {
        calls.push_back(std::string{to_string(call.kind)} + " " + call.id + (call.role.empty() ? "" : " " + call.role));
        const auto reply = replies[call.kind];
        if (reply.never || reply.after > deadline.left()) {
            co_await sleep_until(deadline.at());
            co_return std::nullopt;
        }
        if (reply.after > Clock::duration{0}) co_await sleep_for(reply.after);
        co_return GroupAnswer{1, reply.refused, reply.items};
    }
};

const std::string runner = "/bin/lava-test-runner";
const std::string begin = "<LAVA_SIGNAL_STARTRUN 0_t1 42_1.1.2.1>\r\n";
const std::string end = "<LAVA_SIGNAL_ENDRUN 0_t1 42_1.1.2.1>\r\n<LAVA_TEST_RUNNER EXIT>\r\n";
const std::string part =
    "protocols:\n  lava-multinode: {target_group: g1, role: server, group_size: 2, sub_id: 0, timeout: {seconds: 60},\n"
    "    roles: {'42': server, '43': client}}\n";

struct MultinodeAction : TestAction {
    ScriptedGroup group;
    MultinodeAction() {
        job.group = &group;
        use("");
    }
    void use(const std::string& extra, const std::string& top = part) {
        job.definition = job_text(deploy_block() + boot_block() + test_block("t1", "    role: server\n" + extra), top);
    }
    /// The target asks, and goes on when it was answered with a line that holds `reply`.
    void asks(const std::string& call, const std::string& reply) {
        job.board->answers = {{runner, begin + "<LAVA_MULTI_NODE> <LAVA_" + call + ">\r\n", 0s, false},
                              {reply, end, 0s, false}};
    }
};

TEST_F(MultinodeAction, JoinsItsGroupBeforeAnythingElse) {
    asks("SYNC ready", "LAVA_SYNC_COMPLETE");
    EXPECT_TRUE(job.run().passed());
    EXPECT_THAT(group.calls, ElementsAre("join ", "sync ready"));
    EXPECT_THAT(results(), ElementsAre("0_t1/multinode-sync-ready pass", "lava/0_t1 pass", "lava/job pass"));
    EXPECT_THAT(job.sink.texts("debug"), Contains("lava-multinode protocol initialised"));
    EXPECT_THAT(job.sink.texts("info"), Contains(HasSubstr("start: 3 multinode-test")));
}

TEST_F(MultinodeAction, WaitsForTheOthersForNinetySeconds) {
    group.replies[Kind::join].never = true;
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::multinode_timeout);
    EXPECT_THAT(outcome.error_msg, HasSubstr("protocol lava-multinode timed out"));
    EXPECT_EQ(std::chrono::round<std::chrono::seconds>(job.took), 90s);
    EXPECT_EQ(job.board->boots, 0);
}

/// Begins when role client says so.
const std::string delayed =
    "protocols:\n  lava-multinode: {target_group: g1, role: server, group_size: 2, sub_id: 0, timeout: {seconds: 60},\n"
    "    request: lava-start, expect_role: client, roles: {'42': server, '43': client}}\n";

TEST_F(MultinodeAction, ADelayedRoleBeginsWhenTheOtherSaysSo) {
    group.replies[Kind::wait_all].after = 50s;
    use("", delayed);
    asks("SYNC ready", "LAVA_SYNC_COMPLETE");
    EXPECT_TRUE(job.run().passed());
    EXPECT_THAT(group.calls, ElementsAre("join ", "wait_all lava_start client", "sync ready"));
    EXPECT_THAT(job.sink.texts("info"),
                Contains("lava-multinode protocol initialised - start is delayed by up to 60 seconds"));
}

TEST_F(MultinodeAction, ADelayedRoleThatIsNotStartedEndsByItsTime) {
    group.replies[Kind::wait_all].never = true;
    use("", delayed);
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::multinode_timeout);
    EXPECT_THAT(outcome.error_msg, HasSubstr("role 'client' sent no lava_start within 60 s"));
    EXPECT_EQ(job.board->boots, 0);
}

TEST_F(MultinodeAction, NeedsALab) {
    job.group = nullptr;
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::job);
    EXPECT_THAT(outcome.error_msg, HasSubstr("a part of the multinode group 'g1'"));
}

TEST_F(MultinodeAction, WhatTheOthersSentIsTyped) {
    group.replies[Kind::wait] = {10s, {{"43", "ip", "192.0.2.1"}}, "", false};
    asks("WAIT m1", "<LAVA_WAIT_COMPLETE 43:ip=192.0.2.1>");
    EXPECT_TRUE(job.run().passed());
    EXPECT_THAT(job.board->typed, HasSubstr("\n<LAVA_WAIT_COMPLETE 43:ip=192.0.2.1>\n"));
    EXPECT_THAT(results(), ElementsAre("0_t1/multinode-wait-m1 pass", "lava/0_t1 pass", "lava/job pass"));
}

TEST_F(MultinodeAction, ACallWithoutAnAnswerEndsTheTestAndNotTheJob) {
    group.replies[Kind::wait_all].never = true;
    asks("WAIT_ALL m1 client", "never");
    EXPECT_TRUE(job.run().passed()) << "as in LAVA";
    EXPECT_THAT(group.calls, ElementsAre("join ", "wait_all m1 client"));
    EXPECT_THAT(results(), ElementsAre("0_t1/multinode-wait_all-m1 fail", "lava/0_t1 fail", "lava/job pass"));
    EXPECT_THAT(job.sink.texts("warning"), Contains(HasSubstr("no answer within 60 s")));
}

TEST_F(MultinodeAction, TheTimeOfTheTestHoldsToo) {
    group.replies[Kind::sync].never = true;
    use("    timeout: {seconds: 20}\n");
    asks("SYNC ready", "never");
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::test);
    EXPECT_EQ(outcome.error_msg, "multinode-test timed out after 20 seconds");
    EXPECT_THAT(results(), ElementsAre("lava/0_t1 fail", "lava/multinode-test fail", "lava/job fail"));
}

TEST_F(MultinodeAction, ATimeOutCannotBeSkipped) {
    group.replies[Kind::sync].never = true;
    use("    timeout: {seconds: 20, skip: true}\n");
    asks("SYNC ready", "never");
    EXPECT_EQ(job.run().error, ErrorType::test);
}

TEST_F(MultinodeAction, ARefusedCallFailsTheJobWithItsReason) {
    group.replies[Kind::send].refused = "too much";
    asks("SEND m1 a=b", "never");
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::test);
    EXPECT_EQ(outcome.error_msg, "Coordinator was unable to accept multinode-send-m1: too much");
    EXPECT_THAT(results(), Contains("0_t1/multinode-send-m1 fail"));
}

TEST_F(MultinodeAction, WhatNoConsoleTakesFailsTheCall) {
    group.replies[Kind::wait].items = {{"43", "key", std::string(5'000, 'x')}};
    asks("WAIT m1", "never");
    EXPECT_THAT(job.run().error_msg, HasSubstr("the value of 'key' from job 43 has 5000 bytes"));
    EXPECT_THAT(results(), Contains("0_t1/multinode-wait-m1 fail"));
}

TEST_F(MultinodeAction, TheConsoleIsReadWhileTheOthersAreWaitedFor) {
    group.replies[Kind::sync].after = 30s;
    job.board->answers = {{runner,
                           begin + "<LAVA_MULTI_NODE> <LAVA_SYNC ready>\r\nkernel: still here\r\n" +
                               "<LAVA_SIGNAL_TESTCASE TEST_CASE_ID=beside RESULT=pass>\r\n",
                           0s, false},
                          {"LAVA_SYNC_COMPLETE", end, 0s, false}};
    EXPECT_TRUE(job.run().passed());
    EXPECT_THAT(job.sink.texts("target"), Contains("kernel: still here"));
    EXPECT_THAT(results(),
                ElementsAre("0_t1/multinode-sync-ready pass", "0_t1/beside pass", "lava/0_t1 pass", "lava/job pass"))
        << "what a test says meanwhile is not lost";
}

TEST_F(MultinodeAction, AConsoleThatEndsMeanwhileEndsTheWait) {
    group.replies[Kind::sync].after = 50s;
    job.board->answers = {{runner, begin + "<LAVA_MULTI_NODE> <LAVA_SYNC ready>\r\n", 0s, false, true}};
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::infrastructure);
    EXPECT_THAT(outcome.error_msg, StartsWith("Connection closed: the console 'simulated machine' has ended"));
}

TEST_F(MultinodeAction, ACancelReachesAWait) {
    group.replies[Kind::sync].never = true;
    asks("SYNC ready", "never");
    job.cancel_when = [this] { return group.calls.size() == 2; };
    EXPECT_EQ(job.run().error, ErrorType::canceled);
}

TEST_F(MultinodeAction, TheTargetKnowsItsGroup) {
    asks("SYNC ready", "LAVA_SYNC_COMPLETE");
    EXPECT_TRUE(job.run().passed());
    EXPECT_THAT(job.sink.texts("debug"), Contains(HasSubstr("/lava-42/bin/lava-sync")));
    EXPECT_THAT(job.sink.texts("debug"), Not(Contains("skipped lava-multinode-overlay")));
}

TEST_F(MultinodeAction, AnInteractiveScriptSpeaksToTheGroup) {
    group.replies[Kind::wait_all].items = {{"43", "ip", "192.0.2.1"}};
    job.definition = job_text(deploy_block() + boot_block() +
                                  "- test:\n    role: server\n    timeout: {minutes: 5}\n    interactive:\n"
                                  "    - name: talk\n      prompts: ['root@pb-guest:']\n      script:\n"
                                  "      - {lava-send: 'hello id={JOB_ID}'}\n      - {lava-sync: ready}\n"
                                  "      - {lava-wait-all: 'address role=client'}\n"
                                  "      - {command: 'ping {ip}', name: ping}\n",
                              part);
    EXPECT_TRUE(job.run().passed());
    EXPECT_THAT(group.calls, ElementsAre("join ", "send hello", "sync ready", "wait_all address client"));
    EXPECT_THAT(job.board->typed, HasSubstr("ping 192.0.2.1\n"));
}

TEST_F(MultinodeAction, AnInteractiveWaitHasTheTimeOfItsAction) {
    group.replies[Kind::wait].never = true;
    job.definition = job_text(deploy_block() + boot_block() +
                                  "- test:\n    role: server\n    timeout: {minutes: 5}\n    interactive:\n"
                                  "    - {name: talk, prompts: ['root@pb-guest:'], script: [{lava-wait: m}]}\n",
                              part);
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error_msg, "lava-test-interactive timed out after 300 seconds");
}

TEST_F(MultinodeAction, OtherJobsHaveNobodyToSpeakTo) {
    job.definition = job_text(deploy_block() + boot_block("    protocols: {lava-multinode: []}\n") +
                              "- test:\n    timeout: {minutes: 5}\n    interactive:\n"
                              "    - {name: talk, prompts: ['root@pb-guest:'], script: [{lava-sync: m}]}\n");
    EXPECT_THAT(job.run().error_msg, HasSubstr("'lava-sync' needs a multinode job"));
    EXPECT_THAT(group.calls, IsEmpty());
}

/// The boot makes this call.
std::string calling_boot(const std::string& call) {
    return boot_block("    role: server\n    protocols:\n      lava-multinode:\n      - {" + call + "}\n");
}

TEST_F(MultinodeAction, AnActionMakesItsCallsBeforeItRuns) {
    group.replies[Kind::wait] = {20s, {{"43", "ipaddr", "192.0.2.1"}, {"44", "ipaddr", "x"}}, "", false};
    job.definition =
        job_text(deploy_block() + calling_boot("action: execute-qemu, request: lava-wait, messageID: ipv4, "
                                               "message: {ipaddr: $ipaddr}"),
                 part);
    EXPECT_TRUE(job.run().passed());
    EXPECT_THAT(group.calls, ElementsAre("join ", "wait ipv4"));
    EXPECT_THAT(job.sink.texts("debug"), Contains("Making protocol call for execute-qemu using lava-multinode"));
    EXPECT_THAT(job.sink.texts("debug"), Contains("Setting namespace data key ipv4 to {'ipaddr': '192.0.2.1'}"));
}

TEST_F(MultinodeAction, AnActionStartsADelayedRole) {
    job.definition = job_text(deploy_block() + calling_boot("action: execute-qemu, request: lava-start"), part);
    EXPECT_TRUE(job.run().passed());
    EXPECT_THAT(group.calls, ElementsAre("join ", "send lava_start"));
}

TEST_F(MultinodeAction, AnActionWhoseCallIsNotAnsweredDoesNotRun) {
    group.replies[Kind::sync].never = true;
    job.definition = job_text(
        deploy_block() + calling_boot("action: execute-qemu, request: lava-sync, messageID: up, timeout: {seconds: 7}"),
        part);
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::multinode_timeout);
    EXPECT_EQ(outcome.error_msg,
              "protocol lava-multinode timed out: sync 'up' of execute-qemu had no answer within 7 s");
    EXPECT_EQ(job.board->boots, 0);
}

TEST_F(MultinodeAction, AnActionWithoutAnyOfItsValuesFails) {
    job.definition = job_text(
        deploy_block() +
            calling_boot("action: execute-qemu, request: lava-wait, messageID: ipv4, message: {ipaddr: $ipaddr}"),
        part);
    EXPECT_THAT(job.run().error_msg, HasSubstr("Unable to identify replaceable values in the parameters: "));
}

TEST_F(MultinodeAction, ACallThatNobodyWouldMakeIsRefused) {
    job.definition = job_text(deploy_block() + calling_boot("action: fly, request: lava-shout, messageID: ''"), part);
    const auto message = job.run().error_msg;
    EXPECT_THAT(message, HasSubstr("names the action 'fly', which this block has not"));
    EXPECT_THAT(message, HasSubstr("has the request 'lava-shout'"));
    EXPECT_THAT(message, HasSubstr("without 'messageID'"));
}

}  // namespace
}  // namespace patchbay::testing
