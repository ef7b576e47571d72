// SPDX-License-Identifier: Apache-2.0
// deploy: {to: tftp}: what a TFTP client and an NFS server would find while the job runs. A command of the device's
// looks, as nothing is left when the job is over.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/config/yaml.hpp"
#include "core/process/spawn.hpp"
#include "jobs/actions/deploy/preseed.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/overlay/initramfs.hpp"
#include "tests/jobs/actions/tftp_job.hpp"

namespace patchbay::testing {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST_F(Tftp, PutsFilesWhereABootLoaderFetchesThem) {
    job.tool("echo tree > dtb; echo extra > more.bin; echo o > o.dtbo");
    const auto outcome = run(std::string{kernel} + ramdisk +
                                 "    dtb: {url: 'file://@FOLDER@/dtb'}\n    dtbo: [{url: 'file://@FOLDER@/o.dtbo'}]\n"
                                 "    extra_files: {more: {url: 'file://@FOLDER@/more.bin'}}\n",
                             "find tftp/42 -type d ! -perm -755; cd tftp; find . -type f -printf '%m %P\\n' | sort "
                             "-k2; cat 42/tftp-deploy-1/kernel/kernel");
    EXPECT_TRUE(outcome.passed()) << outcome.error_msg;
    EXPECT_EQ(seen(),
              "444 42/tftp-deploy-1/dtb/dtb\n444 42/tftp-deploy-1/dtbo0/o.dtbo\n"
              "444 42/tftp-deploy-1/extra_files/more/more.bin\n444 42/tftp-deploy-1/kernel/kernel\n"
              "644 42/tftp-deploy-1/ramdisk/ramdisk.cpio.gz\na kernel");
    EXPECT_TRUE(job.sink.has("info", "bootcommand: booti"));
}

TEST_F(Tftp, KeepsExtraFilesApartFromWhatIsBooted) {
    job.tool("echo extra > other");
    std::map<std::string, std::filesystem::path, std::less<>> files;
    JobContext* context = nullptr;
    job.prepare = [&](JobContext& running) { context = &running; };
    job.cancel_when = [&] {
        if (context) files = context->state("common").boot.files;
        return false;
    };
    const auto outcome = run(std::string{kernel} + "    extra_files: {kernel: {url: 'file://@FOLDER@/other'}}\n",
                             "sleep 0.3; cd $T; find . -type f -printf '%m %P\n' | sort -k2; stat -c %a extra_files");
    EXPECT_TRUE(outcome.passed()) << outcome.error_msg;
    EXPECT_EQ(seen(), "444 extra_files/kernel/other\n444 kernel/kernel\n755\n");
    const auto folder = job.folder / "tftp/42/tftp-deploy-1";
    EXPECT_EQ(files["kernel"], folder / "kernel/kernel");
    EXPECT_EQ(files["extra_files"], folder / "extra_files");
    EXPECT_EQ(files["extra_files/kernel"], folder / "extra_files/kernel/other");
}

TEST_F(Tftp, LetsAnInstallerFetchTheOverlay) {
    job.tool("echo text > ks.cfg");
    const auto deploy = std::string{kernel} + "    preseed: {url: 'file://@FOLDER@/ks.cfg'}\n";
    os = "centos_installer";
    expect_deployed(run(deploy, "cd $T; find . -name overlay.tar.gz -printf '%m %P\n'; grep -c curl */ks.cfg", test));
    EXPECT_EQ(seen(), "644 preseed/overlay.tar.gz\n1\n");
}

TEST_F(Tftp, PutsOverlayAndModulesIntoTheRamdisk) {
    expect_deployed(run(std::string{kernel} + ramdisk + modules,
                        "python3 walk.py $T/ramdisk/ramdisk.cpio.gz; python3 walk.py $T/ramdisk/ramdisk.cpio.gz init "
                        "lib/modules/6.1/modules.dep lava-42/0/lava-test-runner.conf",
                        test));
    EXPECT_THAT(seen(), HasSubstr("\n100644 0 init\n"));
    EXPECT_THAT(seen(), HasSubstr("\n100644 0 lib/modules/6.1/modules.dep\n"));
    EXPECT_THAT(seen(), HasSubstr("\n100755 0 lava-42/bin/lava-test-runner\n"));
    EXPECT_THAT(seen(), HasSubstr("init\ndep\n/lava-42/0/tests/0_smoke\n"));
}

TEST_F(Tftp, CompressesLargeModulesAsTheRamdiskIs) {
    job.tool("head -c 3000000 /dev/zero > mod/lib/modules/6.1/big.ko; tar -C mod -cf mod.tar .");
    expect_deployed(run(std::string{kernel} + ramdisk + "    modules: {url: 'file://@FOLDER@/mod.tar'}\n",
                        "f=$T/ramdisk/ramdisk.cpio.gz; test $(stat -c %s $f) -lt 200000 && python3 walk.py $f", test));
    EXPECT_THAT(seen(), AllOf(HasSubstr(" lib/modules/6.1/big.ko\n"), HasSubstr(" lava-42/bin/lava-test-runner\n")));
}

TEST_F(Tftp, LeavesARamdiskAsItIsWhenTheJobSaysSo) {
    job.tool("echo no archive > ram.gz");
    expect_deployed(run(std::string{kernel} +
                            "    ramdisk: {url: 'file://@FOLDER@/ram.gz', compression: gz, install_overlay: false, "
                            "install_modules: false}\n" +
                            modules,
                        "cat $T/ramdisk/ram.gz", test));
    EXPECT_EQ(seen(), "no archive\n");
    EXPECT_TRUE(job.sink.has("info", "Not extracting ramdisk."));
}

TEST_F(Tftp, RefusesARamdiskThatIsNoArchive) {
    job.tool("echo no archive > ram.gz");
    const auto outcome = run(std::string{kernel} + ramdisk);
    EXPECT_EQ(outcome.error, ErrorType::job);
    EXPECT_THAT(job.sink.failure_of("extract-overlay-ramdisk"), HasSubstr("ram.gz' is no initial ramdisk that"));
}

TEST_F(Tftp, GivesARamdiskUBootsHeaderAndTakesItOff) {
    if (!find_program("mkimage")) GTEST_SKIP() << "mkimage (u-boot-tools) is not installed";
    job.description.deploy_parameters.set("add_header", "u-boot");
    job.tool("mkimage -A arm64 -T ramdisk -C none -d ram.gz ram.uboot");
    expect_deployed(
        run(std::string{kernel} + "    ramdisk: {url: 'file://@FOLDER@/ram.uboot', compression: gz, header: u-boot}\n",
            "f=$T/ramdisk/ramdisk.cpio.gz.uboot; mkimage -l $f | grep -i type; tail -c +65 $f > plain; "
            "cmp -n $(stat -c %s ram.gz) plain ram.gz && python3 walk.py plain | tail -n 1",
            test));
    EXPECT_THAT(seen(), HasSubstr("RAMDisk Image (uncompressed)\n"));
    EXPECT_THAT(seen(), HasSubstr(" lava-42/"));
}

TEST_F(Tftp, RefusesAHeaderThatIsNotThere) {
    const auto outcome =
        run(std::string{kernel} + "    ramdisk: {url: 'file://@FOLDER@/ram.gz', compression: gz, header: u-boot}\n");
    EXPECT_THAT(outcome.error_msg, HasSubstr("does not begin with U-Boot's header"));
}

TEST_F(Tftp, ConvertsAKernelThatTheBoardCannotBootAsItIs) {
    if (!find_program("mkimage")) GTEST_SKIP() << "mkimage (u-boot-tools) is not installed";
    job.description.parameters.set("booti", config::Value{});
    job.description.parameters.set("bootm", config::parse_yaml("{kernel: '0x80200000'}"));
    job.description.deploy_parameters.set("append_dtb", true);
    job.tool("echo tree > dtb");
    run(std::string{kernel} + "    dtb: {url: 'file://@FOLDER@/dtb'}\n",
        "mkimage -l $T/kernel/uImage; tail -c +65 $T/kernel/uImage");
    EXPECT_THAT(seen(), AllOf(HasSubstr("Load Address: 80200000"), HasSubstr("AArch64 Linux Kernel Image"),
                              HasSubstr("\na kerneltree\n")));
    EXPECT_TRUE(job.sink.has("info", "bootcommand: bootm"));
}

TEST_F(Tftp, PutsNoEmptyDeviceTreeBehindAKernel) {
    job.description.deploy_parameters.set("append_dtb", true);
    job.tool(": > dtb");
    const auto outcome = run(std::string{kernel} + "    dtb: {url: 'file://@FOLDER@/dtb'}\n");
    EXPECT_EQ(outcome.error, ErrorType::job);
    EXPECT_THAT(outcome.error_msg, HasSubstr("'dtb' is empty"));
}

TEST_F(Tftp, MakesOneImageForDepthcharge) {
    if (!find_program("mkimage") || !find_program("dtc")) GTEST_SKIP() << "mkimage or dtc is not installed";
    job.description.boot_methods = {};
    job.description.boot_methods.set("depthcharge", config::Value{});
    job.description.parameters.set("load_address", "0x44000000");
    job.tool("echo '/dts-v1/; / { };' | dtc -O dtb -o dtb");
    run("    kernel: {url: 'file://@FOLDER@/kernel'}\n    dtb: {url: 'file://@FOLDER@/dtb'}\n" + std::string{ramdisk},
        "mkimage -l $T/kernel/image.itb");
    EXPECT_THAT(seen(), AllOf(HasSubstr("lzma compressed"), HasSubstr("RAMDisk Image"), HasSubstr("Flat Device Tree")));
}

TEST_F(Tftp, SaysWhatADeviceCannotBoot) {
    job.description.parameters.set("booti", config::Value{});
    const auto outcome = run("    kernel: {url: 'file://@FOLDER@/kernel', type: uimage}\n" + std::string{modules});
    EXPECT_THAT(outcome.error_msg, HasSubstr("Requested kernel boot type 'bootm' is not supported by this device."));
    EXPECT_THAT(outcome.error_msg, HasSubstr("Unable to identify a location for the unpacked modules"));
}

TEST_F(Tftp, SaysThatBoardsMustKnowWhereThisMachineIs) {
    job.settings.dispatcher_ip = job.settings.tftp_ip = "";
    EXPECT_THAT(run(kernel).error_msg, HasSubstr("'dispatcher_ip' in lab.yaml is missing"));
}

TEST_F(Tftp, SaysThatNobodyMayWriteWhereBoardsFetchFrom) {
    job.settings.tftp_root = job.folder / "none";
    EXPECT_THAT(run(kernel).error_msg, HasSubstr("none', which boards fetch from: No such file or directory"));
}

TEST_F(Tftp, RefusesAFileThatIsTooLarge) {
    job.settings.tftp_size_limit = 8;
    const auto outcome = run(kernel);
    EXPECT_EQ(outcome.error, ErrorType::job);
    EXPECT_EQ(outcome.error_msg, "Unable to send 'kernel' over tftp: file too large (8 > 8)");
}

TEST_F(Tftp, OfABrokenModulesArchiveIsTheJobsProblem) {
    job.tool("echo broken > mod.tar.xz");
    const auto outcome = run(std::string{kernel} + ramdisk + modules);
    EXPECT_EQ(outcome.error, ErrorType::job);
    EXPECT_THAT(job.sink.failure_of("extract-modules"), HasSubstr("mod.tar.xz"));
}

TEST_F(Tftp, IsGivenUpWhenTheJobIsCanceled) {
    job.tool("truncate -s 300M mod/lib/modules/6.1/big.ko; tar -C mod -cSf mod.tar .");
    job.cancel_when = [this] { return job.sink.has("debug", "extract-modules (timeout"); };
    const auto outcome = run(std::string{kernel} + ramdisk + "    modules: {url: 'file://@FOLDER@/mod.tar'}\n");
    EXPECT_EQ(outcome.error, ErrorType::canceled);
}

// --- installers ------------------------------------------------------------------------------------------------------

TEST(Preseed, GetsOneMoreLateCommand) {
    constexpr auto key = "d-i preseed/late_command string";
    const std::string begin{key};
    EXPECT_EQ(with_late_command("a\n", "cp"), "a\n" + begin + " cp\n");
    EXPECT_EQ(with_late_command(begin + " x\nb\n", "cp"), begin + " x; cp\nb\n");
    EXPECT_EQ(with_late_command(begin + " \\\n  x; \\\n  y\nb\n", "cp"), begin + " \\\n  x; \\\n  y; cp\nb\n");
    EXPECT_EQ(with_late_command(begin + "\n", "cp"), begin + " cp\n");
}

TEST(Kickstart, FetchesTheOverlayAtItsEnd) {
    EXPECT_EQ(with_overlay_post("a", "tftp://h/o"),
              "a\n%post\ncurl tftp://h/o > /lava-overlay.tar.gz\n"
              "tar -zxvf /lava-overlay.tar.gz -C /\n%end\n");
}

}  // namespace
}  // namespace patchbay::testing
