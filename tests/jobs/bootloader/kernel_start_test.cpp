// SPDX-License-Identifier: Apache-2.0
#include "jobs/bootloader/kernel_start.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/jobs/bootloader/talk.hpp"

namespace patchbay::testing {
namespace {

using ::testing::HasSubstr;
using Next = DialogueStep::Next;

KernelStartPlan grub(std::string command = "boot") {
    KernelStartPlan plan;
    plan.start_message = "Linux version [0-9]";
    plan.errors = {"grub", {"error: no such device", "TIMEOUT"}};
    plan.last_command = LastCommand{"grub>", std::move(command), true};
    return plan;
}

TEST(KernelStart, IsTheFirstLineOfTheKernel) {
    KernelStartDialogue dialogue{grub()};
    Talk talk{dialogue};
    EXPECT_EQ(talk.hears("boot\r\nEFI stub: Booting Linux Kernel...\r\n").waits().next, Next::wait);
    EXPECT_EQ(talk.hears("[    0.0] Linux version 6.1\r\nTIMEOUT\r\ngrub> ").next, Next::finished);
}

TEST(KernelStart, DoesNotComeAfterAnErrorOfTheLoader) {
    KernelStartDialogue dialogue{grub()};
    Talk talk{dialogue};
    talk.hears("boot\r\nerror: no such device: root.\r\ngrub> ");
    EXPECT_EQ(talk.next, Next::failed);
    EXPECT_EQ(talk.error_type, ErrorType::infrastructure);
    EXPECT_EQ(talk.error,
              "matched a bootloader error message: 'error: no such device' (1); grub said: error: no such device: "
              "root.");
}

TEST(KernelStart, DoesNotComeWhenTheLoaderIsBackAtItsPrompt) {
    KernelStartDialogue dialogue{grub()};
    Talk talk{dialogue};
    EXPECT_EQ(talk.hears("boot\r\nerror: no server is specified.\r\n\x1b[2Kgrub> ").next, Next::wait);
    EXPECT_EQ(talk.waits().next, Next::failed);
    EXPECT_EQ(talk.error,
              "the boot loader is back at its prompt 'grub>' after its last command 'boot', without 'Linux version "
              "[0-9]'; it said: error: no server is specified.");
}

TEST(KernelStart, MayComeWhileThereIsNothingButTheEchoOfTheCommand) {
    KernelStartDialogue dialogue{grub()};
    Talk talk{dialogue};
    EXPECT_EQ(talk.hears("boot").waits().hears("\r\n").waits().next, Next::wait);
    EXPECT_EQ(talk.hears("grub> is what the next line begins with\r\n").waits().next, Next::wait);
    EXPECT_EQ(talk.hears("Linux version 6.1").next, Next::finished);
}

TEST(KernelStart, IsNoWordOfTheCommandItself) {
    const std::string command = "chainloader x TIMEOUT; echo Linux version 6";
    KernelStartDialogue dialogue{grub(command)};
    Talk talk{dialogue};
    EXPECT_EQ(talk.hears(command + "\r\n").next, Next::wait);
    EXPECT_EQ(talk.hears("Linux version 6").next, Next::finished);
}

TEST(KernelStart, OfASystemThatBootsByItselfKnowsNoPrompt) {
    KernelStartPlan plan;
    plan.start_message = "Linux version [0-9]";
    KernelStartDialogue dialogue{plan};
    Talk talk{dialogue};
    EXPECT_EQ(talk.hears("grub> ").waits().next, Next::wait);
    EXPECT_EQ(talk.hears("Linux version 6").next, Next::finished);
}

}  // namespace
}  // namespace patchbay::testing
