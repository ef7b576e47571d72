// SPDX-License-Identifier: Apache-2.0
#include "jobs/bootloader/login_dialogue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "jobs/bootloader/kernel_dialogue.hpp"
#include "tests/jobs/bootloader/talk.hpp"

namespace patchbay::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Next = DialogueStep::Next;

LoginPlan plan(std::vector<std::string> commands = {}) {
    LoginPlan plan;
    plan.login_prompt = "login:";
    plan.username = "root";
    plan.password_prompt = "Password:";
    plan.password = "toor";
    plan.prompts = {"root@board:~#"};
    plan.commands = std::move(commands);
    return plan;
}

LoginPlan without_password(std::vector<std::string> commands = {}) {
    auto login = plan(std::move(commands));
    login.password_prompt = login.password = "";
    return login;
}

// --- the kernel, and then a prompt -----------------------------------------------------------------------------------

LoginWait wait_for_login() { return {{"root@board:~#"}, "", "login:", false}; }

TEST(KernelDialogue, EndsAtALoginPromptOrAShell) {
    for (const auto* text : {"board login: ", "root@board:~# "}) {
        KernelDialogue dialogue{wait_for_login()};
        Talk talk{dialogue};
        EXPECT_EQ(talk.hears("[    0.0] Linux version 6.1\r\n").waits().next, Next::wait);
        EXPECT_EQ(talk.hears(text).next, Next::finished);
        EXPECT_EQ(dialogue.at_shell(), std::string_view{text}.starts_with("root"));
    }
}

TEST(KernelDialogue, ALoginPromptThatAMessageOfTheKernelHasCutInTwoIsFoundInSilence) {
    for (const auto* text :
         {"board lo[   12.5] usb 1-1: gone\r\ngin: ", "board lo<6>[   12.5] a\r\n[   12.6] b\r\ngin: ",
          "board login[    1.000000] audit: type=1006\r\n: "}) {
        KernelDialogue dialogue{wait_for_login()};
        Talk talk{dialogue};
        EXPECT_EQ(talk.hears(text).next, Next::wait) << text;
        EXPECT_EQ(talk.waits().next, Next::finished) << text;
        EXPECT_FALSE(dialogue.at_shell());
        EXPECT_THAT(talk.log, Contains(Field(&LogLine::text, HasSubstr("'login:' came in two parts"))));
    }
}

TEST(KernelDialogue, WhatOnlyLooksLikeHalvesOfAPromptIsNone) {
    for (const auto* text : {"board lo[   12.5] usb 1-1: gone\r\ngin: x", "[   12.5] lo\r\ngin: ",
                             "board lo[   12.5] usb 1-1: gone\r\nin: ", "board lo[   12.5] usb 1-1: gone\r\n"}) {
        KernelDialogue dialogue{wait_for_login()};
        Talk talk{dialogue};
        EXPECT_EQ(talk.hears(text).waits().next, Next::wait) << text;
    }
}

TEST(KernelDialogue, FailsAtAPanicAndAtALoginThatNobodyHasBegun) {
    KernelDialogue panics{wait_for_login()};
    Talk panic{panics};
    panic.hears("Kernel panic - not syncing: VFS\r\n---[ end Kernel panic - not syncing: VFS ]---\r\n");
    EXPECT_EQ(panic.next, Next::failed);
    EXPECT_EQ(panic.error_type, ErrorType::job);
    EXPECT_TRUE(panics.messages().fatal());

    KernelDialogue refuses{wait_for_login()};
    Talk refused{refuses};
    EXPECT_EQ(refused.hears("Login incorrect\r\n").error, "Login incorrect");
}

// --- the login -------------------------------------------------------------------------------------------------------

TEST(Login, SendsNameAndPasswordWhenTheyAreAskedFor) {
    LoginDialogue dialogue{plan()};
    Talk talk{dialogue};
    EXPECT_THAT(talk.typed, ElementsAre("root\n"));
    EXPECT_EQ(talk.hears(" root\r\n").next, Next::wait);
    talk.hears("Password: ");
    EXPECT_THAT(talk.typed, ElementsAre("root\n", "toor\n"));
    EXPECT_EQ(talk.hears("\r\nLast login: today\r\n").next, Next::wait);
    EXPECT_EQ(talk.hears("root@board:~# ").next, Next::finished);
}

TEST(Login, LogsWhatItDoes) {
    LoginDialogue dialogue{plan({"stty"})};
    Talk talk{dialogue};
    talk.hears(" root\r\nPassword: ").hears("\r\nroot@board:~# ").hears("stty\r\nroot@board:~# ");
    EXPECT_EQ(talk.next, Next::finished);
    std::vector<std::string> texts;
    for (const auto& line : talk.log) texts.push_back(line.text);
    EXPECT_THAT(texts, ElementsAre("Sending username root", "Matched prompt #1: Password:", "Sending password toor",
                                   "Matched prompt #0: root@board:~#", "Running login commands"));
}

