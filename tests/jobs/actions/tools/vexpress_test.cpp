// SPDX-License-Identifier: Apache-2.0
// Boards of Arm's that take their firmware by a drive: real mtools on a real FAT file system, and a controller on the
// console that shows the drive when it is told to.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "tests/jobs/actions/tools/host_programs.hpp"

namespace patchbay::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

/// A board with a drive that holds old.txt, and an image with new files in two folders.
struct DriveBoard : Bench {
    explicit DriveBoard(const std::string& device, const std::string& label)
        : Bench{device + "commands: {hard_reset: relay, power_off: 'relay off'}\n"},
          node{usb.root / "dev/sdz"},
          link{usb.root / "dev/disk/by-label" / label} {
        program("relay", "touch '" + (job.folder / "reset").string() + "'");
        std::filesystem::create_directories(link.parent_path());
        show();
        shell("mformat -C -i '" + node.string() +
              "' -T 4096 -h 2 -s 32 -v VEMSD :: && echo old >old.txt && mcopy -i '" + node.string() +
              "' old.txt ::/ && mmd -i '" + node.string() + "' ::/OLD");
        shell("mkdir -p SOFTWARE && echo new >config.txt && echo firmware >SOFTWARE/bl1.bin");
        file("zephyr.elf", "the program");
        pack("config.txt SOFTWARE");
    }
    void pack(const std::string& files) { shell("rm -f fw.zip; python3 -m zipfile -c fw.zip " + files); }
    std::string shell(const std::string& line) const {
        EXPECT_EQ(std::system(("cd '" + job.folder.string() + "'; { " + line + "; } > said 2>&1").c_str()), 0)
            << read("said");
        return read("said");
    }
    /// The drive comes, under the name that udev gives it.
    void show() const { std::filesystem::create_symlink("../../sdz", link); }
    /// Sorted.
    std::string listed() const { return shell("mdir -/ -b -i '" + node.string() + "' ::/ | LC_ALL=C sort"); }
    std::string on_drive(const std::string& name) const {
        return shell("mtype -i '" + node.string() + "' '::/" + name + "'");
    }
    /// What udev notes of a drive.
    void note(const std::string& number, const std::string& label) {
        std::filesystem::create_directories(usb.root / "run/udev/data");
        std::ofstream{usb.root / "run/udev/data" / number} << "S:disk/by-label/x\nE:ID_FS_LABEL_ENC=" << label << "\n";
    }
    const std::filesystem::path node, link;
};

constexpr auto juno =
    "usb_filesystem_label: JUNO 01\n"
    "actions: {deploy: {methods: {vemsd: {parameters: {mcc_prompt: 'Cmd>', autorun_prompt: 'Press Enter to stop auto "
    "boot...', mcc_reset_msg: Programming NOR Flash, msd_mount_cmd: usb_on, flash_prompt: 'Flash>', flash_enter_cmd: "
    "flash, flash_erase_cmd: eraseall, flash_erase_msg: Erasing Flash, flash_exit_cmd: exit}}}}, "
    "boot: {methods: {minimal: null}}}\n";
constexpr auto vemsd =
    "- deploy:\n    to: vemsd\n    timeout: {seconds: 20}\n"
    "    recovery_image: {url: 'file://@FOLDER@/fw.zip', compression: zip}\n";

/// The drive is there from usb_on on.
struct Juno : DriveBoard {
    explicit Juno(const std::string& device = juno) : DriveBoard{device, "JUNO\\x2001"} {
        std::filesystem::remove(link);
        auto& board = *job.board;
        board.prompt = "Cmd> ";
        board.boot = {await_file((job.folder / "reset").string()),
                      say("ARM V2M-Juno Boot loader v1.0.0\r\nPress Enter to stop auto boot...\r\n"), expect_line(""),
                      say_prompt()};
        board.answer_other = [this, &board](const std::string& line) -> std::string {
            if (line == "usb_on") show();
            if (line == "flash") board.prompt = "Flash> ";
            if (line == "exit") board.prompt = "Cmd> ";
            return line == "eraseall" ? "Erasing Flash image\r\nErasing Flash image done\r\n" : "";
        };
        job.definition = job_text(vemsd);
    }
};

