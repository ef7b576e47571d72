// SPDX-License-Identifier: Apache-2.0
#include "jobs/bootloader/command_dialogue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/jobs/bootloader/talk.hpp"

namespace patchbay::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using Next = DialogueStep::Next;

CommandPlan plan(std::vector<std::string> commands) {
    CommandPlan plan;
    plan.prompt = "=>";
    plan.commands = std::move(commands);
    plan.errors = {"u-boot", {"Resetting CPU", "Must RESET board to recover", "TIMEOUT", "Retry count exceeded"}};
    plan.final_message = "Starting kernel";
    return plan;
}

TEST(CommandDialogue, TypesEachCommandAtAPrompt) {
    CommandDialogue dialogue{plan({"dhcp", "booti 1 - 2"})};
    Talk talk{dialogue};
    talk.hears("=> ");
    EXPECT_THAT(talk.typed, ElementsAre("dhcp\n"));
    talk.hears("dhcp\r\nBOOTP broadcast 1\r\n");
    EXPECT_THAT(talk.typed, SizeIs(1));
    talk.hears("=> ");
    EXPECT_THAT(talk.typed, ElementsAre("dhcp\n", "booti 1 - 2\n"));
    EXPECT_EQ(talk.hears("booti 1 - 2\r\n## Flattened\r\n").next, Next::wait);
    EXPECT_EQ(talk.hears("\r\nStarting kernel ...\r\n").next, Next::finished);
}

TEST(CommandDialogue, AnErrorMessageIsNamedWithItsPlaceInTheListThatWasAwaited) {
    CommandDialogue dialogue{plan({"dhcp", "tftp a b", "booti"})};
    Talk talk{dialogue};
    talk.hears("=> ").hears("dhcp\r\n=> ").hears("tftp a b\r\nT T T T\r\nRetry count exceeded; starting again\r\n");
    EXPECT_EQ(talk.next, Next::failed);
    EXPECT_EQ(talk.error_type, ErrorType::infrastructure);
    EXPECT_EQ(talk.error,
              "matched a bootloader error message: 'Retry count exceeded' (4); u-boot said: Retry count exceeded; "
              "starting again");
}

TEST(CommandDialogue, AnErrorMessageBeforeTheFinalMessageCounts) {
    CommandDialogue dialogue{plan({"booti"})};
    Talk talk{dialogue};
    talk.hears("=> ").hears("booti\r\nTIMEOUT\r\nStarting kernel ...\r\n");
    EXPECT_EQ(talk.error, "matched a bootloader error message: 'TIMEOUT' (3); u-boot said: TIMEOUT");
}

TEST(CommandDialogue, WithoutAFinalMessageItIsOverWithTheLastCommand) {
    auto loader = plan({"initrd x", "boot"});
    loader.final_message.clear();
    CommandDialogue dialogue{loader};
    Talk talk{dialogue};
    EXPECT_EQ(talk.hears("=> ").next, Next::wait);
    EXPECT_EQ(talk.hears("initrd x\r\n=> ").next, Next::finished);
    EXPECT_THAT(talk.typed, ElementsAre("initrd x\n", "boot\n"));
}

TEST(CommandDialogue, WithoutCommandsThePromptIsAll) {
    CommandDialogue dialogue{plan({})};
    Talk talk{dialogue};
    EXPECT_EQ(talk.hears("=> ").next, Next::finished);
    EXPECT_THAT(talk.typed, SizeIs(0));
}

TEST(CommandDialogue, BeginsAtOnceWhenThePromptWasSeen) {
    auto loader = plan({"dhcp", "booti"});
    loader.at_prompt = true;
    CommandDialogue dialogue{loader};
    const Talk talk{dialogue};
    EXPECT_THAT(talk.typed, ElementsAre("dhcp\n"));
}

// --- what the command itself says ------------------------------------------------------------------------------------

TEST(CommandDialogue, TheEchoOfACommandIsNoAnswer) {
    const std::string command = "setenv bootargs 'a=> TIMEOUT Starting kernel TIMEOUT'";
    CommandDialogue dialogue{plan({command, command, "booti Starting kernel"})};
    Talk talk{dialogue};
    talk.hears("=> ");
    for (const char c : command) talk.hears(std::string(1, c));
    EXPECT_EQ(talk.next, Next::wait);
    EXPECT_THAT(talk.typed, SizeIs(1));
    talk.hears("\r\n=> ").hears(command + "\r\n=> ").hears("booti Starting kernel\r\n");
    EXPECT_THAT(talk.typed, SizeIs(3));
    EXPECT_EQ(talk.next, Next::wait);
    EXPECT_EQ(talk.hears("Starting kernel ...").next, Next::finished);
}

TEST(CommandDialogue, WhatFollowsTheEchoIsAnAnswerThoughTheCommandHoldsIt) {
    CommandDialogue dialogue{plan({"echo TIMEOUT", "booti"})};
    Talk talk{dialogue};
    talk.hears("=> ").hears("echo TIMEOUT\r\nTIMEOUT\r\n=> ");
    EXPECT_EQ(talk.error, "matched a bootloader error message: 'TIMEOUT' (3); u-boot said: TIMEOUT");
}