TEST(Login, WithoutAPasswordTheShellIsNext) {
    LoginDialogue dialogue{without_password()};
    Talk talk{dialogue};
    EXPECT_EQ(talk.hears(" root\r\n").next, Next::wait);
    EXPECT_EQ(talk.hears("root@board:~# ").next, Next::finished);
    EXPECT_THAT(talk.typed, ElementsAre("root\n"));
}

TEST(Login, ARefusalIsAFailureOfTheJob) {
    LoginDialogue dialogue{plan()};
    Talk talk{dialogue};
    talk.hears(" root\r\nPassword: ").hears("\r\nLogin incorrect\r\nboard login: ");
    EXPECT_EQ(talk.next, Next::failed);
    EXPECT_EQ(talk.error_type, ErrorType::job);
    EXPECT_EQ(talk.error, "Login incorrect");
}

TEST(Login, ATimeOutWithoutThePasswordPromptSaysThatItIsAnother) {
    LoginDialogue dialogue{plan()};
    Talk talk{dialogue};
    talk.hears(" root\r\nKennwort: \r\nLogin timed out after 60 seconds.\r\n");
    EXPECT_EQ(talk.error, "Password prompt not matched, please update the job definition with the correct one.");
}

TEST(Login, ATimeOutAfterThePasswordIsNamed) {
    LoginDialogue dialogue{plan()};
    Talk talk{dialogue};
    talk.hears(" root\r\nPassword: ").hears("\r\nLogin timed out after 60 seconds.\r\n");
    EXPECT_EQ(talk.error, "Login timed out");
}

TEST(Login, AShellThatCameFirstGetsTheNameAllTheSame) {
    auto login = without_password();
    login.shell_came_first = true;
    LoginDialogue dialogue{login};
    Talk talk{dialogue};
    EXPECT_THAT(talk.log.front().text, HasSubstr("a shell prompt came before the login prompt 'login:'"));
    EXPECT_THAT(talk.typed, ElementsAre("root\n"));
    EXPECT_EQ(talk.hears(" root\r\n-sh: root: not found\r\nroot@board:~# ").next, Next::finished);
}

// --- what was typed, come back ---------------------------------------------------------------------------------------

TEST(Login, TheEchoOfTheNameIsNoPrompt) {
    auto login = without_password();
    login.prompts = {"root"};
    LoginDialogue dialogue{login};
    Talk talk{dialogue};
    EXPECT_EQ(talk.hears(" root\r\n").waits().next, Next::wait);
    EXPECT_EQ(talk.hears("root@board:~# ").next, Next::finished);
}

TEST(Login, TheEchoOfACommandIsNoPrompt) {
    LoginDialogue dialogue{without_password({"PS1='root@board:~# '", "stty"})};
    Talk talk{dialogue};
    talk.hears(" root\r\nroot@board:~# ").hears("PS1='root@board:~# '\r\n").waits();
    EXPECT_THAT(talk.typed, SizeIs(2));
    talk.hears("root@board:~# ");
    EXPECT_THAT(talk.typed, SizeIs(3));
    EXPECT_EQ(talk.hears("stty\r\n").next, Next::wait);
    EXPECT_EQ(talk.hears("root@board:~# ").next, Next::finished);
}

TEST(Login, OnePromptThatTwoExpressionsMatchAnswersOneCommand) {
    auto login = without_password({"dmesg -n 1", "stty"});
    login.prompts = {"root@", ":~#"};
    LoginDialogue dialogue{login};
    Talk talk{dialogue};
    talk.hears(" root\r\nroot@board:~# ");
    EXPECT_THAT(talk.typed, ElementsAre("root\n", "dmesg -n 1\n"));
    talk.hears("dmesg -n 1\r\n").hears("root@board:~# ");
    EXPECT_THAT(talk.typed, SizeIs(3));
    EXPECT_EQ(talk.hears("stty\r\n").waits().next, Next::wait);
    EXPECT_EQ(talk.hears("root@board:~# ").next, Next::finished);
}

TEST(Login, AShellThatEchoesNothingIsBelievedInSilence) {
    LoginDialogue dialogue{without_password({"dmesg -n 1", "stty"})};
    Talk talk{dialogue};
    talk.hears(" root\r\nroot@board:~# ").hears("\r\nroot@board:~# ").waits();
    EXPECT_THAT(talk.typed, SizeIs(2)) << "an echo may be slow";
    talk.waits_long();
    EXPECT_THAT(talk.typed, SizeIs(3));
    EXPECT_EQ(talk.hears("\r\nroot@board:~# ").next, Next::finished);
}

// --- a line with troubles --------------------------------------------------------------------------------------------

