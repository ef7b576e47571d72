// SPDX-License-Identifier: Apache-2.0
// deploy: {to: tftp}: what a TFTP client and an NFS server would find while the job runs. A command of the device's
// looks, as nothing is left when the job is over.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "core/config/yaml.hpp"
#include "core/process/capabilities.hpp"
#include "core/process/spawn.hpp"
#include "jobs/actions/deploy/preseed.hpp"
#include "jobs/overlay/initramfs.hpp"
#include "tests/jobs/actions/sim_job.hpp"

namespace patchbay::testing {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

/// Reads archives in a row as the kernel does, compressed or not: "mode uid path size" for each entry, and the text of
/// the file that is asked for.
constexpr auto walk_py = R"(
import sys, zlib, lzma
def entries(data):
    at = 0
    while at < len(data):
        if data[at] == 0: at += 1; continue
        if data[at:at + 2] == b'\x1f\x8b':
            d = zlib.decompressobj(31); inner = d.decompress(data[at:])
            yield from entries(inner); at = len(data) - len(d.unused_data); continue
        if data[at:at + 6] == b'\xfd7zXZ\0':
            d = lzma.LZMADecompressor(); inner = d.decompress(data[at:])
            yield from entries(inner); at = len(data) - len(d.unused_data); continue
        assert at % 4 == 0 and data[at:at + 6] == b'070701', (at, data[at:at + 6])
        field = [int(data[at + 6 + 8 * i:at + 14 + 8 * i], 16) for i in range(13)]
        name = data[at + 110:at + 109 + field[11]].decode()
        at = at + 110 + field[11] + 3 & ~3
        if name != 'TRAILER!!!': yield name, field, data[at:at + field[6]]
        at = at + field[6] + 3 & ~3
for name, field, body in entries(open(sys.argv[1], 'rb').read()):
    if len(sys.argv) > 2 and name in sys.argv[2:]: print(body.decode(), end='')
    elif len(sys.argv) == 2: print(oct(field[1])[2:], field[2], name)
)";

struct Tftp : ::testing::Test {
    SimJob job{SimJob::Time::real};
    Tftp() {
        job.description.deploy_methods.set("tftp", config::Value{});
        job.description.boot_methods = {};
        job.description.boot_methods.set("u-boot", config::Value{});
        job.description.parameters.set("booti", config::parse_yaml("{kernel: '0x40080000'}"));
        job.description.deploy_parameters.set("mkimage_arch", "arm64");
        job.settings.dispatcher_ip = job.settings.tftp_ip = job.settings.nfs_ip = "192.0.2.1";
        job.settings.tftp_root = job.folder / "tftp";
        job.settings.nfs_root = job.folder / "nfs";
        std::ofstream{job.folder / "walk.py"} << walk_py;
        tool(
            "mkdir tftp nfs ram mod && cd ram && echo init > init && find . | cpio -o -H newc --quiet | gzip > "
            "../ram.gz");
        tool(
            "mkdir -p mod/lib/modules/6.1 && echo dep > mod/lib/modules/6.1/modules.dep && tar -C mod -cJf mod.tar.xz "
            ".");
    }
    ~Tftp() override {
        EXPECT_EQ(job.sink.job_results(), 1u);
        EXPECT_THAT(tool("find tftp nfs jobs -mindepth 1"), IsEmpty());
        EXPECT_FALSE(job.left_running);
    }
    std::string tool(const std::string& line) const {
        const auto whole = "cd '" + job.folder.string() + "' && exec 2>&1; " + line;
        FILE* pipe = ::popen(whole.c_str(), "r");
        std::string text;
        char buffer[4096];
        for (std::size_t n; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) text.append(buffer, n);
        ::pclose(pipe);
        return text;
    }
    /// Runs the deploy, and this shell line after it, where the job's folder below the TFTP root is $T, and its NFS
    /// root is $N.
    JobOutcome run(const std::string& deploy, const std::string& look = "true", const std::string& after = "") {
        std::ofstream{job.folder / "look"} << "cd '" + job.folder.string() +
                                                  "'; exec > seen 2>&1; T=tftp/42/tftp-deploy-1; "
                                                  "N=$(echo nfs/42/*/root); " +
                                                  look + "\n";
        job.description.user_commands["look"] = {{"sh '" + (job.folder / "look").string() + "'"}, {}};
        job.definition = job_text("- deploy:\n    to: tftp\n    os: oe\n    timeout: {minutes: 2}\n" + deploy +
                                  "- command: {name: look, timeout: {seconds: 60}}\n" + after);
        // As the unit of the runner has it; the TFTP server is another user.
        const auto before = ::umask(0027);
        const auto outcome = job.run();
        ::umask(before);
        return outcome;
    }
    std::string seen() const { return tool("cat seen"); }
    /// The job has a test, which is never run: the board does not boot.
    void expect_deployed(const JobOutcome& outcome) const {
        EXPECT_THAT(job.sink.cases(), Not(Contains("lava/tftp-deploy fail"))) << outcome.error_msg;
    }
};

