// SPDX-License-Identifier: Apache-2.0
#include "jobs/console/kernel_messages.hpp"

#include <gmock/gmock.h>

#include "core/errors.hpp"

namespace patchbay {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Next = KernelMessages::Next;

struct Boot {
    explicit Boot(LoginWait wait) : messages{std::move(wait)} {}

    /// Feeds console output until the state machine has seen all of it or is done.
    KernelMessages::Step run(std::string_view output) {
        matcher.feed(output);
        KernelMessages::Step last;
        while (const auto match = matcher.search(messages.patterns())) {
            last = messages.feed(*match);
            for (const auto& line : last.log) log.push_back(std::string{to_string(line.level)} + " " + line.text);
            if (last.next != Next::wait) break;
        }
        return last;
    }

    KernelMessages messages;
    Matcher matcher;
    std::vector<std::string> log;
};

LoginWait shell() {
    LoginWait wait;
    wait.prompts = {"root@board:"};
    return wait;
}

TEST(KernelMessages, ABootWithoutTroubleEndsAtThePrompt) {
    Boot boot{shell()};
    const auto step = boot.run("[    0.0] Linux version 6.1\r\nroot@board:~# ");
    EXPECT_EQ(step.next, Next::shell_prompt);
    EXPECT_THAT(boot.messages.entries(), IsEmpty());
    EXPECT_THAT(boot.log, ElementsAre("debug Matched prompt #11: root@board:"));
}

TEST(KernelMessages, AWarningAndABugAreRecordedAndTheBootGoesOn) {
    Boot boot{shell()};
    const auto step = boot.run(
        "[ 1.0] ------------[ cut here ]------------\r\n[ 1.1] WARNING: CPU: 0 PID: 1 at x.c:1 f\r\n"
        "[ 1.2] ---[ end trace 0000000000000000 ]---\r\n[ 2.0] BUG: unable to handle page fault\r\nroot@board:~# ");
    EXPECT_EQ(step.next, Next::shell_prompt);
    ASSERT_EQ(boot.messages.entries().size(), 2u);
    EXPECT_EQ(boot.messages.entries()[0].kind, "warning");
    EXPECT_EQ(boot.messages.entries()[0].message,
              "[ 1.0] ------------[ cut here ]------------\r\n[ 1.1] WARNING: CPU: 0 PID: 1 at x.c:1 f\r\n"
              "[ 1.2] ---[ end trace 0000000000000000 ]---\r");
    EXPECT_EQ(boot.messages.entries()[1].kind, "bug");
    EXPECT_EQ(boot.messages.entries()[1].message, "[ 2.0] BUG: unable to handle page fault\r");
    EXPECT_FALSE(boot.messages.fatal());
    EXPECT_THAT(boot.log, ElementsAre("warning login-action: kernel 'warning'", "warning login-action: kernel 'bug'",
                                      "debug Matched prompt #11: root@board:"));
}

TEST(KernelMessages, EachStartHasItsKind) {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"Unhandled fault: x\r\n", "fault"},
        {"BUG: KCSAN: data-race\r\n=====\r\n", "kcsan"},
        {"BUG: KASAN: use-after-free\r\n=====\r\n", "kasan"},
        {"BUG: KFENCE: out-of-bounds\r\n=====\r\n", "kfence"},
        {"Oops: 0002 [#1]\r\n", "oops"},
        {"Internal error: Oops - BUG: 0\r\n", "oops"},
        {"WARNING: CPU\r\n---[ end trace 1 ]---\r\n", "warning"},
        {"kernel BUG at mm/slub.c:1!\r\n", "bug"},
        {"invalid opcode: 0000 [#1]\r\n", "invalid opcode"},
        {"-[ cut here ]-\r\nOops BUG\r\n--[ end trace ab ]--\r\n", "oops"},
        {"-[ cut here ]-\r\nkernel BUG at\r\n--[ end trace ab ]--\r\n", "bug"},
        {"-[ cut here ]-\r\nnothing\r\n--[ end trace ab ]--\r\n", "unknown"},
    };
    for (const auto& [text, kind] : cases) {
        Boot boot{shell()};
        boot.run(text);
        ASSERT_EQ(boot.messages.entries().size(), 1u) << text;
        EXPECT_EQ(boot.messages.entries()[0].kind, kind) << text;
    }
}

TEST(KernelMessages, APanicFailsTheBootWithTheWholeMessage) {
    Boot boot{shell()};
    const auto step = boot.run(
        "ok\r\n[ 3.0] Kernel panic - not syncing: VFS\r\n[ 3.1] CPU: 0\r\n"
        "[ 3.2] ---[ end Kernel panic - not syncing: VFS ]---\r\n");
    EXPECT_EQ(step.next, Next::fail);
    EXPECT_EQ(step.error,
              "[ 3.0] Kernel panic - not syncing: VFS\r\n[ 3.1] CPU: 0\r\n"
              "[ 3.2] ---[ end Kernel panic - not syncing: VFS ]---\r");
    EXPECT_TRUE(boot.messages.fatal());
    EXPECT_THAT(boot.log, ElementsAre("error login-action kernel 'panic'"));
}

