// SPDX-License-Identifier: Apache-2.0
// NXP's boards: which calls of uuu and bcu a job makes, and how the board gets to where uuu finds it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "core/config/yaml.hpp"
#include "tests/jobs/actions/tools/host_programs.hpp"

namespace patchbay::testing {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

const std::string usual = "usb_otg_path: '1:14', corrupt_boot_media_command: [mmc dev 1, mmc erase 0 0x400]";

std::string device(const std::string& options) {
    return "commands: {hard_reset: relay, power_off: 'relay off'}\n"
           "constants: {u-boot: {interrupt-prompt: Hit any key, interrupt-character: ' ', interrupt-newline: true, "
           "final-message: Starting kernel, error-messages: [Resetting CPU]}}\n"
           "actions: {deploy: {methods: {image: null}}, boot: {methods: {u-boot: {parameters: {bootloader_prompt: "
           "'=> '}}, uuu: {options: {" +
           options + "}}}}}\n";
}

std::string uuu_job(const std::string& commands, const std::string& extra = "") {
    return "- deploy:\n    to: uuu\n    timeout: {seconds: 60}\n    images:\n"
           "      boot: {url: 'file://@FOLDER@/flash.bin'}\n      rootfs: {url: 'file://@FOLDER@/rootfs.img'}\n"
           "- boot:\n    method: uuu\n    timeout: {seconds: 60}\n    commands: " +
           commands + "\n" + extra;
}

/// A board that uuu finds, with a relay that notes each of its resets.
struct Imx : Bench {
    explicit Imx(const std::string& options = usual) : Bench{device(options)} {
        program("relay",
                "n=1; [ \"$1\" ] && exit; while [ -e " + reset("$n") + " ]; do n=$((n+1)); done; touch " + reset("$n"));
        program("uuu");
        program("bcu");
        file("flash.bin", "a boot loader");
        file("rootfs.img", "a root file system");
        job.settings.trusted_jobs = true;
        job.board->prompt = "=> ";
        job.board->boot = {silence()};
        job.definition = job_text(uuu_job("[{uuu: '-b sd_all {boot} {rootfs}'}]"));
    }
    std::string reset(const std::string& number) const { return (job.folder / "reset").string() + number; }
    /// Calls without the folders that downloads have of their own.
    std::vector<std::string> short_calls() const {
        auto all = calls();
        for (auto& call : all) {
            for (auto at = call.find("FOLDER/"); at != std::string::npos; at = call.find("FOLDER/", at)) {
                const auto end = std::min(call.find_first_of(" ,", at), call.size());
                call.replace(at, call.rfind('/', end - 1) + 1 - at, "");
            }
        }
        return all;
    }
};

TEST(Uuu, FindsTheBoardAndWritesIt) {
    Imx board;
    EXPECT_EQ(board.job.run().error_msg, "");
    EXPECT_THAT(board.short_calls(), ElementsAre("relay", "uuu -m 1:14 flash.bin", "relay",
                                                 "uuu -m 1:14 -b sd_all flash.bin rootfs.img", "relay off"));
    EXPECT_TRUE(board.job.sink.has("info", "Board available for usb serial download"));
}

TEST(Uuu, HasUbootEraseTheMediumOfABoardThatDoesNotShowItsRom) {
    Imx board;
    const auto once = (board.job.folder / "once").string();
    board.program("uuu", "[ -e " + once + " ] && exit; touch " + once + "; exec tail -f /dev/null");
    board.job.board->boot = {await_file(board.reset("2")), say("U-Boot 2023.04\r\nHit any key to stop autoboot: 2 "),
                             expect_line(""), say_prompt()};
    EXPECT_EQ(board.job.run().error_msg, "");
    EXPECT_EQ(board.job.board->typed, " \nmmc dev 1\nmmc erase 0 0x400\n");
    EXPECT_THAT(board.short_calls(), ElementsAre("relay", "uuu -m 1:14 flash.bin", "relay", "relay",
                                                 "uuu -m 1:14 -b sd_all flash.bin rootfs.img", "relay off"));
}

TEST(Uuu, SendsWhatIsForOneProtocol) {
    Imx board{"usb_otg_path: ['1:14', '3:2'], corrupt_boot_media_command: mmc erase 0 0x400"};
    board.job.definition = job_text(uuu_job("[{SDPS: 'boot -f {boot}'}, {FB: 'flash -raw2sparse all \"{rootfs}\"'}]"));
    EXPECT_EQ(board.job.run().error_msg, "");
    const auto calls = board.short_calls();
    EXPECT_THAT(calls, Contains("uuu -m 1:14 -m 3:2 SDPS: boot -f flash.bin"));
    EXPECT_THAT(calls, Contains("uuu -m 1:14 -m 3:2 FB: flash -raw2sparse all rootfs.img"));
}

TEST(Uuu, ThatFailsIsTheLabsProblemWithItsLastWords) {
    Imx board;
    board.program("uuu", "[ \"$3\" = -b ] || exit 0; echo 'Error: Device not found'; exit 255");
    const auto outcome = board.job.run();
    EXPECT_EQ(outcome.error, ErrorType::infrastructure);
    EXPECT_THAT(outcome.error_msg,
                AllOf(StartsWith("Fail UUUBootAction on cmd : ['uuu', '-m', '1:14', '-b', 'sd_all', "),
                      HasSubstr("it ended with return code 255: 'Error: Device not found'; is the board plugged in")));
    EXPECT_EQ(board.job.sink.failure_of("uuu-boot"), outcome.error_msg);
    EXPECT_EQ(board.calls().back(), "relay off");
}

TEST(Uuu, IsStoppedAtTheEndOfItsTime) {
    Imx board;
    board.program("uuu", "[ \"$3\" = -b ] || exit 0; exec tail -f /dev/null");
    board.job.definition = job_text(uuu_job("[{uuu: '-b sd {boot}'}]"),
                                    "timeouts: {job: {minutes: 1}, actions: {uuu-boot: {seconds: 2}}}\n");
    const auto outcome = board.job.run();
    EXPECT_EQ(outcome.error, ErrorType::infrastructure);
    EXPECT_EQ(outcome.error_msg, "uuu-boot timed out after 2 seconds");
    EXPECT_EQ(board.calls().back(), "relay off");
    EXPECT_FALSE(board.job.left_running);
}

TEST(Uuu, TheBoardsPlaceMayComeFromAProgram) {
    Imx board{"usb_otg_path: null, usb_otg_path_command: [where, board-01], corrupt_boot_media_command: [mmc erase]"};
    board.program("where", "echo 2:112; echo 3:2");
    EXPECT_EQ(board.job.run().error_msg, "");
    EXPECT_THAT(board.short_calls(), Contains("uuu -m 2:112 -m 3:2 flash.bin"));
    board.program("where", "echo nowhere");
    const auto outcome = board.job.run();
    EXPECT_EQ(outcome.error, ErrorType::infrastructure);
    EXPECT_THAT(outcome.error_msg, StartsWith("the device's usb_otg_path is ['nowhere'], which is no place on USB"));
}

const std::string with_bcu =
    usual + ", bcu_board_name: imx8dxlevk, bcu_board_id: 2-1.3, additional_bcu_cleanup_commands: [set_boot_mode emmc]";

TEST(Uuu, BcuAloneNeedsNoRom) {
    Imx board{with_bcu};
    board.job.definition = job_text(uuu_job("[{bcu: set_boot_mode emmc_s}]"));
    EXPECT_EQ(board.job.run().error_msg, "");
    EXPECT_THAT(board.calls(), ElementsAre("relay", "bcu set_boot_mode emmc_s -board=imx8dxlevk -id=2-1.3", "relay off",
                                           "bcu deinit -board=imx8dxlevk -id=2-1.3",
                                           "bcu set_boot_mode emmc -board=imx8dxlevk -id=2-1.3"));
}

TEST(Uuu, BcuThatResetsToUsbBringsTheBoardToUuu) {
    Imx board{with_bcu};
    board.job.definition = job_text(uuu_job("[{bcu: reset usb}, {uuu: '-b emmc {boot}'}]"));
    EXPECT_EQ(board.job.run().error_msg, "");
    const auto calls = board.short_calls();
    ASSERT_GE(calls.size(), 3u);
    EXPECT_EQ(calls[1], "bcu reset usb -board=imx8dxlevk -id=2-1.3");
    EXPECT_EQ(calls[2], "uuu -m 1:14 -b emmc flash.bin");
}

TEST(Uuu, IsLeftOutWhereTheBootLoaderAnswers) {
    Imx board;
    board.job.board->boot = {await_file(board.reset("1")), say("Hit any key to stop autoboot: 2 "), expect_line(""),
                             say_prompt()};
    board.job.definition = job_text(uuu_job("[{uuu: '-b sd {boot}'}]", "    skip_uuu_if_bootloader_valid: true\n"));
    EXPECT_EQ(board.job.run().error_msg, "");
    EXPECT_THAT(board.calls(), ElementsAre("relay", "relay off"));
    EXPECT_TRUE(board.job.sink.has("info", "Skip uuu flash due to valid bootloader"));
}

TEST(Uuu, IsCalledWhereNoBootLoaderAnswers) {
    Imx board;
    board.job.definition = job_text(uuu_job("[{uuu: '-b sd {boot}'}]", "    skip_uuu_if_bootloader_valid: true\n"),
                                    "timeouts: {job: {minutes: 1}, actions: {bootloader-interrupt: {seconds: 1}}}\n");
    EXPECT_EQ(board.job.run().error_msg, "");
    EXPECT_THAT(board.short_calls(), Contains("uuu -m 1:14 -b sd flash.bin"));
}

TEST(Uuu, RunsInTheContainerOfTheDevice) {
    Imx board{usual + ", docker_image: 'nxp/uuu:1'"};
    board.program("docker", docker_script);
    EXPECT_EQ(board.job.run().error_msg, "");
    const auto calls = board.short_calls();
    EXPECT_THAT(calls, Contains(AllOf(HasSubstr("docker run "), HasSubstr("--device-cgroup-rule=c 189:* rmw"),
                                      HasSubstr("flash.bin"), HasSubstr("nxp/uuu:1 uuu -m 1:14 -b sd_all"))));
}

TEST(Uuu, IsForLabsThatTrustTheJob) {
    Imx board;
    board.job.settings.trusted_jobs = false;
    EXPECT_THAT(board.job.run().error_msg, HasSubstr("uuu, which runs scripts out of images"));
    EXPECT_THAT(board.calls(), ::testing::Not(Contains(StartsWith("uuu"))));
}

TEST(Uuu, SaysWhatIsMissingBeforeAnythingRuns) {
    Imx board{"usb_otg_path: null"};
    board.only_these();
    for (const auto* name : {"uuu", "bcu"}) std::filesystem::remove(board.job.folder / "bin" / name);
    board.job.definition = job_text(uuu_job("[{uuu: '-b sd {boot}'}, {bcu: deinit}]"));
    const auto text = board.job.run().error_msg;
    for (const auto* part : {"neither 'usb_otg_path', where the board is plugged in", "neither 'bcu_board_id'",
                             "'bcu_board_name' is not", "install the Debian package 'uuu'",
                             "the program 'bcu' is not installed", "no 'corrupt_boot_media_command'"}) {
        EXPECT_THAT(text, HasSubstr(part));
    }
    board.job.definition = job_text(uuu_job("sd"));
    EXPECT_THAT(board.job.run().error_msg, HasSubstr("'commands' must be a list of one-key maps"));
    board.job.definition =
        job_text("- deploy: {to: uuu, images: {rootfs: {url: 'file://@FOLDER@/rootfs.img'}}, timeout: {seconds: 9}}\n");
    EXPECT_THAT(board.job.run().error_msg, HasSubstr("'boot' image is required"));
    EXPECT_THAT(board.calls(), ::testing::Not(Contains("relay")));
}

TEST(Uuu, HasTheShapeOfLavas) {
    Imx board{usual + ", power_off_before_corrupt_boot_media: true"};
    board.job.definition = job_text(uuu_job("[{uuu: '-b sd {boot}'}]", "    skip_uuu_if_bootloader_valid: true\n"));
    std::vector<std::string> names;
    const std::function<void(const config::Value&)> add = [&](const config::Value& node) {
        const auto* list = node.find("pipeline");
        for (const auto& child : list && list->as_list() ? *list->as_list() : config::List{}) {
            const auto level = config::python_str(*child.find("level"));
            if (level.starts_with("2")) names.push_back(level + " " + config::python_str(*child.find("name")));
            add(child);
        }
    };
    add(board.job.tree());
    EXPECT_THAT(names,
                ElementsAre("2 uuu-boot-retry", "2.1 check-bootloader-valid", "2.1.1 connect-device",
                            "2.1.2 bootloader-overlay", "2.1.3 boot-bootloader", "2.1.3.1 reset-connection",
                            "2.1.3.1.1 disconnect-device", "2.1.3.1.2 connect-device", "2.1.3.2 reset-device",
                            "2.1.3.2.1 pdu-reboot", "2.1.3.3 bootloader-interrupt", "2.1.3.4 bootloader-commands",
                            "2.1.4 disconnect-device", "2.2 uuu", "2.2.1 disconnect-device", "2.2.2 reset-device",
                            "2.2.2.1 pdu-reboot", "2.2.3 check-serial-availability", "2.2.4 boot-corrupt-boot-media",
                            "2.2.4.1 power-off", "2.2.4.2 connect-device", "2.2.4.3 bootloader-overlay",
                            "2.2.4.4 boot-bootloader", "2.2.4.4.1 reset-connection", "2.2.4.4.1.1 disconnect-device",
                            "2.2.4.4.1.2 connect-device", "2.2.4.4.2 reset-device", "2.2.4.4.2.1 pdu-reboot",
                            "2.2.4.4.3 bootloader-interrupt", "2.2.4.4.4 bootloader-commands",
                            "2.2.4.5 disconnect-device", "2.2.5 reset-device", "2.2.5.1 pdu-reboot",
                            "2.2.6 connect-device", "2.2.7 uuu-boot", "2.2.8 disconnect-device"));
}

}  // namespace
}  // namespace patchbay::testing
