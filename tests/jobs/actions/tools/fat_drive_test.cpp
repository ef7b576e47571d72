// SPDX-License-Identifier: Apache-2.0
// Boards that take their program by a drive: real mtools on a real FAT file system. The board below it is a script,
// which takes the drive away when something was copied onto it, and shows it again.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/jobs/actions/tools/host_programs.hpp"

namespace patchbay::testing {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr auto cmsis_device =
    "usb_serial_driver: cdc_acm\n"
    "actions: {deploy: {methods: {image: null}}, boot: {methods: {cmsis-dap: {parameters: {usb_mass_device: "
    "/dev/disk/by-id/usb-MBED_VFS-0:0, post_unmount_delay: 0}}}}}\n";
constexpr auto musca_device =
    "actions: {deploy: {methods: {musca: {id_serial: 'usb-MBED_VFS-0:0'}}}, boot: {methods: {musca: null}}}\n";
constexpr auto cmsis_job =
    "- deploy:\n    to: tmpfs\n    timeout: {seconds: 20}\n    images: {zephyr: {url: 'file://@FOLDER@/zephyr.bin'}}\n"
    "- boot: {method: cmsis-dap, timeout: {seconds: 20}}\n";
constexpr auto musca_job =
    "- deploy:\n    to: musca\n    timeout: {seconds: 20}\n    images: {test_binary: {url: "
    "'file://@FOLDER@/zephyr.bin'}}\n"
    "- boot: {method: musca, timeout: {seconds: 20}}\n";

struct Drive : Bench {
    explicit Drive(const std::string& device) : Bench{device} {
        file("zephyr.bin", "the program");
        usb.unplug("1-2");
        usb.plug("1-2", {"0d28", "0204", "DAPLink CMSIS-DAP", "1bc92320"});
        usb.node("class/tty", "1-2", 0, "tty/ttyACM0");
        std::filesystem::create_directories(usb.root / "drivers/cdc_acm");
        std::filesystem::create_directory_symlink(usb.root / "drivers/cdc_acm", usb.folder("1-2") / "1-2:1.0/driver");
        std::filesystem::create_directories(node().parent_path());
        shell("mformat -C -i '" + node().string() + "' -T 4096 -h 2 -s 32 ::");
        board("");
    }
    std::filesystem::path node() const { return usb.root / "dev/disk/by-id/usb-MBED_VFS-0:0"; }
    /// The words of the shell for the drive that the board shows next, which is $new.
    void board(const std::string& next) {
        program("mcopy", "/usr/bin/mcopy \"$@\" || exit\nnew='" + node().string() + ".new'; cp '" + node().string() +
                             "' \"$new\"\n" + next + "\nmv \"$new\" '" + node().string() + "'");
    }
    std::string shell(const std::string& line) const {
        EXPECT_EQ(std::system(("cd '" + job.folder.string() + "'; { " + line + "; } > said 2>&1").c_str()), 0)
            << read("said");
        return read("said");
    }
    std::string on_drive() const { return shell("mtype -i '" + node().string() + "' ::/zephyr.bin"); }
};

TEST(CmsisDap, CopiesTheImageAndLooksWhetherItWasTaken) {
    Drive drive{cmsis_device};
    drive.job.definition = job_text(cmsis_job);
    const auto outcome = drive.job.run();
    EXPECT_TRUE(outcome.passed()) << outcome.error_msg;
    EXPECT_EQ(drive.on_drive(), "the program");
    EXPECT_THAT(drive.calls(), ElementsAre(AllOf(StartsWith("mcopy -i "), EndsWith("/zephyr/zephyr.bin ::/"))));
}

TEST(CmsisDap, GivesTheReasonOfTheProbe) {
    Drive drive{cmsis_device};
    drive.board(
        "printf 'error: the image is for another chip\\r\\n' > \"$new.txt\"; /usr/bin/mcopy -i \"$new\" \"$new.txt\" "
        "::/FAIL.TXT");
    drive.job.definition = job_text(cmsis_job);
    const auto outcome = drive.job.run();
    EXPECT_EQ(outcome.error, ErrorType::infrastructure);
    EXPECT_EQ(outcome.error_msg,
              "Unsuccessful cmsis-dap boot: FAIL.TXT present after file copying: error: the image is for another chip");
    EXPECT_EQ(drive.job.sink.failure_of("flash-cmsis"), outcome.error_msg);
}

TEST(CmsisDap, EndsWhenTheDriveDoesNotComeAnew) {
    Drive drive{cmsis_device};
    drive.program("mcopy", "exec /usr/bin/mcopy \"$@\"");
    drive.job.definition = job_text(cmsis_job, "timeouts: {job: {minutes: 1}, actions: {flash-cmsis: {seconds: 1}}}\n");
    const auto outcome = drive.job.run();
    EXPECT_EQ(outcome.error, ErrorType::infrastructure);
    EXPECT_EQ(outcome.error_msg, "flash-cmsis timed out after 1 seconds");
    EXPECT_TRUE(drive.job.sink.has("debug", "/dev/disk/by-id/usb-MBED_VFS-0:0 to come anew"));
}

TEST(CmsisDap, SaysWhatIsWrongBeforeAnythingRuns) {
    Drive drive{
        "board_id: '0000000000'\nactions: {deploy: {methods: {image: null}}, boot: {methods: {cmsis-dap: "
        "{parameters: {usb_mass_device: null, post_unmount_delay: soon}}}}}\n"};
    drive.only_these();
    std::filesystem::remove(drive.job.folder / "bin/mcopy");
    drive.job.definition = job_text(cmsis_job);
    const auto text = drive.job.run().error_msg;
    for (const auto* part : {"board_id unset", "install the Debian package 'mtools'", "the drive of the board is ''",
                             "post_unmount_delay of boot method cmsis-dap must be a whole number"}) {
        EXPECT_THAT(text, HasSubstr(part));
    }
}

TEST(CmsisDap, ThatIsNotFatIsTheLabsProblem) {
    Drive drive{cmsis_device};
    drive.shell("head -c 65536 /dev/zero > '" + drive.node().string() + "'");
    drive.job.definition = job_text(cmsis_job);
    const auto outcome = drive.job.run();
    EXPECT_EQ(outcome.error, ErrorType::infrastructure);
    EXPECT_THAT(outcome.error_msg, StartsWith("Unable to run: ['mcopy', '-i', "));
}

TEST(Musca, CopiesTheProgramThenStartsIt) {
    Drive drive{musca_device};
    drive.job.definition = job_text(musca_job);
    const auto outcome = drive.job.run();
    EXPECT_TRUE(outcome.passed()) << outcome.error_msg;
    EXPECT_EQ(drive.on_drive(), "the program");
    EXPECT_THAT(drive.job.sink.texts("debug"), Contains(HasSubstr("Waiting for the drive")));
}

TEST(Musca, GivesTheReasonOfTheBoard) {
    Drive drive{musca_device};
    drive.board("echo 'error: bad hex' > \"$new.txt\"; /usr/bin/mcopy -i \"$new\" \"$new.txt\" ::/FAIL.TXT");
    drive.job.definition = job_text(musca_job);
    const auto outcome = drive.job.run();
    EXPECT_EQ(outcome.error, ErrorType::infrastructure);
    EXPECT_EQ(outcome.error_msg, "Flash failure indicated by presence of FAIL.TXT (Details: error: bad hex)");
    EXPECT_EQ(drive.job.sink.failure_of("check-musca-flash"), outcome.error_msg);
}

}  // namespace
}  // namespace patchbay::testing
