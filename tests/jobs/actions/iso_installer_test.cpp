// SPDX-License-Identifier: Apache-2.0
// deploy: {to: iso-installer} and boot: {method: qemu-iso}: a machine installs onto an empty disk, and boots from it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "core/process/words.hpp"
#include "tests/jobs/actions/sim_job.hpp"
#include "tests/support/iso_writer.hpp"

namespace patchbay::testing {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr auto whole_iso = "{kernel: /install.amd/vmlinuz, initrd: /install.amd/initrd.gz, installation_size: 300M}";

std::string installing(const std::string& iso = whole_iso, const std::string& os = "debian_installer") {
    return "- deploy:\n    to: iso-installer\n    os: " + os +
           "\n    timeout: {minutes: 2}\n    images:\n"
           "      iso: {url: 'file://@FOLDER@/x.iso', image_arg: '-drive file={iso},index=2,media=cdrom,readonly=on'}\n"
           "      preseed: {url: 'file://@FOLDER@/answers.cfg'}\n    iso: " +
           iso + "\n";
}

std::string boot_installed(const std::string& prompts = "    prompts: ['root@pb-guest:']\n") {
    return "- boot:\n    method: qemu-iso\n    media: img\n    timeout: {minutes: 5}\n" + prompts;
}

struct IsoInstaller : ::testing::Test {
    SimJob job;
    std::vector<SimStep> install{say("Linux version 6.1\r\n"), pause(1min), say("[ 60.0] reboot: Power down\r\n"),
                                 hang_up()};
    std::vector<SimStep> start{say("Loading Linux 6.1 ...\r\nLoading initial ramdisk ...\r\n"), pause(1s),
                               say("Linux version 6.1\r\n"), say_prompt()};