TEST(CommandDialogue, AnEchoWithALostOrADoubledCharacterIsStillOne) {
    for (const std::string echo : {"setenv note TIMEOUT here", "setnv note TIMEOUT here", "setenvv note TIMEOUT here",
                                   "setenv nte TIMEOUT heere", "etenv note TIMEOUT here"}) {
        CommandDialogue dialogue{plan({"setenv note TIMEOUT here", "booti"})};
        Talk talk{dialogue};
        EXPECT_EQ(talk.hears("=> ").hears(echo + "\r\n").next, Next::wait) << echo;
        EXPECT_EQ(talk.hears("TIMEOUT\r\n").next, Next::failed) << echo;
    }
}

TEST(CommandDialogue, AnEchoWithAHoleIsStillOne) {
    const std::string command = "tftpboot 10.0.0.1 42/tftp-deploy-x/kernel/Image 42/tftp-deploy-x/kernel/cmdline";
    CommandDialogue dialogue{plan({command, "booti"})};
    Talk talk{dialogue};
    talk.hears("=> ").hears("tftpboot 10.0.0.1 42/tftp-deploy-x/kernploy-x/kernel/cmdline\r\ndone\r\n=> ");
    EXPECT_THAT(talk.typed, SizeIs(2));
}

TEST(CommandDialogue, AnEchoInCursorSequencesIsStillOne) {
    std::string echo;
    for (const char c : std::string{"linux (tftp)/TIMEOUT"}) echo += std::string("\x1b[1;5H") + c + "\x1b[0m";
    CommandDialogue dialogue{plan({"linux (tftp)/TIMEOUT", "boot"})};
    Talk talk{dialogue};
    EXPECT_EQ(talk.hears("=> ").hears(echo + "\r\n").next, Next::wait);
    talk.hears("=> ");
    EXPECT_THAT(talk.typed, SizeIs(2));
}

TEST(CommandDialogue, ASecondPromptOfTheKeyThatStoppedItIsNoAnswer) {
    CommandDialogue dialogue{plan({"dhcp", "tftp a b", "booti"})};
    Talk talk{dialogue};
    talk.hears("=> \r\n=> ");
    EXPECT_THAT(talk.typed, ElementsAre("dhcp\n"));
    talk.hears("dhcp\r\nBOOTP\r\n").waits();
    EXPECT_THAT(talk.typed, ElementsAre("dhcp\n"));
    talk.hears("=> ");
    EXPECT_THAT(talk.typed, ElementsAre("dhcp\n", "tftp a b\n"));
}

TEST(CommandDialogue, WhereNothingIsEchoedAPromptCountsWhenALongSilenceFollows) {
    CommandDialogue dialogue{plan({"dhcp", "tftp a b", "booti"})};
    Talk talk{dialogue};
    talk.hears("=> ").hears("=> ").waits();
    EXPECT_THAT(talk.typed, ElementsAre("dhcp\n")) << "an echo may be slow";
    talk.waits_long();
    EXPECT_THAT(talk.typed, ElementsAre("dhcp\n", "tftp a b\n"));
    talk.hears("=> ");  // known by now
    EXPECT_THAT(talk.typed, ElementsAre("dhcp\n", "tftp a b\n", "booti\n"));
}

// --- a line with troubles --------------------------------------------------------------------------------------------

TEST(CommandDialogue, APromptCutInTwoIsFoundWhenTheBoardIsSilent) {
    CommandDialogue dialogue{plan({"dhcp", "booti"})};
    Talk talk{dialogue};
    talk.hears("=> ").hears("dhcp\r\nbound\r\n=[ec] fan at 3000\r\n> ");
    EXPECT_THAT(talk.typed, SizeIs(1));
    talk.waits();
    EXPECT_THAT(talk.typed, SizeIs(2));
}

TEST(CommandDialogue, APromptCutInTwoIsAnsweredOnce) {
    CommandDialogue dialogue{plan({"dhcp", "tftp a b", "booti"})};
    Talk talk{dialogue};
    talk.hears("=> ").hears("dhcp\r\nbound\r\n=[ec] fan at 3000\r\n> ").waits().waits_long();
    EXPECT_THAT(talk.typed, ElementsAre("dhcp\n", "tftp a b\n")) << "its echo is slow";
}

TEST(CommandDialogue, BackAtThePromptAfterTheLastCommandIsAFailureThatNamesIt) {
    CommandDialogue dialogue{plan({"booti 0x1 - 0x2"})};
    Talk talk{dialogue};
    talk.hears("=> ").hears("booti 0x1 - 0x2\r\nUnknown command 'booti' - try 'help'\r\n=> ");
    EXPECT_EQ(talk.next, Next::wait);
    talk.waits();
    EXPECT_EQ(talk.next, Next::failed);
    EXPECT_THAT(talk.error, HasSubstr("back at its prompt '=>' after its last command 'booti 0x1 - 0x2'"));
    EXPECT_THAT(talk.error, HasSubstr("; it said: Unknown command 'booti' - try 'help'"));
}

