// SPDX-License-Identifier: Apache-2.0
// Boards whose U-Boot takes an image by USB: as a disk (ums), or by DFU. The programs that write are scripts, the
// board's console goes on when they have written.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "core/config/yaml.hpp"
#include "tests/jobs/actions/tools/host_programs.hpp"

namespace patchbay::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string device(const std::string& ums, const std::string& dfu = "null") {
    return "usb_vendor_id: 18d1\nusb_product_id: d00d\n"
           "commands: {hard_reset: relay, power_off: 'relay off'}\n"
           "constants: {u-boot: {interrupt-prompt: Hit any key, interrupt-character: ' ', interrupt-newline: true, "
           "final-message: Starting kernel, error-messages: [Resetting CPU], dfu-download: 'DOWNLOAD \\.\\.\\. OK'}}\n"
           "actions: {deploy: {methods: {u-boot-ums: null, image: null}}, boot: {methods: {dfu: " +
           dfu + ", u-boot: {parameters: {bootloader_prompt: '=> '" + ums +
           "}, ums: {commands: ['setenv x 1', ums 0 mmc 0]}}}}}\n";
}
constexpr auto by_link =
    ", uboot_ums_flash: true, uboot_mass_storage_device: '/dev/disk/by-id/usb-Linux_UMS_disk_0-0:0'";

/// A relay that notes each of its resets, and a console that gets to U-Boot after the first.
struct UbootBoard : Bench {
    explicit UbootBoard(const std::string& of_device) : Bench{of_device} {
        program("relay",
                "n=1; [ \"$1\" ] && exit; while [ -e " + reset("$n") + " ]; do n=$((n+1)); done; touch " + reset("$n"));
        file("card.img", "the image");
        job.board->prompt = "=> ";
        job.board->boot = {await_file(reset("1")), say("U-Boot 2023.01\r\nHit any key to stop autoboot:  2 "),
                           expect_line(""), say_prompt()};
    }
    std::string reset(const std::string& number) const { return (job.folder / "reset").string() + number; }
    void then(std::initializer_list<SimStep> steps) {
        job.board->boot.insert(job.board->boot.end(), steps.begin(), steps.end());
    }
};

const std::string deploy_ums =
    "- deploy: {to: u-boot-ums, timeout: {seconds: 30}, image: {url: 'file://@FOLDER@/card.img'}}\n";
const std::string boot_ums =
    "- boot:\n    method: u-boot\n    commands: ums\n    prompts: ['=> ']\n    timeout: {seconds: 30}\n";

/// The disk comes when U-Boot is told to show it.
struct Ums : UbootBoard {
    explicit Ums(const std::string& ums = by_link) : UbootBoard{device(ums)} {
        usb.plug("1-3", {"0525", "a4a5", "USB download gadget", ""});
        usb.node("class/block", "1-3", 0, "host6/target6:0:0/6:0:0:0/block/sdz");
        std::filesystem::create_directories(link.parent_path());
        std::filesystem::create_symlink("../../sdz", link);
        file("host/dev/sdz", "");
        program("bmaptool", "[ \"$1\" = create ] && { echo map >\"$3\"; exit; }\ncat \"$5\" >\"$6\"");
        then({expect_line("setenv x 1"), say_prompt(), expect_line("ums 0 mmc 0"), say("UMS: LUN 0, dev mmc 0\r\n"),
              await_file(reset("2")), say("Linux version 6.1\r\n"), say_prompt()});
        job.definition = job_text(deploy_ums + boot_ums);
    }
    const std::filesystem::path link = usb.root / "dev/disk/by-id/usb-Linux_UMS_disk_0-0:0";
};