    IsoInstaller() {
        write_iso(job.folder / "x.iso",
                  {{"install.amd/vmlinuz", "installing kernel"}, {"install.amd/initrd.gz", "its ramdisk"}});
        std::ofstream{job.folder / "answers.cfg"} << "d-i preseed/late_command string true\n";
        job.board->boots_in_turn = {install, start};
        job.board->boot = {silence()};
        job.definition = job_text(installing() + boot_installed());
    }
    void TearDown() override {
        EXPECT_FALSE(job.board->powered);
        EXPECT_EQ(job.sink.job_results(), 1u);
        EXPECT_FALSE(std::filesystem::exists(job.directory()));
    }
    std::string line(std::size_t boot) const { return join_words(job.board->commands.at(boot)); }
    std::string file(const std::string& part) const { return (job.directory() / part).string(); }
    /// What validation says of this definition.
    std::string refusal(const std::string& definition) {
        job.definition = definition;
        const auto outcome = job.run();
        EXPECT_EQ(outcome.error, ErrorType::job);
        EXPECT_EQ(job.board->boots, 0);
        return outcome.error_msg;
    }
};

TEST_F(IsoInstaller, InstallsThenBootsWhatItInstalled) {
    const auto outcome = job.run();
    EXPECT_TRUE(outcome.passed()) << outcome.error_msg;
    ASSERT_EQ(job.board->boots, 2);
    const auto disk = "-drive format=raw,file=" + file("prepare-empty-image-1.1/hd.img");
    EXPECT_EQ(line(0), "sim-machine " + disk + " -drive file=" + file("deploy-iso-installer-1/iso/x.iso") +
                           ",index=2,media=cdrom,readonly=on -kernel " + file("pull-installer-files-1.4/kernel") +
                           " -initrd " + file("pull-installer-files-1.4/initrd") +
                           " -boot c -append 'auto=true install noshell debug verbose BOOT_DEBUG=1 "
                           "DEBIAN_FRONTEND=text console=tty0 console=tty1 debian-installer/locale=en_US "
                           "console=ttyS0,115200 console-keymaps-at/keymap=us keyboard-configuration/xkb-keymap=us "
                           "netcfg/choose_interface=auto netcfg/get_hostname=debian netcfg/get_domain= "
                           "preseed/url=tftp://10.0.2.2/answers.cfg --- console=ttyS0,115200 '");
    EXPECT_EQ(line(1), "sim-machine " + disk);
    EXPECT_THAT(job.sink.cases(), Contains("lava/login-action pass"));
}

TEST_F(IsoInstaller, HandsOverWhatItTookOutOfTheImage) {
    std::string seen;
    const auto note = [&](const std::filesystem::path& path) {
        std::ifstream in{path};
        std::ostringstream text;
        text << in.rdbuf();
        seen += text.str() + "|";
    };
    job.cancel_when = [&] {
        if (seen.empty() && job.board->boots == 1) {
            note(file("pull-installer-files-1.4/kernel"));
            note(file("pull-installer-files-1.4/initrd"));
            note(job.board->served / "answers.cfg");
            struct stat disk {};
            EXPECT_EQ(::stat(file("prepare-empty-image-1.1/hd.img").c_str(), &disk), 0);
            EXPECT_EQ(disk.st_size, 300 << 20);
            EXPECT_EQ(disk.st_blocks, 0);
        }
        return false;
    };
    EXPECT_TRUE(job.run().passed());
    EXPECT_EQ(seen, "installing kernel|its ramdisk|d-i preseed/late_command string true\n|");
    EXPECT_TRUE(job.board->served.empty()) << "the installed system needs no server";
}

TEST_F(IsoInstaller, GivesTheTestsToTheInstalledSystemOnADrive) {
    job.definition = job_text(installing() + boot_installed() + test_block("smoke"));
    job.board->answers = {
        {"lava-test-runner /lava-42/0", test_run("0_smoke", "42_1.6.2.1", {"a pass"}) + std::string{test_exit}}};
    const auto outcome = job.run();
    EXPECT_TRUE(outcome.passed()) << outcome.error_msg;
    EXPECT_THAT(line(0), Not(HasSubstr("lava-guest")));
    EXPECT_THAT(line(1), EndsWith(" -drive format=raw,file=" + file("apply-overlay-guest-1.7/lava-guest.img") +
                                  ",media=disk,if=ide,id=lavatest"));
    EXPECT_THAT(job.board->typed, HasSubstr("mkdir /lava-42"));
    EXPECT_THAT(job.sink.cases(), Contains("0_smoke/a pass"));
}

TEST_F(IsoInstaller, LetsTheLabsServerGiveTheAnswersToAMachineInTheLabsNetwork) {
    job.board->tftp_address.clear();
    job.settings.dispatcher_ip = job.settings.tftp_ip = "192.0.2.7";
    job.settings.tftp_root = job.folder / "tftp";
    std::filesystem::create_directories(job.settings.tftp_root);
    mode_t mode = 0;
    job.cancel_when = [&] {
        struct stat status {};
        const auto file = job.settings.tftp_root / "42/deploy-iso-installer-1/preseed/answers.cfg";
        if (job.board->boots == 1 && ::stat(file.c_str(), &status) == 0) mode = status.st_mode;
        return false;
    };
    EXPECT_TRUE(job.run().passed());
    EXPECT_THAT(line(0), HasSubstr(" preseed/url=tftp://192.0.2.7/42/deploy-iso-installer-1/preseed/answers.cfg --- "));
    EXPECT_EQ(mode & 0444, 0444u) << "the server is another user";
    EXPECT_TRUE(std::filesystem::is_empty(job.settings.tftp_root));
}

TEST_F(IsoInstaller, SaysWhatALabLacksWhoseMachineIsInItsNetwork) {
    job.board->tftp_address.clear();
    job.settings.dispatcher_ip = job.settings.tftp_ip = "";
    job.settings.tftp_root = job.folder / "none";
    const auto text = refusal(job.definition);
    EXPECT_THAT(text, HasSubstr("nothing can be written into '" + job.settings.tftp_root.string() + "'"));
    EXPECT_THAT(text, HasSubstr("'dispatcher_ip' in lab.yaml is missing"));
}

TEST_F(IsoInstaller, RefusesWhatCannotBeInstalled) {
    const auto iso = [](const std::string& size) {
        return installing("{kernel: /a, initrd: /b, installation_size: " + size + "}");
    };
    for (const auto* size : {"2", "G", "0G", "2T", "9G", "8193M", "'-1G'", "99999999999999999999G", "1.5G", "[2G]"}) {
        EXPECT_THAT(refusal(job_text(iso(size) + boot_installed())),
                    HasSubstr("prepare-empty-image: installation_size is '"))
            << size;
        job.sink.records.clear();
    }
    EXPECT_THAT(refusal(job_text(iso("8G") + boot_installed(""))),
                HasSubstr("boot method qemu-iso needs 'prompts' of the system that is installed"));
    job.sink.records.clear();
    EXPECT_THAT(refusal(job_text(installing("{installation_size: 2G, kernel: install/vmlinuz}") + boot_installed())),
                AllOf(HasSubstr("Paths to pull from the ISO need to start with / - check kernel: 'install/vmlinuz'"),
                      HasSubstr("'iso' of the deploy lacks 'initrd'")));
    job.sink.records.clear();
    EXPECT_THAT(refusal(job_text(installing("{installation_size: 2G, kernel: /a, initrd: /a}") + boot_installed())),
                HasSubstr("kernel and initrd are the same file of the ISO image, '/a'"));
    job.sink.records.clear();
    EXPECT_THAT(refusal(job_text(installing(whole_iso, "debian") + boot_installed())),
                HasSubstr("deploy to iso-installer is for 'os: debian_installer', and the job has 'debian'"));
}

TEST_F(IsoInstaller, NeedsADeployBeforeItsBoot) {
    EXPECT_THAT(refusal(job_text(deploy_block() + boot_installed())),
                HasSubstr("boot method qemu-iso needs a deploy to iso-installer before it"));
}

TEST_F(IsoInstaller, OfWhichALaterDeployHasDroppedTheDiskIsSaid) {
    job.definition = job_text(installing() + deploy_block() + boot_installed());
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::job);
    EXPECT_THAT(outcome.error_msg, HasSubstr("the last deploy of this namespace was none to iso-installer"));
    EXPECT_EQ(job.board->boots, 0);
}

