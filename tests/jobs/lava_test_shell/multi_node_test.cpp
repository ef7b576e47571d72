// SPDX-License-Identifier: Apache-2.0
// The programs of a multinode group: what they print, and what they make of the answers that are typed.
#include <gmock/gmock.h>

#include "tests/jobs/lava_test_shell/target.hpp"

namespace patchbay {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class MultiNode : public Target {
protected:
    void SetUp() override {
        Target::SetUp();
        for (const auto& script : multinode_scripts())
            program("bin/" + std::string{script.name},
                    "LAVA_JOB_ID='101'\nLAVA_ROLE='server'\nLAVA_GROUP='101\tserver\n102\tclient\n110\tclient'\n"
                    "LAVA_MULTI_NODE_CACHE='" +
                        (root / "cache").string() + "'\n" + std::string{script.text});
    }
    /// Types these lines to the program.
    ShellOutcome typed(const std::string& lines, const std::string& command) {
        write("typed", lines);
        return run(command + " < " + (root / "typed").string());
    }
};
EVERY_SHELL(MultiNode);

TEST_P(MultiNode, KnowsWhoIsWho) {
    EXPECT_EQ(run("lava-self").output, "101\n");
    EXPECT_EQ(run("lava-role").output, "server") << "without a newline, as in LAVA";
    EXPECT_EQ(run("lava-role list").output, "server\nclient\nclient\n");
    EXPECT_EQ(run("lava-group").output, "\t101\tserver\n\t102\tclient\n\t110\tclient\n") << "as LAVA prints it";
    EXPECT_EQ(run("lava-group client").output, "102\n110\n");
    const auto nobody = run("lava-group router");
    EXPECT_EQ(nobody.output, "");
    EXPECT_EQ(nobody.code, 1);
}

TEST_P(MultiNode, ASendIsOneLineAndWaitsForNothing) {
    const auto sent = run("lava-send m1 ip=192.0.2.1 'txt=hello you'");
    EXPECT_EQ(sent.output, "<LAVA_MULTI_NODE> <LAVA_SEND m1 ip=192.0.2.1 txt=hello you>\n");
    EXPECT_EQ(sent.code, 0);
}

TEST_P(MultiNode, AWaitEndsWithItsAnswerAndKeepsTheValues) {
    const auto outcome =
        typed("noise\n\n<LAVA_SYNC_COMPLETE>\n<LAVA_WAIT_COMPLETE 101:ip=192.0.2.1 101:txt=a b 102:x=>\nrest\n",
              "lava-wait m1");
    EXPECT_EQ(outcome.output, "<LAVA_MULTI_NODE> <LAVA_WAIT m1>\n");
    EXPECT_EQ(outcome.code, 0);
    EXPECT_EQ(read("cache"), "101:ip=192.0.2.1\n101:txt=a b\n102:x=\n");
}

TEST_P(MultiNode, LongAnswersComeInItems) {
    typed("<LAVA_WAIT_ALL_ITEM 101:time=at 12:30 >\n<LAVA_WAIT_ALL_ITEM 102:b=C:\\new>\n<LAVA_WAIT_ALL_COMPLETE>\n",
          "lava-wait-all m1 client");
    EXPECT_EQ(read("cache"), "101:time=at 12:30 \n102:b=C:\\new\n");
}

TEST_P(MultiNode, TheValuesOfTheLastAnswerAreGone) {
    typed("<LAVA_WAIT_COMPLETE 101:ip=1>\n", "lava-wait m1");
    typed("<LAVA_SYNC_COMPLETE>\n", "lava-sync s1");
    EXPECT_EQ(read("cache"), "");
}

TEST_P(MultiNode, EachAskForWhatTheyAreNamedFor) {
    EXPECT_THAT(typed("<LAVA_SYNC_COMPLETE>\n", "lava-sync s1").output,
                HasSubstr("<LAVA_MULTI_NODE> <LAVA_SYNC s1>\n"));
    EXPECT_THAT(typed("<LAVA_WAIT_ALL_COMPLETE>\n", "lava-wait-all m1").output,
                HasSubstr("<LAVA_MULTI_NODE> <LAVA_WAIT_ALL m1>\n"));
    EXPECT_THAT(typed("<LAVA_WAIT_ALL_COMPLETE>\n", "lava-wait-all m1 client").output,
                HasSubstr("<LAVA_MULTI_NODE> <LAVA_WAIT_ALL m1 client>\n"));
    EXPECT_THAT(run("lava-start-vms").output, HasSubstr("<LAVA_MULTI_NODE> <LAVA_SEND lava_vm_start>\n"));
    EXPECT_THAT(typed("<LAVA_WAIT_ALL_COMPLETE>\n", "lava-wait-for-vms").output,
                HasSubstr("<LAVA_MULTI_NODE> <LAVA_WAIT_ALL lava_vm_stop>\n"));
    const auto config = run("lava-echo-config");
    EXPECT_EQ(config.output, "no shared config\n");
    EXPECT_EQ(config.code, 1);
}

TEST_P(MultiNode, AWrongCallAsksNothing) {
    for (const auto* line : {"lava-send", "lava-send a=b", "lava-sync", "lava-wait", "lava-wait-all", "lava-sync 'a b'",
                             "lava-sync 'a>'", "lava-send m1 'x=a>b'"}) {
        const auto outcome = run(line);
        EXPECT_EQ(outcome.code, 1) << line;
        EXPECT_THAT(outcome.output, Not(HasSubstr("<LAVA_MULTI_NODE>"))) << line;
    }
}

TEST_P(MultiNode, AConsoleThatEndsIsAFailure) {
    const auto outcome = typed("nothing\n", "lava-sync s1");
    EXPECT_EQ(outcome.code, 1);
    EXPECT_THAT(outcome.output, HasSubstr("the console ended before the answer came"));
}

}  // namespace
}  // namespace patchbay