constexpr auto kernel = "    kernel: {url: 'file://@FOLDER@/kernel', type: image}\n";
constexpr auto ramdisk = "    ramdisk: {url: 'file://@FOLDER@/ram.gz', compression: gz}\n";
constexpr auto modules = "    modules: {url: 'file://@FOLDER@/mod.tar.xz', compression: xz}\n";
/// A test that asks for an overlay, in a namespace whose console nobody opens: the job ends there.
const auto test = test_block("smoke");

TEST_F(Tftp, PutsFilesWhereABootLoaderFetchesThem) {
    tool("echo tree > dtb; echo extra > more.bin; echo o > o.dtbo");
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
    tool("head -c 3000000 /dev/zero > mod/lib/modules/6.1/big.ko; tar -C mod -cf mod.tar .");
    expect_deployed(run(std::string{kernel} + ramdisk + "    modules: {url: 'file://@FOLDER@/mod.tar'}\n",
                        "f=$T/ramdisk/ramdisk.cpio.gz; test $(stat -c %s $f) -lt 200000 && python3 walk.py $f", test));
    EXPECT_THAT(seen(), AllOf(HasSubstr(" lib/modules/6.1/big.ko\n"), HasSubstr(" lava-42/bin/lava-test-runner\n")));
}

TEST_F(Tftp, LeavesARamdiskAsItIsWhenTheJobSaysSo) {
    tool("echo no archive > ram.gz");
    expect_deployed(run(std::string{kernel} +
                            "    ramdisk: {url: 'file://@FOLDER@/ram.gz', compression: gz, install_overlay: false, "
                            "install_modules: false}\n" +
                            modules,
                        "cat $T/ramdisk/ram.gz", test));
    EXPECT_EQ(seen(), "no archive\n");
    EXPECT_TRUE(job.sink.has("info", "Not extracting ramdisk."));
}

TEST_F(Tftp, RefusesARamdiskThatIsNoArchive) {
    tool("echo no archive > ram.gz");
    const auto outcome = run(std::string{kernel} + ramdisk);
    EXPECT_EQ(outcome.error, ErrorType::job);
    EXPECT_THAT(job.sink.failure_of("extract-overlay-ramdisk"), HasSubstr("ram.gz' is no initial ramdisk that"));
}

TEST_F(Tftp, GivesARamdiskUBootsHeaderAndTakesItOff) {
    if (!find_program("mkimage")) GTEST_SKIP() << "mkimage (u-boot-tools) is not installed";
    job.description.deploy_parameters.set("add_header", "u-boot");
    tool("mkimage -A arm64 -T ramdisk -C none -d ram.gz ram.uboot");
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
    tool("echo tree > dtb");
    run(std::string{kernel} + "    dtb: {url: 'file://@FOLDER@/dtb'}\n",
        "mkimage -l $T/kernel/uImage; tail -c +65 $T/kernel/uImage");
    EXPECT_THAT(seen(), AllOf(HasSubstr("Load Address: 80200000"), HasSubstr("AArch64 Linux Kernel Image"),
                              HasSubstr("\na kerneltree\n")));
    EXPECT_TRUE(job.sink.has("info", "bootcommand: bootm"));
}

TEST_F(Tftp, MakesOneImageForDepthcharge) {
    if (!find_program("mkimage") || !find_program("dtc")) GTEST_SKIP() << "mkimage or dtc is not installed";
    job.description.boot_methods = {};
    job.description.boot_methods.set("depthcharge", config::Value{});
    job.description.parameters.set("load_address", "0x44000000");
    tool("echo '/dts-v1/; / { };' | dtc -O dtb -o dtb");
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
    EXPECT_THAT(run(kernel).error_msg, HasSubstr("'dispatcher_ip' is missing"));
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
    tool("echo broken > mod.tar.xz");
    const auto outcome = run(std::string{kernel} + ramdisk + modules);
    EXPECT_EQ(outcome.error, ErrorType::job);
    EXPECT_THAT(job.sink.failure_of("extract-modules"), HasSubstr("mod.tar.xz"));
}

TEST_F(Tftp, IsGivenUpWhenTheJobIsCanceled) {
    tool("truncate -s 300M mod/lib/modules/6.1/big.ko; tar -C mod -cSf mod.tar .");
    job.cancel_when = [this] { return job.sink.has("debug", "extract-modules (timeout"); };
    const auto outcome = run(std::string{kernel} + ramdisk + "    modules: {url: 'file://@FOLDER@/mod.tar'}\n");
    EXPECT_EQ(outcome.error, ErrorType::canceled);
}

// --- NFS -------------------------------------------------------------------------------------------------------------

constexpr auto nfsrootfs = "    nfsrootfs: {url: 'file://@FOLDER@/root.tar.xz', compression: xz}\n";

/// A system whose /lib is a link, and some of whose files need more than plain copying.
constexpr auto make_root =
    "mkdir -p r/usr/lib r/bin r/dev r/home && ln -s usr/lib r/lib && ln -s /home r/lava-42 && echo sh > r/bin/su && "
    "chmod 4755 r/bin/su && echo x > r/home/file && chmod 750 r/home && ";