TEST(KernelMessages, ALoginThatNobodyPreparedFailsTheBoot) {
    for (const auto* text : {"Login timed out after 60 seconds.\r\n", "Login incorrect\r\n"}) {
        Boot boot{shell()};
        const auto step = boot.run(std::string{"board login: \r\n"} + text);
        EXPECT_EQ(step.next, Next::fail);
        EXPECT_EQ(step.error, "auto_login not enabled but image requested login details.");
        EXPECT_FALSE(boot.messages.fatal()) << "the kernel is well";
    }
}

TEST(KernelMessages, APanicWithoutItsEndIsNamedWhenTheTimeIsOver) {
    Boot boot{shell()};
    EXPECT_EQ(boot.messages.expired(), std::nullopt);
    boot.run("Kernel panic - not syncing: VFS\r\n");
    EXPECT_EQ(boot.messages.expired(), "Kernel panic - not syncing");
}

TEST(KernelMessages, APromptAfterAPanicIsThatOfAnotherSystem) {
    Boot boot{shell()};
    const auto step =
        boot.run("[ 3.0] Kernel panic - not syncing: VFS\r\n[ 3.1] CPU: 0\r\nRebooting\r\nroot@board:~# ");
    EXPECT_EQ(step.next, Next::fail);
    EXPECT_EQ(step.error, "[ 3.0] Kernel panic - not syncing: VFS\r");
    EXPECT_EQ(boot.messages.entries().at(0).kind, "panic");
}

TEST(KernelMessages, ABoardThatResetsItselfFailsTheBoot) {
    Boot boot{shell()};
    EXPECT_EQ(boot.run("U-Boot SPL 2023.01 (Jan)\r\n").next, Next::fail);
    EXPECT_EQ(boot.messages.entries()[0].kind, "DUT_has_reset");
}

TEST(KernelMessages, APromptBeforeTheEndOfAMessageEndsTheParsing) {
    Boot boot{shell()};
    EXPECT_EQ(boot.run("WARNING: CPU: 0\r\nroot@board:~# ").next, Next::shell_prompt);
    EXPECT_EQ(boot.log.front(), "warning Unable to match end of the kernel message");
}

TEST(KernelMessages, TheEndOfAMessageMayBeFarAway) {
    Boot boot{shell()};
    const std::string begin = "WARNING: CPU: 0\r\n" + std::string(100'000, '.') + "\r\n";
    boot.run(begin);
    boot.run("---[ end trace 1 ]---\r\n");
    ASSERT_EQ(boot.messages.entries().size(), 1u);
    EXPECT_EQ(boot.messages.entries()[0].message, begin + "---[ end trace 1 ]---\r");
}

TEST(KernelMessages, ALoginPromptIsToldFromAShellPrompt) {
    auto wait = shell();
    wait.login_prompt = "login:";
    Boot boot{wait};
    EXPECT_EQ(boot.run("board login:").next, Next::login_prompt);
    EXPECT_EQ(boot.run("Login incorrect\r\n").next, Next::login_incorrect);
    EXPECT_EQ(boot.run("root@board:").next, Next::shell_prompt);
}

TEST(KernelMessages, AFailureMessageOfTheJobFailsTheBoot) {
    auto wait = shell();
    wait.failure_message = "rootfs (not|never) found";
    wait.login_prompt = "login:";
    Boot boot{wait};
    const auto step = boot.run("rootfs not found\r\n");
    EXPECT_EQ(step.next, Next::fail);
    EXPECT_EQ(step.error, "Matched job-specific failure message: 'rootfs (not|never) found'");
    EXPECT_EQ(boot.messages.entries()[0].kind, "custom-error");
    EXPECT_EQ(boot.messages.entries()[0].message, "rootfs (not|never) found");
    EXPECT_EQ(boot.run("login:").next, Next::login_prompt);
}

TEST(KernelMessages, CanBeLeftOut) {
    auto wait = shell();
    wait.ignore_kernel_messages = true;
    Boot boot{wait};
    EXPECT_EQ(boot.run("Kernel panic - not syncing\r\nroot@board:").next, Next::shell_prompt);
    EXPECT_THAT(boot.log, ElementsAre("debug Matched prompt #0: root@board:"));
}

TEST(KernelMessages, AnInvalidPromptIsATestError) {
    LoginWait wait;
    wait.prompts = {"("};
    EXPECT_THROW(KernelMessages{wait}, TestError);
}

}  // namespace
}  // namespace patchbay