TEST(Vemsd, WritesTheFirmwareAndErasesTheFlash) {
    Juno juno_board;
    juno_board.note("b8:16", "JUNO\\x2001");
    juno_board.note("b8:32", "OTHER");
    const auto outcome = juno_board.job.run();
    EXPECT_TRUE(outcome.passed()) << outcome.error_msg;
    EXPECT_EQ(juno_board.job.board->typed, "\nusb_on\nflash\neraseall\nexit\n");
    EXPECT_EQ(juno_board.listed(), "::/SOFTWARE/\n::/SOFTWARE/bl1.bin\n::/config.txt\n");
    EXPECT_EQ(juno_board.on_drive("SOFTWARE/bl1.bin"), "firmware\n");
    EXPECT_EQ(juno_board.calls().back(), "relay off");
}

TEST(Vemsd, IsNotWrittenToADriveThatMayBeAnotherBoards) {
    Juno juno_board;
    juno_board.note("b8:16", "JUNO\\x2001");
    juno_board.note("b8:33", "JUNO\\x2001");
    const auto outcome = juno_board.job.run();
    EXPECT_EQ(outcome.error, ErrorType::infrastructure);
    EXPECT_THAT(outcome.error_msg, HasSubstr("more than one drive with the name 'JUNO\\x2001'"));
    EXPECT_EQ(juno_board.listed(), "::/OLD/\n::/old.txt\n");
    EXPECT_EQ(juno_board.calls().back(), "relay off");
}

TEST(Vemsd, OfANamedNodeNeedsNoName) {
    std::string device{juno};
    device.replace(device.find("{mcc_prompt"), 1, "{usb_mass_device: /dev/disk/by-label/JUNO\\x2001, ");
    Juno juno_board{device};
    juno_board.note("b8:16", "JUNO\\x2001");
    juno_board.note("b8:33", "JUNO\\x2001");
    EXPECT_EQ(juno_board.job.run().error_msg, "");
    EXPECT_EQ(juno_board.on_drive("config.txt"), "new\n");
}

TEST(Vemsd, FailsWhenTheControllerWentOn) {
    Juno juno_board;
    juno_board.job.board->boot = {await_file((juno_board.job.folder / "reset").string()),
                                  say("Press Enter to stop auto boot...\r\n"), expect_line(""),
                                  say("Programming NOR Flash\r\n")};
    const auto outcome = juno_board.job.run();
    EXPECT_EQ(outcome.error, ErrorType::infrastructure);
    EXPECT_THAT(outcome.error_msg, StartsWith("MCC: Unable to interrupt auto-run"));
    EXPECT_EQ(juno_board.job.sink.failure_of("enter-vexpress-mcc"), outcome.error_msg);
    EXPECT_EQ(juno_board.calls().back(), "relay off");
}

TEST(Vemsd, FailsWhenTheControllerSaysNothing) {
    Juno juno_board;
    juno_board.job.board->boot = {silence()};
    juno_board.job.definition = job_text(vemsd, "timeouts: {job: {minutes: 1}, connection: {seconds: 1}}\n");
    const auto outcome = juno_board.job.run();
    EXPECT_EQ(outcome.error, ErrorType::infrastructure);
    EXPECT_THAT(outcome.error_msg, StartsWith("enter-vexpress-mcc: the board's controller said none of ['Press Enter"));
}

TEST(Vemsd, EndsWhenTheDriveDoesNotCome) {
    Juno juno_board;
    juno_board.job.board->answer_other = [](const std::string&) { return "USB cable?\r\n"; };
    juno_board.job.definition =
        job_text(vemsd, "timeouts: {job: {minutes: 1}, actions: {wait-usb-mass-storage-device: {seconds: 1}}}\n");
    const auto outcome = juno_board.job.run();
    EXPECT_EQ(outcome.error, ErrorType::infrastructure);
    EXPECT_EQ(outcome.error_msg, "wait-usb-mass-storage-device timed out after 1 seconds");
    EXPECT_EQ(juno_board.calls().back(), "relay off");
}

TEST(Vemsd, CopiesNoFileOfThisHost) {
    Juno juno_board;
    juno_board.shell("ln -s /etc/passwd SOFTWARE/users && tar czf fw.zip config.txt SOFTWARE");
    const auto outcome = juno_board.job.run();
    EXPECT_EQ(outcome.error, ErrorType::job);
    EXPECT_THAT(outcome.error_msg, HasSubstr("the recovery image holds 'SOFTWARE/users'"));
    EXPECT_EQ(juno_board.job.board->typed, "");
}