TEST(Login, APromptInTheMessageOfTheDayComesFromAShell) {
    LoginDialogue dialogue{plan()};
    Talk talk{dialogue};
    EXPECT_EQ(talk.hears(" root\r\nPassword: ").hears("\r\nYou are at root@board:~# now\r\n").next, Next::finished);
}

TEST(Login, PromptsThatTheKernelHasCutInTwoAreFoundInSilence) {
    LoginDialogue dialogue{plan({"stty"})};
    Talk talk{dialogue};
    talk.hears(" root\r\nPass[    9.4] eth0: link up\r\nword: ");
    EXPECT_THAT(talk.typed, SizeIs(1));
    talk.waits();
    EXPECT_THAT(talk.typed, SizeIs(2));
    talk.hears("\r\nroot@bo<6>[   10.0] a\r\n[   10.1] b\r\nard:~# ").waits();
    EXPECT_THAT(talk.typed, ElementsAre("root\n", "toor\n", "stty\n"));
    EXPECT_EQ(talk.hears("stty\r\nroot@board:~[   11.0] c\r\n# ").waits().next, Next::finished);
}

TEST(Login, APromptThatWasCutInTwoIsAnsweredOnce) {
    LoginDialogue dialogue{plan({"stty", "date"})};
    Talk talk{dialogue};
    talk.hears(" root\r\nPass[    9.4] eth0: link up\r\nword: ").waits().waits_long();
    EXPECT_THAT(talk.typed, SizeIs(2));
    talk.hears("\r\nroot@bo[   10.0] a\r\nard:~# ").waits_long();
    EXPECT_THAT(talk.typed, ElementsAre("root\n", "toor\n", "stty\n")) << "its echo is slow";
}

TEST(Login, ABoardThatHasLostTheNameGetsItAgainThreeTimesInAll) {
    LoginDialogue dialogue{plan()};
    Talk talk{dialogue};
    talk.hears(" \r\n\r\nboard login: ");
    EXPECT_THAT(talk.typed, SizeIs(1));
    talk.waits_long();
    EXPECT_THAT(talk.typed, ElementsAre("root\n", "root\n"));
    talk.hears("root\r\nPassword: ").hears("\r\nLogin inco\xffrect\r\nboard login: ").waits();
    EXPECT_THAT(talk.typed, ElementsAre("root\n", "root\n", "toor\n", "root\n"));
    EXPECT_EQ(talk.hears("\r\nboard login: ").waits().next, Next::failed);
    EXPECT_THAT(talk.error, HasSubstr("'root' was sent 3 times"));
    EXPECT_EQ(talk.error_type, ErrorType::job);
}

TEST(Login, ABoardThatAsksForThePasswordAgainGetsItAgain) {
    auto login = plan();
    LoginDialogue dialogue{login};
    Talk talk{dialogue};
    // A shell's prompt where none can be: in the words of the service manager.
    talk.hears(" root\r\nStarted root@board:~# service\r\nPassword: ");
    EXPECT_THAT(talk.typed, ElementsAre("root\n", "toor\n"));
    talk.waits();
    EXPECT_THAT(talk.typed, ElementsAre("root\n", "toor\n", "toor\n"));
    EXPECT_EQ(talk.hears("\r\nroot@board:~# ").next, Next::finished);
}

TEST(Login, ABabblingConsoleIsWaitedForAndCostsNoMemory) {
    LoginDialogue dialogue{without_password()};
    Talk talk{dialogue};
    for (int i = 0; i < 5000; ++i) talk.hears("[   12.0] root@ board:~ # login usb 1-1: \xff\xfe not accepting\r\n");
    EXPECT_EQ(talk.waits().next, Next::wait);
    EXPECT_THAT(talk.typed, SizeIs(1));
    EXPECT_LT(talk.unmatched(), 300'000u);
    EXPECT_EQ(talk.hears("root@board:~# ").next, Next::finished);
}

TEST(Login, ABabbleInManyLanguagesAfterAnAnswerIsWaitedFor) {
    LoginDialogue dialogue{plan()};
    Talk talk{dialogue};
    talk.hears(" root\r\nPass[    9.4] a\r\nword: ").waits();
    EXPECT_THAT(talk.typed, SizeIs(2));
    for (int i = 0; i < 3000; ++i) {
        talk.hears("äöü 漢字 \xf0\x9f\x90\xa7 no line end, and nothing that anybody waits for; " +
                   std::string(i % 7, 'x'));
        if (i % 100 == 0) talk.waits();
    }
    EXPECT_EQ(talk.next, Next::wait);
    EXPECT_EQ(talk.hears("\r\nroot@board:~# ").next, Next::finished);
}

TEST(Login, AnInvalidExpressionIsRefusedAtOnce) {
    auto login = plan();
    login.password_prompt = "(";
    EXPECT_THROW(LoginDialogue{login}, TestError);
}

}  // namespace
}  // namespace patchbay::testing