TEST_F(IsoInstaller, OfADeviceWithoutAConsoleIsRefused) {
    auto* parameters = job.description.boot_methods.find("qemu")->find("parameters");
    auto without = *parameters->as_map();
    without.set("boot_options", config::Map{{"boot_order", "d"}});
    job.description.boot_methods.set("qemu", config::Map{{"parameters", without}});
    EXPECT_THAT(refusal(job.definition), HasSubstr("has no 'boot_options' with 'console' in its parameters"));
}

TEST_F(IsoInstaller, NamesTheFileThatIsNotInTheImage) {
    job.definition =
        job_text(installing("{kernel: /install.amd/linux, initrd: /install.amd/initrd.gz, installation_size: 2G}") +
                 boot_installed());
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::job);
    EXPECT_EQ(outcome.error_msg,
              "'file://" + (job.folder / "x.iso").string() +
                  "' has no file '/install.amd/linux'; in that folder it has /install.amd/initrd.gz, "
                  "/install.amd/vmlinuz");
    EXPECT_EQ(job.sink.failure_of("pull-installer-files"), outcome.error_msg);
    EXPECT_EQ(job.board->boots, 0);
}

TEST_F(IsoInstaller, EndsWithTheInstallersOwnErrors) {
    job.board->boots_in_turn = {{say("│  ERROR: Installation step failed  │"), silence()}};
    auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::job);
    EXPECT_THAT(outcome.error_msg, StartsWith("the installer says 'ERROR: Installation step failed'"));
    EXPECT_EQ(job.sink.failure_of("monitor-installer-connection"), outcome.error_msg);
    EXPECT_LT(job.took, 1min);

    job.sink.records.clear();
    job.board->boots = 0;
    job.board->boots_in_turn = {{say("ERROR: Failed to retrieve the preconfiguration file"), silence()}};
    outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::infrastructure);
    EXPECT_THAT(outcome.error_msg, HasSubstr("did not reach what serves the file by TFTP"));
}

TEST_F(IsoInstaller, EndsWhenItsKernelPanics) {
    job.board->boots_in_turn = {
        {say("[ 0.05] Kernel panic - not syncing: VFS: Unable to mount root fs\r\n"), silence()}};
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::job);
    EXPECT_THAT(outcome.error_msg, StartsWith("the kernel of the installer ended with a panic"));
    EXPECT_LT(job.took, 1min);
}

TEST_F(IsoInstaller, TakesAnInstallerThatWaitsForAKeyForDone) {
    job.board->boots_in_turn = {{say("Press enter to continue"), silence()}, start};
    EXPECT_TRUE(job.run().passed());
    EXPECT_THAT(job.sink.texts("warning"), Contains(StartsWith("the installer waits for a key")));
}

TEST_F(IsoInstaller, EndsWhenTheInstallerHangs) {
    job.board->boots_in_turn = {{say("Linux version 6.1\r\n"), silence()}};
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::job);
    EXPECT_EQ(job.sink.failure_of("monitor-installer-connection"), "wait for prompt timed out");
    EXPECT_EQ(job.board->boots, 1);
    EXPECT_GE(job.took, 5min);
}

TEST_F(IsoInstaller, SaysThatTheDiskDoesNotBoot) {
    job.board->boots_in_turn = {install, {say("No bootable device.\r\n"), silence()}};
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::job);
    EXPECT_THAT(outcome.error_msg, StartsWith("the boot loader on the installed disk did not say 'Loading initial "));
    EXPECT_EQ(job.sink.failure_of("reboot-into-installed"), outcome.error_msg);
}

TEST_F(IsoInstaller, IsTriedAgainFromTheInstallation) {
    job.definition = job_text(installing() + boot_installed("    failure_retry: 2\n    prompts: ['root@pb-guest:']\n"));
    job.board->boots_in_turn = {{say("Linux version 6.1\r\n"), hang_up()}, install, start};
    EXPECT_TRUE(job.run().passed());
    EXPECT_EQ(job.board->boots, 3);
    EXPECT_EQ(line(0), line(1));
}

TEST_F(IsoInstaller, IsStoppedWhileItInstalls) {
    job.board->boots_in_turn = {{silence()}};
    job.cancel_when = [this] { return job.board->boots == 1; };
    EXPECT_EQ(job.run().error, ErrorType::canceled);
}

TEST_F(IsoInstaller, IsStoppedWhileTheInstalledSystemStarts) {
    job.board->boots_in_turn = {install, {silence()}};
    job.cancel_when = [this] { return job.board->boots == 2; };
    EXPECT_EQ(job.run().error, ErrorType::canceled);
}

}  // namespace
}  // namespace patchbay::testing
