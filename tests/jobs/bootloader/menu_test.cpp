// SPDX-License-Identifier: Apache-2.0
#include "jobs/bootloader/menu.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/jobs/bootloader/talk.hpp"

namespace patchbay::testing {
namespace {

using ::testing::ElementsAre;
using Next = DialogueStep::Next;

const std::string main_menu = "[1] Linux from eMMC\r\n[2] Shell\r\n[3] Boot Manager\r\nStart: ";
const std::string manager = "[1] Add Boot Device Entry\r\n[2] Return to main menu\r\nChoice: ";

MenuStep select(std::string item, std::string wait = "", std::string fallback = "") {
    MenuStep step;
    step.items = {std::move(item)};
    step.wait = std::move(wait);
    step.fallback = std::move(fallback);
    return step;
}

MenuStep enter(std::string text, std::string wait = "") {
    MenuStep step;
    step.enter = std::move(text);
    step.wait = std::move(wait);
    return step;
}

MenuPlan plan(std::vector<MenuStep> steps) {
    MenuPlan plan;
    plan.prompt = "Start:";
    plan.steps = std::move(steps);
    return plan;
}

TEST(Menu, EntriesAreFoundByTheirLabel) {
    const MenuMarkup markup;
    EXPECT_EQ(find_menu_entry(markup, main_menu, "Shell"), "2");
    EXPECT_EQ(find_menu_entry(markup, main_menu, "She"), std::nullopt);
    EXPECT_EQ(find_menu_entry(markup, main_menu + "[7] Shell\r\n", "Shell"), "7");
    EXPECT_EQ(find_menu_entry(markup, "\x1b[2;3H[1] Shell\x1b[0m\r\n", "Shell"), "1");
    EXPECT_EQ(find_menu_entry(markup, "[12] TFTP on MAC Address: 00:02:f7:00:68:3f\r\n",
                              "TFTP on MAC Address: 00:02:f7:00:68:3f"),
              "12");
    MenuMarkup other;
    other.open = "(";
    other.close = ")";
    other.item_class = "a-z";
    other.separator = "\\s+";
    EXPECT_EQ(find_menu_entry(other, "(b)   Shell", "Shell"), "b");
    EXPECT_EQ(find_menu_entry(markup, "", "Shell"), std::nullopt);
}

TEST(Menu, IsWalkedThrough) {
    MenuDialogue dialogue{plan({select("Boot Manager", "Choice:"), select("Add Boot Device Entry", "path:"),
                                enter("Image", "Description:"), enter("LAVA", "Choice:"),
                                select("Return to main menu", "Start:"), select("LAVA")})};
    Talk talk{dialogue};
    talk.hears(main_menu).hears("3\r\n" + manager).hears("1\r\nFile path:").hears("Image\r\nDescription:");
    talk.hears("LAVA\r\n" + manager).hears("2\r\n[1] LAVA\r\nStart:");
    EXPECT_THAT(talk.typed, ElementsAre("3\n", "1\n", "Image", "^m", "LAVA", "^m", "2\n", "1\n"));
    EXPECT_EQ(talk.next, Next::finished);
}

TEST(Menu, AStepWithoutAWaitIsFollowedAtOnce) {
    MenuDialogue dialogue{plan({enter("y"), enter("ramdisk.img", "Arguments")})};
    Talk talk{dialogue};
    talk.hears("Start:");
    EXPECT_THAT(talk.typed, ElementsAre("y", "^m", "ramdisk.img", "^m"));
    EXPECT_EQ(talk.next, Next::wait);
    EXPECT_EQ(talk.hears("Arguments to pass").next, Next::finished);
}

TEST(Menu, ItsBootMessageIsAwaitedAtTheEnd) {
    auto menu = plan({select("Shell")});
    menu.boot_message = "Loaded: LinuxImage";
    MenuDialogue dialogue{menu};
    Talk talk{dialogue};
    EXPECT_EQ(talk.hears(main_menu).next, Next::wait);
    EXPECT_EQ(talk.hears("Loaded: LinuxImage").next, Next::finished);
}

TEST(Menu, AnotherEntryMayBeTakenWhereOneIsMissing) {
    MenuDialogue dialogue{plan({select("Remove Boot Device Entry", "Choice:", "Shell")})};
    Talk talk{dialogue};
    talk.hears(main_menu);
    EXPECT_THAT(talk.typed, ElementsAre("2\n"));
}

TEST(Menu, AnEntryThatIsNotThereIsTheJobsProblem) {
    MenuDialogue dialogue{plan({select("Fastboot")})};
    Talk talk{dialogue};
    talk.hears(main_menu);
    EXPECT_EQ(talk.next, Next::failed);
    EXPECT_EQ(talk.error_type, ErrorType::job);
    EXPECT_EQ(talk.error, "No selection was made");
}

TEST(Menu, AnErrorOfTheFirmwareEndsItAtOnce) {
    auto menu = plan({select("Shell", "Choice:")});
    menu.errors = {"uefi-menu", {"Synchronous Exception at"}};
    for (const std::string before : {"", "[2] Shell\r\nStart: "}) {
        MenuDialogue dialogue{menu};
        Talk talk{dialogue};
        talk.hears(before).hears("Synchronous Exception at 0x1234\r\n");
        EXPECT_EQ(talk.next, Next::failed);
        EXPECT_EQ(talk.error_type, ErrorType::infrastructure);
        EXPECT_EQ(talk.error,
                  "matched a bootloader error message: 'Synchronous Exception at' (1); uefi-menu said: Synchronous "
                  "Exception at 0x1234");
    }
}

TEST(Menu, EscapesWhereItIsToldTo) {
    MenuStep escape;
    escape.escape = true;
    escape.wait = "Start:";
    MenuDialogue dialogue{plan({escape})};
    Talk talk{dialogue};
    talk.hears(main_menu);
    EXPECT_THAT(talk.typed, ElementsAre("\x1b"));
}

}  // namespace
}  // namespace patchbay::testing