TEST(UbootUms, WritesTheImageThenStartsTheBoardFromIt) {
    Ums board;
    EXPECT_EQ(board.job.run().error_msg, "");
    EXPECT_EQ(board.read("host/dev/sdz"), "the image");
    EXPECT_EQ(board.job.board->typed, " \nsetenv x 1\nums 0 mmc 0\n\x03");
    EXPECT_THAT(board.calls(),
                ElementsAre("relay", StartsWith("bmaptool create --output FOLDER/jobs/42/image-2.4.5.layout FOLDER/"),
                            StartsWith("bmaptool --quiet copy --bmap FOLDER/jobs/42/image-2.4.5.layout FOLDER/"),
                            "relay", "relay off"));
    EXPECT_THAT(board.job.sink.cases(), Contains("lava/login-action pass"));
}

TEST(UbootUms, HasTheShapeOfLavas) {
    Ums board;
    std::vector<std::string> names;
    const std::function<void(const config::Value&)> add = [&](const config::Value& node) {
        const auto* list = node.find("pipeline");
        for (const auto& child : list && list->as_list() ? *list->as_list() : config::List{}) {
            names.push_back(config::python_str(*child.find("level")) + " " + config::python_str(*child.find("name")));
            add(child);
        }
    };
    add(board.job.tree());
    EXPECT_THAT(names,
                ::testing::IsSupersetOf({"1 uboot-ums-deploy", "1.1 download-retry", "2 uboot-action",
                                         "2.4 uboot-commands", "2.4.1 reset-device", "2.4.2 bootloader-interrupt",
                                         "2.4.3 bootloader-commands", "2.4.4 wait-device-path", "2.4.5 flash-uboot-ums",
                                         "2.4.6 reset-device", "2.4.7 auto-login-action"}));
}

TEST(UbootUms, WritesToNoDiskThatIsNotAWholeOneOnUsb) {
    for (const std::string target : {"../../sda", "../../sdz1"}) {
        Ums board;
        board.usb.node("class/block", "1-3", 0, "host6/target6:0:0/6:0:0:0/block/sdz/sdz1");
        board.file("host/sys/class/block/sdz1/partition", "1");
        for (const auto* name : {"host/dev/sda", "host/dev/sdz1"}) board.file(name, "untouched");
        std::filesystem::remove(board.link);
        std::filesystem::create_symlink(target, board.link);
        const auto outcome = board.job.run();
        EXPECT_EQ(outcome.error, ErrorType::infrastructure);
        EXPECT_THAT(outcome.error_msg, HasSubstr("which is no whole disk on USB of this host, so nothing was written"));
        EXPECT_THAT(board.calls(), ElementsAre("relay", "relay off")) << target;
        EXPECT_EQ(board.read("host/dev/sdz1"), "untouched");
    }
}

TEST(UbootUms, SaysWhatBmaptoolSaidAndSwitchesOff) {
    Ums board;
    board.program("bmaptool", "[ \"$1\" = create ] && exit; echo 'bmaptool: ERROR: device is busy' >&2; exit 1");
    const auto outcome = board.job.run();
    EXPECT_EQ(outcome.error, ErrorType::infrastructure);
    EXPECT_THAT(outcome.error_msg, HasSubstr("it said: bmaptool: ERROR: device is busy; may the runner write"));
    EXPECT_EQ(board.job.sink.failure_of("flash-uboot-ums"), outcome.error_msg);
    EXPECT_EQ(board.calls().back(), "relay off");
}

TEST(UbootUms, EndsWhenTheDiskDoesNotCome) {
    Ums board;
    std::filesystem::remove(board.link);
    board.job.definition =
        job_text(deploy_ums + boot_ums, "timeouts: {job: {minutes: 1}, actions: {wait-device-path: {seconds: 1}}}\n");
    const auto outcome = board.job.run();
    EXPECT_EQ(outcome.error, ErrorType::infrastructure);
    EXPECT_EQ(outcome.error_msg, "wait-device-path timed out after 1 seconds");
    EXPECT_EQ(board.calls().back(), "relay off");
}