TEST(CommandDialogue, ASecondPromptOfTheKeyIsNoReturnOfALoaderThatEchoesNothing) {
    CommandDialogue dialogue{plan({"booti 0x1 - 0x2"})};
    Talk talk{dialogue};
    talk.hears("=> ").hears("\r\n=> ").waits();
    EXPECT_EQ(talk.next, Next::wait);
    EXPECT_EQ(talk.hears("\r\nStarting kernel ...\r\n").next, Next::finished);
}

TEST(CommandDialogue, BackAtAPromptOfWhichTheDeviceGivesTheBeginIsOneToo) {
    auto loader = plan({"boot net"});
    loader.prompt = "barebox";
    CommandDialogue dialogue{loader};
    Talk talk{dialogue};
    talk.hears("barebox 2023.01\r\nbarebox@Board:/ ").hears("boot net\r\nT T\r\nbarebox@Board:/ ").waits();
    EXPECT_EQ(talk.next, Next::failed);
    EXPECT_THAT(talk.error, HasSubstr("back at its prompt 'barebox'"));
}

TEST(CommandDialogue, ALineThatBeginsLikeSuchAPromptIsNone) {
    auto loader = plan({"boot net"});
    loader.prompt = "barebox";
    CommandDialogue dialogue{loader};
    Talk talk{dialogue};
    talk.hears("barebox@Board:/ ").hears("boot net\r\nbarebox: loading ").waits();
    EXPECT_EQ(talk.next, Next::wait);
    EXPECT_EQ(talk.hears("\r\nStarting kernel ...\r\n").next, Next::finished);
}

TEST(CommandDialogue, TheLineOfAnErrorIsHeardToItsEnd) {
    auto loader = plan({"bootm"});
    loader.errors = {"barebox", {"ERROR: .*", "Error code \\d+\\r\\n"}};
    for (const bool silent : {true, false}) {
        CommandDialogue dialogue{loader};
        Talk talk{dialogue};
        talk.hears("=> ").hears("bootm\r\nx ERROR: no su");
        EXPECT_EQ(talk.hears("ch ").next, Next::wait) << "more of it may come";
        silent ? talk.waits() : talk.hears("file\r\n=> ");
        EXPECT_EQ(talk.next, Next::failed);
        EXPECT_EQ(talk.error, "matched a bootloader error message: 'ERROR: .*' (1); barebox said: x ERROR: no such" +
                                  std::string{silent ? "" : " file"});
    }
    CommandDialogue dialogue{loader};
    Talk talk{dialogue};
    talk.hears("=> ").hears("bootm\r\nError code 3\r\n");
    EXPECT_THAT(talk.error, HasSubstr("; barebox said: Error code 3"));
}

TEST(CommandDialogue, ASecondPromptBeforeASlowEchoOfTheLastCommandIsNoFailure) {
    CommandDialogue dialogue{plan({"booti 0x1 - 0x2"})};
    Talk talk{dialogue};
    EXPECT_EQ(talk.hears("=> \r\n=> ").waits().next, Next::wait);
    EXPECT_EQ(talk.hears("booti 0x1 - 0x2\r\nStarting kernel ...\r\n").next, Next::finished);
}

TEST(CommandDialogue, APromptInTheOutputBeforeTheRealOneAndASlowEchoAreNoFailure) {
    CommandDialogue dialogue{plan({"booti 0x1 - 0x2"})};
    Talk talk{dialogue};
    EXPECT_EQ(talk.hears("x=a=>b\r\n=> ").waits().next, Next::wait);
    EXPECT_EQ(talk.hears("booti 0x1 - 0x2\r\nBad magic!\r\n=> ").waits().next, Next::failed);
}

TEST(CommandDialogue, WithoutAnEchoALongSilenceAtThePromptIsAFailure) {
    CommandDialogue dialogue{plan({"booti 0x1 - 0x2"})};
    Talk talk{dialogue};
    EXPECT_EQ(talk.hears("=> ").hears("\r\nBad magic!\r\n=> ").waits().next, Next::wait);
    EXPECT_EQ(talk.waits_long().next, Next::failed);
}

TEST(CommandDialogue, ABabblingBoardIsWaitedFor) {
    CommandDialogue dialogue{plan({"dhcp", "booti"})};
    Talk talk{dialogue};
    talk.hears("=> ").hears("dhcp\r\n");
    for (int i = 0; i < 2000; ++i) talk.hears("\x1b[2J\xff\xfe T T T garbage \0 without a line end ");
    EXPECT_EQ(talk.next, Next::wait);
    talk.hears("\r\n=> ");
    EXPECT_THAT(talk.typed, SizeIs(2));
}

TEST(CommandDialogue, AnInvalidExpressionIsRefusedAtOnce) {
    auto loader = plan({"dhcp"});
    loader.errors.expressions.push_back("(");
    EXPECT_THROW(CommandDialogue{loader}, TestError);
}

}  // namespace
}  // namespace patchbay::testing