TEST_F(Tftp, UnpacksTheRootThatTheBoardMounts) {
    tool(std::string{make_root} + "tar -C r --owner=1000 --group=1001 --numeric-owner -cJf root.tar.xz .");
    expect_deployed(
        run(std::string{kernel} + nfsrootfs + modules,
            "cd $N; cat usr/lib/modules/6.1/modules.dep; readlink lib; test -x home/bin/lava-test-runner && "
            "echo runner; stat -c '%a %u %g' bin/su; stat -c %U home/bin/lava-test-runner; stat -c %a ..",
            test));
    const auto common = std::string{"dep\nusr/lib\nrunner\n"};
    if (::geteuid() == 0) {
        EXPECT_EQ(seen(), common + "4755 1000 1001\nroot\n700\n");
        EXPECT_THAT(job.sink.texts("warning"), IsEmpty());
    } else {
        EXPECT_THAT(seen(), StartsWith(common + "755 "));
        EXPECT_THAT(job.sink.texts("warning"), Contains(HasSubstr("lost are ")));
    }
}

TEST_F(Tftp, KeepsDevicesAndAttributesOfTheRoot) {
    if (!has_capabilities({CAP_MKNOD, CAP_SETFCAP})) GTEST_SKIP() << "this needs root";
    tool(std::string{make_root} +
         "mkfifo r/dev/pipe; mknod r/dev/null c 1 3; setfattr -n user.note -v 1 r/home/file; "
         "tar -C r --xattrs --xattrs-include='*' -cJf root.tar.xz .");
    if (!tool("test -c r/dev/null || echo no").empty()) GTEST_SKIP() << "no device can be made here";
    run(std::string{kernel} + nfsrootfs,
        "cd $N; stat -c '%F %t %T' dev/null; stat -c %F dev/pipe; getfattr -n user.note --only-values home/file");
    EXPECT_THAT(seen(), StartsWith("character special file 1 3\nfifo\n"));
}

TEST_F(Tftp, ShowsOnlyThePrefixOfTheRoot) {
    tool("mkdir -p r/debian/etc && tar -C r -cJf root.tar.xz .");
    expect_deployed(run(
        std::string{kernel} + "    nfsrootfs: {url: 'file://@FOLDER@/root.tar.xz', compression: xz, prefix: debian/}\n",
        "ls $N/debian", test));
    EXPECT_EQ(seen(), "etc\nlava-42\n");
}

TEST_F(Tftp, DoesNotPutAnOverlayIntoARootThatShallStayAsItIs) {
    tool("mkdir -p r/etc && tar -C r -cJf root.tar.xz .");
    expect_deployed(run(std::string{kernel} + ramdisk +
                            "    nfsrootfs: {url: 'file://@FOLDER@/root.tar.xz', compression: xz, install_overlay: "
                            "false, install_modules: false}\n" +
                            modules,
                        "ls $N; python3 walk.py $T/ramdisk/ramdisk.cpio.gz | grep -c lava-42; python3 walk.py "
                        "$T/ramdisk/ramdisk.cpio.gz | grep -c modules.dep",
                        test));
    EXPECT_EQ(seen(), "etc\n0\n1\n");
}

TEST_F(Tftp, RefusesARootThatLeadsOutOfItself) {
    tool(
        "mkdir r && ln -s /tmp r/x && tar -C r -cf root.tar . && mkdir -p s/x && echo bad > s/x/evil && "
        "tar -C s -rf root.tar x/evil && xz root.tar");
    const auto outcome = run(std::string{kernel} + nfsrootfs);
    EXPECT_EQ(outcome.error, ErrorType::job);
    EXPECT_THAT(outcome.error_msg, HasSubstr("x/evil"));
    EXPECT_FALSE(std::filesystem::exists("/tmp/evil"));
}

TEST_F(Tftp, KnowsOneRootOnly) {
    const auto outcome = run(std::string{kernel} + nfsrootfs + "    persistent_nfs: {address: 'h:/x'}\n");
    EXPECT_EQ(outcome.error, ErrorType::job);
    EXPECT_THAT(outcome.error_msg, HasSubstr("exclude one another"));
}

TEST_F(Tftp, RefusesAnAddressOfPersistentNfsThatIsNone) {
    for (const std::string address : {"/x", "host", "-o x:/y", ":/x"}) {
        SimJob other;
        other.description.deploy_methods.set("tftp", config::Value{});
        other.settings.tftp_ip = "192.0.2.1";
        other.definition = job_text(
            "- deploy: {to: tftp, kernel: {url: 'file://@FOLDER@/kernel'}, persistent_nfs: "
            "{address: '" +
            address + "'}}\n");
        EXPECT_THAT(other.run().error_msg, HasSubstr("Invalid address '" + address + "' of persistent_nfs"));
    }
    EXPECT_TRUE(run(kernel).passed());
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