TEST(UbootUms, NeedsADiskThatIsNamedForGood) {
    Ums none{", uboot_ums_flash: true"};
    EXPECT_THAT(none.job.run().error_msg, HasSubstr("uboot_mass_storage_device is not set"));
    Ums by_chance{", uboot_ums_flash: true, uboot_mass_storage_device: /dev/sdz"};
    EXPECT_THAT(by_chance.job.run().error_msg, HasSubstr("'/dev/sdz' may be another disk tomorrow"));
    EXPECT_THAT(by_chance.calls(), Not(Contains("relay")));
    Ums without_program;
    without_program.only_these();
    std::filesystem::remove(without_program.job.folder / "bin/bmaptool");
    EXPECT_THAT(without_program.job.run().error_msg, HasSubstr("install the Debian package 'bmap-tools'"));
}

TEST(UbootUms, WithoutADeployThereIsNothingToWrite) {
    Ums board;
    board.job.definition = job_text(boot_ums);
    const auto outcome = board.job.run();
    EXPECT_EQ(outcome.error, ErrorType::job);
    EXPECT_THAT(outcome.error_msg, StartsWith("there is nothing to write: no deploy to u-boot-ums"));
}

const std::string by_uboot =
    "{implementation: u-boot, reset_works: false, parameters: {command: dfu-util, enter-commands: ['setenv "
    "dfu_alt_info x', 'dfu 0 mmc 0']}}";
const std::string dfu_job =
    "- deploy:\n    to: tmpfs\n    timeout: {seconds: 30}\n    images:\n"
    "      boot: {url: 'file://@FOLDER@/card.img', image_arg: '--alt 2 --download {boot}'}\n"
    "- boot: {method: dfu, timeout: {seconds: 30}}\n";

struct UbootDfu : UbootBoard {
    explicit UbootDfu(const std::string& dfu = by_uboot) : UbootBoard{device("", dfu)} {
        const auto written = (job.folder / "written").string();
        program("dfu-util", "touch " + written + "; echo 'status(0) = No error condition is present'; echo 'Done!'");
        then({expect_line("setenv dfu_alt_info x"), say_prompt(), expect_line("dfu 0 mmc 0"), await_file(written),
              say("#DOWNLOAD ... OK\r\nCtrl+C to exit ...\r\n")});
        job.definition = job_text(dfu_job);
    }
};

TEST(UbootDfu, IsEnteredByTheCommandsOfTheDevice) {
    UbootDfu board;
    EXPECT_EQ(board.job.run().error_msg, "");
    EXPECT_EQ(board.job.board->typed, " \nsetenv dfu_alt_info x\ndfu 0 mmc 0\n");
    EXPECT_THAT(board.calls(), ElementsAre("relay",
                                           "dfu-util --serial 1bc92320 --device 18d1:d00d --alt 2 --download "
                                           "FOLDER/jobs/42/deployimages-1/boot/card.img",
                                           "relay off"));
}

TEST(UbootDfu, HasToSayThatItTookTheImage) {
    UbootDfu board;
    board.job.board->boot.back() = say("dfu: no room\r\n");
    board.job.definition = job_text(dfu_job, "timeouts: {job: {minutes: 1}, connection: {seconds: 1}}\n");
    const auto outcome = board.job.run();
    EXPECT_EQ(outcome.error, ErrorType::infrastructure);
    EXPECT_THAT(outcome.error_msg, StartsWith("U-Boot did not say 'DOWNLOAD \\.\\.\\. OK' after 'boot'; the log"));
    EXPECT_EQ(board.calls().back(), "relay off");
}

TEST(UbootDfu, SaysWhatTheDevicesFileLacks) {
    UbootDfu board{"{implementation: u-boot, parameters: {command: dfu-util, enter-commands: null}}"};
    board.job.description.constants = config::Map{};
    board.job.description.constants.set(
        "u-boot", *config::parse_yaml("{interrupt-prompt: Hit, interrupt-character: ' '}").as_map());
    const auto text = board.job.run().error_msg;
    EXPECT_THAT(text, HasSubstr("actions.boot.methods.dfu.parameters has no 'enter-commands'"));
    EXPECT_THAT(text, HasSubstr("no constant 'u-boot.dfu-download'"));
}

}  // namespace
}  // namespace patchbay::testing
