// SPDX-License-Identifier: Apache-2.0
#include "jobs/bootloader/interrupt.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "jobs/bootloader/prompt.hpp"
#include "tests/jobs/bootloader/talk.hpp"

namespace patchbay::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Next = DialogueStep::Next;

InterruptPlan uboot() { return {"Hit any key to stop autoboot", {{Typing::Kind::line, ""}}, "=>", true}; }

TEST(Interrupt, SendsItsKeyWhenTheLoaderAsks) {
    InterruptDialogue dialogue{uboot()};
    Talk talk{dialogue};
    EXPECT_EQ(talk.hears("U-Boot 2023.01\r\nHit any key to stop auto").next, Next::wait);
    EXPECT_THAT(talk.typed, IsEmpty());
    EXPECT_EQ(talk.hears("boot:  2 ").next, Next::finished);
    EXPECT_THAT(talk.typed, ElementsAre("\n"));
}

TEST(Interrupt, SendsControlCharactersWhereTheLoaderWantsThose) {
    InterruptDialogue dialogue{{"Press Ctrl-B", {{Typing::Kind::control, "b"}}, "iPXE>", true}};
    Talk talk{dialogue};
    talk.hears("\x1b[0mPress Ctrl-B for the iPXE command line...");
    EXPECT_THAT(talk.typed, ElementsAre("^b"));
}

TEST(Interrupt, WaitsForThePromptOfALoaderThatStopsByItself) {
    auto plan = uboot();
    plan.needs_interrupt = false;
    InterruptDialogue dialogue{plan};
    Talk talk{dialogue};
    EXPECT_EQ(talk.hears("Hit any key to stop autoboot: 0\r\n").next, Next::wait);
    EXPECT_EQ(talk.hears("=> ").next, Next::finished);
    EXPECT_THAT(talk.typed, IsEmpty());
    EXPECT_EQ(talk.log.front().text, "Not interrupting bootloader, waiting for bootloader prompt");
}

TEST(Interrupt, ALoaderAtItsPromptThatHasLostItsQuestionNeedsNoKey) {
    InterruptDialogue dialogue{uboot()};
    Talk talk{dialogue};
    talk.hears("y key to st\xffp autoboot:  0\r\n=> ");
    EXPECT_EQ(talk.next, Next::wait);
    EXPECT_EQ(talk.waits().next, Next::finished);
    EXPECT_THAT(talk.typed, IsEmpty());
}

TEST(Interrupt, SilenceElsewhereMeansNothing) {
    InterruptDialogue dialogue{uboot()};
    Talk talk{dialogue};
    EXPECT_EQ(talk.hears("a => b\r\nDRAM:  1 GiB\r\n").waits().next, Next::wait);
}

TEST(Prompt, EndsTheOutputOrDoesNot) {
    const Pattern prompt{"=>"};
    EXPECT_TRUE(ends_at_prompt(prompt, "done\r\n=> "));
    EXPECT_TRUE(ends_at_prompt(prompt, "a=>b\r\n=>\x1b[0m "));
    EXPECT_FALSE(ends_at_prompt(prompt, "=> dhcp"));
    EXPECT_FALSE(ends_at_prompt(prompt, "=> \r\n"));
    EXPECT_FALSE(ends_at_prompt(prompt, ""));
    EXPECT_TRUE(ends_at_prompt(Pattern{"[a-z]+: "}, "hatch: "));
}

TEST(Prompt, CutInTwoByALineOfSomethingElse) {
    const Pattern prompt{"grub>"};
    EXPECT_TRUE(ends_at_cut_prompt(prompt, "ok\r\ngr[   12.0] usb 1-1: new device\r\nub> "));
    EXPECT_TRUE(ends_at_cut_prompt(prompt, "ok\r\ngr[ec] one\r\n[ec] two\r\nub> "));
    EXPECT_FALSE(ends_at_cut_prompt(prompt, "ok\r\nub> "));            // its beginning was lost, or was never there
    EXPECT_FALSE(ends_at_cut_prompt(prompt, "a gr[ec] fan\r\nub> "));  // not at the beginning of a line
    EXPECT_FALSE(ends_at_cut_prompt(prompt, "gr[ec] fan\r\nub> x"));
    EXPECT_FALSE(ends_at_cut_prompt(prompt, "g[ec] fan\r\nrub> "));  // too little of it
    EXPECT_FALSE(ends_at_cut_prompt(prompt, "grub> "));
    EXPECT_FALSE(ends_at_cut_prompt(Pattern{"[a-z]+>"}, "gr[ec] fan\r\nub> "));
}

}  // namespace
}  // namespace patchbay::testing
