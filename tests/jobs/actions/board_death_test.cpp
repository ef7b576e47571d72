// SPDX-License-Identifier: Apache-2.0
// All that a board and its wiring can do instead of passing, at each stage of one job: whose problem it is, which case
// failed, and whether the board is off, and said to be. The job: from power-on by U-Boot to a login and a test.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/jobs/actions/sim_loaders.hpp"

namespace patchbay::testing {
namespace {

using ::testing::HasSubstr;

enum class AtTheEnd { off, said_to_be_on };

struct Death {
    std::string name;
    void (*happens)(SimBoard&);
    ErrorType error;
    std::string failing;  ///< the first failed case
    std::string text;     ///< in the job's error
    Clock::duration within;
    AtTheEnd at_the_end = AtTheEnd::off;
};

void PrintTo(const Death& death, std::ostream* out) { *out << death.name; }

/// The board says this to a line that holds `line`, and then no prompt.
void says(SimBoard& board, const std::string& line, const std::string& text) {
    board.answers.insert(board.answers.begin(), {line, text, 0s, false});
}

void hangs_up(SimBoard& board, const std::string& line, const std::string& text) {
    board.answers.insert(board.answers.begin(), {line, text, 0s, false, true});
}

const std::string kernel = "\r\nStarting kernel ...\r\n\r\n[    0.0] Linux version 6.6\r\n";
const std::string half_a_test =
    "<LAVA_SIGNAL_STARTRUN 0_smoke 42_1.1.2.1>\r\n<LAVA_SIGNAL_TESTCASE TEST_CASE_ID=a RESULT=pass>\r\n";

constexpr auto soon = 15s;

const std::vector<Death> deaths{
    {"NoBootLoader",
     [](SimBoard& board) {
         board.boot = {say("garbage\r\n"), silence()};
     },
     ErrorType::infrastructure, "lava/bootloader-interrupt", "bootloader-interrupt timed out after 30 seconds", 40s},
    {"NothingAtAll", [](SimBoard& board) { board.boot = {silence()}; }, ErrorType::infrastructure,
     "lava/bootloader-interrupt", "bootloader-interrupt timed out after 30 seconds", 40s},
    {"LoaderHangsAfterItsKey",
     [](SimBoard& board) {
         board.boot.pop_back();
         board.boot.push_back(silence());
     },
     ErrorType::infrastructure, "lava/bootloader-commands", "bootloader-commands timed out after 90 seconds", 2min},
    {"LoaderError",
     [](SimBoard& board) { says(board, "dhcp", "BOOTP broadcast 1\r\nRetry time exceeded; starting again\r\n"); },
     ErrorType::infrastructure, "lava/bootloader-commands", "u-boot said: Retry time exceeded; starting again", soon},
    {"TftpStalls", [](SimBoard& board) { says(board, "tftp", "Loading: *\bT T T "); }, ErrorType::infrastructure,
     "lava/bootloader-commands", "bootloader-commands timed out after 90 seconds", 2min},
    {"KernelIsRefused", [](SimBoard& board) { says(board, "booti", "Unknown command 'booti' - try 'help'\r\n=> "); },
     ErrorType::infrastructure, "lava/bootloader-commands", "back at its prompt '=>'", soon},
    {"KernelDoesNotStart", [](SimBoard& board) { says(board, "booti", "\r\nStarting kernel ...\r\n\r\n"); },
     ErrorType::job, "lava/auto-login-action", "wait for prompt timed out", 130s},
    {"KernelIsTheLoaderAgain",
     [](SimBoard& board) {
         says(board, "booti", kernel + "\r\nU-Boot SPL 2023.01 (Jan 09 2023)\r\nHit any key to stop autoboot: 2 ");
     },
     ErrorType::job, "lava/kernel-messages", "U-Boot SPL 2023", soon},
    {"KernelPanics",
     [](SimBoard& board) {
         says(board, "booti",
              kernel +
                  "[    1.0] Kernel panic - not syncing: no init\r\n[    1.1] ---[ end Kernel panic - not syncing: no "
                  "init ]---\r\n");
     },
     ErrorType::job, "lava/kernel-messages", "Kernel panic - not syncing: no init", soon},
    {"PanicIsCutShort",
     [](SimBoard& board) { says(board, "booti", kernel + "[    1.0] Kernel panic - not syncing: VFS"); },
     ErrorType::job, "lava/login-action", "Kernel panic - not syncing", 130s},
    {"NoLoginPrompt", [](SimBoard& board) { says(board, "booti", kernel + "[    9.0] systemd[1]: started\r\n"); },
     ErrorType::job, "lava/login-action", "wait for prompt timed out", 130s},
    {"WrongPassword", [](SimBoard& board) { says(board, "opensesame", "\r\nLogin incorrect\r\nboard01 login: "); },
     ErrorType::job, "lava/login-action", "Login incorrect", soon},
    {"NoPasswordPrompt", [](SimBoard& board) { says(board, "tester", "\r\nWhat is the word? "); }, ErrorType::job,
     "lava/login-action", "wait for prompt timed out", 130s},
    {"ShellHangsInATest", [](SimBoard& board) { says(board, "lava-test-runner", half_a_test); }, ErrorType::test,
     "lava/0_smoke", "", 4min},
    {"KernelPanicsInATest",
     [](SimBoard& board) {
         says(board, "lava-test-runner", half_a_test + "[   60.0] Kernel panic - not syncing: oops\r\n");
     },
     ErrorType::test, "lava/0_smoke", "", 4min},
    {"ConsoleIsLostAtTheLoader", [](SimBoard& board) { hangs_up(board, "dhcp", "BOOTP"); }, ErrorType::infrastructure,
     "lava/bootloader-commands", "Connection closed: the console 'simulated machine' has ended", soon},
    {"ConsoleIsLostInTheKernel", [](SimBoard& board) { hangs_up(board, "booti", kernel); }, ErrorType::infrastructure,
     "lava/login-action", "Connection closed: the console 'simulated machine' has ended", soon},
    {"ConsoleIsLostInATest", [](SimBoard& board) { hangs_up(board, "lava-test-runner", half_a_test); },
     ErrorType::infrastructure, "lava/0_smoke", "Connection closed", soon},
    {"SwitchRefusesOn", [](SimBoard& board) { board.boot_fails = "relay 3 does not close"; }, ErrorType::infrastructure,
     "lava/pdu-reboot", "relay 3 does not close", soon},
    {"SwitchRefusesOff",
     [](SimBoard& board) {
         board.off_fails = "relay 3 does not open";
         board.powered = true;
     },
     ErrorType::infrastructure, "lava/pdu-reboot", "relay 3 does not open", soon, AtTheEnd::said_to_be_on},
    {"SwitchNeverAnswers",
     [](SimBoard& board) {
         board.off_never_ends = true;
         board.powered = true;
     },
     ErrorType::infrastructure, "lava/pdu-reboot", "pdu-reboot timed out after 30 seconds", 7min,
     AtTheEnd::said_to_be_on},
};

struct BoardJob : ::testing::Test {
    SimJob job;
    BoardJob() {
        put_loader(job, sim_loader("u-boot"));
        job.definition = job_text(
            deploy_block() +
            "- boot:\n    method: u-boot\n    commands: ramdisk\n    prompts: ['root@board01:']\n"
            "    timeout: {minutes: 5}\n    timeouts: {bootloader-interrupt: {seconds: 30}, bootloader-commands: "
            "{seconds: 90}, auto-login-action: {seconds: 120}, pdu-reboot: {seconds: 30}}\n"
            "    auto_login: {login_prompt: 'login:', username: tester, password_prompt: 'Password:', password: "
            "opensesame}\n" +
            test_block("smoke"));
        auto& board = *job.board;
        board.answers = {
            {"booti", kernel + "\r\nboard01 login: ", 0s, false},
            {"tester", "Password: ", 0s, false},
            {"lava-test-runner", test_run("0_smoke", "42_1.1.2.1", {"a pass"}) + std::string{test_exit}},
        };
        board.answer_other = [&board](const std::string& line) -> std::string {
            if (line.find("opensesame") != std::string::npos) board.prompt = shell_prompt;
            return "";
        };
    }
};

TEST_F(BoardJob, PassesOnABoardThatLives) {
    const auto outcome = job.run();
    EXPECT_TRUE(outcome.passed()) << outcome.error_msg;
    EXPECT_EQ(first_failure(job), "");
    EXPECT_TRUE(outcome.device_is_safe);
    EXPECT_FALSE(job.board->powered);
}

struct BoardDeath : BoardJob, ::testing::WithParamInterface<Death> {
    const Death& death = GetParam();
};

TEST_P(BoardDeath, IsTheRightOnesProblemAndLeavesTheBoardOff) {
    death.happens(*job.board);
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, death.error) << outcome.error_msg;
    EXPECT_THAT(outcome.error_msg, HasSubstr(death.text));
    EXPECT_EQ(first_failure(job), death.failing);
    EXPECT_LT(job.took, death.within);
    EXPECT_EQ(job.sink.cases().back(), "lava/job fail");
    EXPECT_EQ(job.sink.job_results(), 1u);
    const bool off = death.at_the_end == AtTheEnd::off;
    EXPECT_EQ(job.board->powered, !off);
    EXPECT_EQ(outcome.device_is_safe, off);
    EXPECT_EQ(job.sink.failure_of("power-off").empty(), off);
    EXPECT_EQ(job.left_running, !off && job.board->boots > 0);
    EXPECT_FALSE(std::filesystem::exists(job.directory()));
}

INSTANTIATE_TEST_SUITE_P(AtEachStage, BoardDeath, ::testing::ValuesIn(deaths),
                         [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace patchbay::testing