TEST(Vemsd, SaysWhatTheDevicesFileLacks) {
    Bench bench{"actions: {deploy: {methods: {vemsd: null}}, boot: {methods: {minimal: null}}}\n"};
    bench.job.definition = job_text(vemsd);
    const auto text = bench.job.run().error_msg;
    for (const auto* part : {"vemsd.parameters has no 'mcc_prompt'; enter-vexpress-mcc needs it",
                             "has no 'msd_mount_cmd'", "has no 'flash_erase_msg'", "the drive of the board is ''"}) {
        EXPECT_THAT(text, HasSubstr(part));
    }
}

std::string mps_device(const std::string& parameters) {
    return "usb_filesystem_label: V2M-MPS2\n"
           "actions: {deploy: {methods: {mps: {parameters: {" +
           parameters + "}}}}, boot: {methods: {minimal: null}}}\n";
}
const std::string soft = "hard-reboot: false, reboot-string: hsyxhj";
std::string mps(const std::string& images) {
    return "- deploy:\n    to: mps\n    timeout: {seconds: 20}\n    images:\n" + images;
}
const std::string both =
    "      test_binary_1: {url: 'file://@FOLDER@/zephyr.elf', rename: SOFTWARE/mbed.elf}\n"
    "      recovery_image: {url: 'file://@FOLDER@/fw.zip', compression: zip}\n";

TEST(Mps, CopiesFirmwareThenProgramThenStartsAnew) {
    DriveBoard board{mps_device(soft), "V2M-MPS2"};
    board.job.definition = job_text(mps(both));
    EXPECT_EQ(board.job.run().error_msg, "");
    EXPECT_EQ(board.listed(),
              "::/SOFTWARE/\n::/SOFTWARE/bl1.bin\n::/SOFTWARE/mbed.elf\n::/config.txt\n::/reboot.txt\n");
    EXPECT_EQ(board.on_drive("SOFTWARE/mbed.elf"), "the program");
    EXPECT_EQ(board.on_drive("reboot.txt"), "hsyxhj");
}

TEST(Mps, OneProgramLeavesTheRestAsItIs) {
    DriveBoard board{mps_device("hard-reboot: true"), "V2M-MPS2"};
    board.job.definition = job_text(mps("      test_binary: {url: 'file://@FOLDER@/zephyr.elf'}\n"));
    EXPECT_EQ(board.job.run().error_msg, "");
    EXPECT_EQ(board.listed(), "::/OLD/\n::/old.txt\n::/zephyr.elf\n");
    EXPECT_THAT(board.calls(), ElementsAre("relay", "relay off", "relay off"));
    EXPECT_THAT(board.job.sink.cases(), Contains("lava/power-off pass"));
}

TEST(Mps, SaysWhatMcopySaidOfADriveThatIsFull) {
    DriveBoard board{mps_device(soft), "V2M-MPS2"};
    std::filesystem::resize_file(board.job.folder / "zephyr.elf", 4 * 1024 * 1024);
    board.job.definition = job_text(mps("      test_binary: {url: 'file://@FOLDER@/zephyr.elf'}\n"));
    const auto outcome = board.job.run();
    EXPECT_EQ(outcome.error, ErrorType::infrastructure);
    EXPECT_THAT(outcome.error_msg, HasSubstr("; it said: Disk full; does the board's drive hold"));
    EXPECT_THAT(board.listed(), Not(HasSubstr("reboot.txt")));
    EXPECT_EQ(board.calls().back(), "relay off");
}

TEST(Mps, SaysWhatIsWrongBeforeAnythingRuns) {
    DriveBoard board{mps_device("hard-reboot: false"), "V2M-MPS2"};
    board.job.definition =
        job_text(mps("      test_binary_1: {url: 'file://@FOLDER@/zephyr.elf', rename: ../x}\n"
                     "      firmware: {url: 'file://@FOLDER@/zephyr.elf'}\n"));
    const auto text = board.job.run().error_msg;
    EXPECT_THAT(text, HasSubstr("rename '../x' of 'test_binary_1' is no place on the board's drive"));
    EXPECT_THAT(text, HasSubstr("'firmware' is no image of such a board"));
    EXPECT_THAT(text, HasSubstr("mps.parameters has no 'reboot-string'"));
    EXPECT_THAT(board.calls(), Not(Contains("relay")));
}

}  // namespace
}  // namespace patchbay::testing
