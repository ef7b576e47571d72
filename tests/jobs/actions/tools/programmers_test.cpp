// SPDX-License-Identifier: Apache-2.0
// Microcontrollers: each programmer's command line, word by word.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/jobs/actions/tools/host_programs.hpp"

namespace patchbay::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string device(const std::string& boot_method) {
    return "usb_vendor_id: 0d28\nusb_product_id: '0204'\n"
           "actions: {deploy: {methods: {image: null}}, boot: {methods: {" +
           boot_method + "}}}\n";
}

std::string deploy(const std::string& images) {
    return "- deploy:\n    to: tmpfs\n    timeout: {seconds: 20}\n    images:\n" + images;
}

std::string boot(const std::string& method, const std::string& extra = "") {
    return "- boot:\n    method: " + method + "\n    timeout: {seconds: 20}\n" + extra;
}

const std::string zephyr = "      zephyr: {url: 'file://@FOLDER@/zephyr.elf'}\n";
const std::string path = "FOLDER/jobs/42/deployimages-1/zephyr/zephyr.elf";

struct Programmer : ::testing::Test {
    static std::unique_ptr<Bench> bench_of(const std::string& boot_method) {
        auto bench = std::make_unique<Bench>(device(boot_method));
        bench->file("zephyr.elf", "image");
        bench->usb.unplug("1-2");
        bench->usb.plug("1-2", {"0d28", "0204", "DAPLink CMSIS-DAP", "1bc92320"});
        return bench;
    }
};

constexpr auto openocd =
    "openocd: {board_selection_cmd: 'adapter serial 1bc92320', parameters: {command: openocd, options: {file: "
    "[board/a.cfg, b.cfg], debug: 2, search: [/opt/scripts], command: [init, 'program {ZEPHYR} verify', shutdown]}}}";

TEST_F(Programmer, OpenocdGetsItsFilesThenItsCommands) {
    const auto bench = bench_of(openocd);
    bench->program("openocd", "echo '** Verified OK **' >&2; cat ${12}");
    bench->job.definition = job_text(deploy(zephyr) + boot("openocd"));
    EXPECT_TRUE(bench->job.run().passed());
    EXPECT_THAT(bench->calls(), ElementsAre("openocd -c tcl_port disabled -c telnet_port disabled -c gdb_port disabled "
                                            "-f board/a.cfg -f b.cfg -f FOLDER/jobs/42/board_selection-2.4.cfg -d2 -s "
                                            "/opt/scripts -c init -c program " +
                                            path + " verify -c shutdown"));
    EXPECT_TRUE(bench->job.sink.has("debug", ">> ** Verified OK **"));
    EXPECT_TRUE(bench->job.sink.has("debug", ">> adapter serial 1bc92320"));
}

TEST_F(Programmer, ScriptsOfAJobAreForLabsThatTrustIt) {
    const auto bench = bench_of(openocd);
    bench->program("openocd");
    bench->file("evil.cfg", "exec rm -rf /");
    bench->job.definition =
        job_text(deploy(zephyr + "      openocd_script: {url: 'file://@FOLDER@/evil.cfg'}\n") + boot("openocd"));
    EXPECT_THAT(bench->job.run().error_msg, HasSubstr("'openocd_script' holds commands of OpenOCD, which could run any "
                                                      "program of this host"));
    EXPECT_THAT(bench->calls(), IsEmpty());
    bench->job.settings.trusted_jobs = true;
    EXPECT_TRUE(bench->job.run().passed());
    EXPECT_THAT(bench->calls()[0], HasSubstr(" disabled -f FOLDER/jobs/42/deployimages-1/openocd_script/evil.cfg -f "));
}

TEST_F(Programmer, GetsNoSecretsOfTheJob) {
    const auto bench = bench_of(openocd);
    bench->program("openocd", "echo \"($OPENOCD_SCRIPTS)($LAVA_JOB_ID)\"");
    bench->job.definition = job_text(deploy(zephyr) + boot("openocd"), "secrets: {OPENOCD_SCRIPTS: /tmp/evil}\n");
    EXPECT_TRUE(bench->job.run().passed());
    EXPECT_TRUE(bench->job.sink.has("debug", ">> ()(42)"));
}

TEST_F(Programmer, NamesOfFilesAreNoCommands) {
    const auto bench = bench_of(openocd);
    bench->program("openocd");
    bench->file("[exec id]", "image");
    bench->job.definition = job_text(deploy("      zephyr: {url: 'file://@FOLDER@/[exec id]'}\n") + boot("openocd"));
    const auto outcome = bench->job.run();
    EXPECT_EQ(outcome.error, ErrorType::job);
    EXPECT_THAT(outcome.error_msg, HasSubstr("holds characters that programmers take for commands"));
    EXPECT_THAT(bench->calls(), IsEmpty());
}

TEST_F(Programmer, PyocdIsToldWhichBoard) {
    const auto bench = bench_of("pyocd: {parameters: {command: pyocd, options: ['-t k64f', '-f 3000000']}}");
    bench->program("pyocd");
    bench->job.definition = job_text(deploy(zephyr) + boot("pyocd"));
    EXPECT_TRUE(bench->job.run().passed());
    EXPECT_THAT(bench->calls(), ElementsAre("pyocd flash -t k64f -f 3000000 --uid 1bc92320 " + path));
}

TEST_F(Programmer, PyocdMayHaveItsSubcommandFromTheDevice) {
    const auto bench = bench_of("pyocd: {parameters: {command: pyocd, options: [load, '-t cortex-m']}}");
    bench->program("pyocd", "exit 1");
    bench->job.definition = job_text(deploy(zephyr) + boot("pyocd"));
    const auto outcome = bench->job.run();
    EXPECT_EQ(outcome.error, ErrorType::infrastructure);
    EXPECT_THAT(outcome.error_msg,
                HasSubstr("Unable to run: ['pyocd', 'load', '-t', 'cortex-m', '--uid', '1bc92320', "));
}

constexpr auto jlink =
    "jlink: {parameters: {command: JLinkExe, address: 1024, processor: MKW36A512XXX4, supported_core_types: [M4], "
    "erase_command: [erase, r], reset_command: [r], options: ['-if SWD', '-speed 4000']}}";

TEST_F(Programmer, JlinkWorksOffAScript) {
    const auto bench = bench_of(jlink);
    bench->program("JLinkExe", "cp ${12} " + (bench->job.folder / "script").string());
    bench->job.definition = job_text(deploy(zephyr) + boot("jlink", "    coretype: M4\n"));
    EXPECT_TRUE(bench->job.run().passed());
    EXPECT_THAT(bench->calls(),
                ElementsAre("JLinkExe -device MKW36A512XXX4_M4 -if SWD -speed 4000 -autoconnect 1 -NoGui 1 "
                            "-CommanderScript FOLDER/jobs/42/jlink-2.4.cmd -SelectEmuBySN 1bc92320"));
    const auto file = (bench->job.folder / "jobs/42/deployimages-1/zephyr/zephyr.elf").string();
    EXPECT_EQ(bench->read("script"),
              "r\nh\nsleep 500\nerase\nr\nloadfile " + file + " 0x400\nverifybin " + file + " 0x400\nr\nqc\n");
}

TEST_F(Programmer, JlinkSaysThatItsProbeIsGoneAndEndsWell) {
    const auto bench = bench_of(jlink);
    bench->program("JLinkExe", "echo 'Connecting to J-Link via USB...FAILED: Cannot connect'");
    bench->job.definition = job_text(deploy(zephyr) + boot("jlink"));
    EXPECT_EQ(bench->job.run().error_msg, "Unable to connect to J-Link");
    bench->job.definition = job_text(deploy(zephyr) + boot("jlink", "    coretype: M9\n    commands: ['savebin x']\n"));
    const auto problems = bench->job.run().error_msg;
    EXPECT_THAT(problems, HasSubstr("coretype 'M9' is none of the device's: ['M4']"));
    EXPECT_THAT(problems, HasSubstr("'commands' holds commands of J-Link, which could run any program"));
}

constexpr auto dfu = "dfu: {reset_works: true, parameters: {command: dfu-util, options: ['-v']}}";
const std::string dfu_images =
    "      zephyr: {url: 'file://@FOLDER@/zephyr.elf', image_arg: '--alt 2 --download {zephyr}'}\n";

TEST_F(Programmer, DfuWritesEachImageAndResetsAfterTheLast) {
    const auto bench = bench_of(dfu);
    bench->program("dfu-util",
                   "echo 'state(7) = dfuMANIFEST, status(0) = No error condition is present'; echo 'Done!'");
    bench->job.definition = job_text(
        deploy(dfu_images + "      b: {url: 'file://@FOLDER@/kernel', image_arg: '-a 3 -D {b}'}\n") + boot("dfu"));
    EXPECT_EQ(bench->job.run().error_msg, "");
    const std::string begin = "dfu-util -v --serial 1bc92320 --device 0d28:0204 ";
    EXPECT_THAT(bench->calls(), ElementsAre(begin + "--alt 2 --download " + path,
                                            begin + "-a 3 -D FOLDER/jobs/42/deployimages-1/b/kernel --reset"));
}

TEST_F(Programmer, DfuThatDoesNotConfirmOrIsAskedForMoreFails) {
    const auto bench = bench_of(dfu);
    bench->program("dfu-util", "echo 'Done!'");
    bench->job.definition = job_text(deploy(dfu_images) + boot("dfu"));
    EXPECT_EQ(bench->job.run().error_msg, "dfu-util did not say that 'zephyr' was written");
    bench->job.definition = job_text(
        deploy("      zephyr: {url: 'file://@FOLDER@/zephyr.elf', image_arg: '-D \"{zephyr}'}\n") + boot("dfu"));
    EXPECT_THAT(bench->job.run().error_msg, HasSubstr("the quote \" is not closed"));
    for (const std::string argument : {"--upload /etc/x", "-D /etc/shadow", "--alt", "-D {zephyr} -U x"}) {
        bench->job.definition = job_text(
            deploy("      zephyr: {url: 'file://@FOLDER@/zephyr.elf', image_arg: '" + argument + "'}\n") + boot("dfu"));
        EXPECT_THAT(bench->job.run().error_msg, HasSubstr("image_arg '" + argument + "' holds other arguments"))
            << argument;
    }
}

constexpr auto gdb =
    "gdb: {parameters: {command: gdb-multiarch, wait_before_continue: 0}, openocd: {arguments: ['{ZEPHYR}'], commands: "
    "['target remote :1', load], docker: {use: false}}}";

/// With the serial port that the boot waits for.
std::unique_ptr<Bench> bench_of_gdb() {
    auto bench = Programmer::bench_of(gdb);
    bench->usb.node("class/tty", "1-2", 0, "tty/ttyACM0");
    std::filesystem::create_directories(bench->usb.root / "drivers/cdc_acm");
    const auto interface = bench->usb.folder("1-2") / "1-2:1.0";
    std::filesystem::create_directory_symlink(bench->usb.root / "drivers/cdc_acm", interface / "driver");
    return bench;
}

TEST_F(Programmer, GdbOfAFailedTryIsGoneBeforeTheNext) {
    const auto bench = bench_of_gdb();
    const auto notes = (bench->job.folder / "typed").string();
    const auto once = (bench->job.folder / "once").string();
    bench->program("gdb-multiarch",
                   "stty -echo; first=; [ -e " + once + " ] || first=yes; touch " + once +
                       "; printf '(gdb) '; while read line; do echo \"$line\" >>" + notes +
                       "; case $line in quit) exit 0;; load) [ $first ] && continue;; esac; printf '(gdb) '; done");
    bench->job.definition = job_text(deploy(zephyr) + boot("gdb", "    commands: openocd\n    failure_retry: 2\n"),
                                     "timeouts: {job: {minutes: 2}, action: {minutes: 1}, connection: {seconds: 1}}\n");
    EXPECT_EQ(bench->job.run().error_msg, "");
    EXPECT_EQ(bench->read("typed"),
              "target remote :1\nload\nset confirm no\nquit\n"
              "target remote :1\nload\ncontinue\nset confirm no\nquit\n");
    EXPECT_FALSE(bench->job.left_running);
}

TEST_F(Programmer, GdbLoadsAndStaysUntilTheEnd) {
    const auto bench = bench_of_gdb();
    const auto notes = (bench->job.folder / "typed").string();
    bench->program("gdb-multiarch", "stty -echo; while printf '(gdb) '; read line; do echo \"$line\" >>" + notes +
                                        "; [ \"$line\" = quit ] && exit 0; done");
    bench->job.definition = job_text(deploy(zephyr) + boot("gdb", "    commands: openocd\n"));
    EXPECT_EQ(bench->job.run().error_msg, "");
    EXPECT_THAT(bench->calls(), ElementsAre("gdb-multiarch " + path));
    EXPECT_EQ(bench->read("typed"), "target remote :1\nload\ncontinue\nset confirm no\nquit\n");
    EXPECT_FALSE(bench->job.left_running);
}

TEST_F(Programmer, ThatIsMissingOrHasNoBoardIsFoundAtValidation) {
    const auto bench = bench_of(openocd);
    bench->only_these();
    bench->job.description.rendered.set("board_id", "0000000000");
    bench->job.definition = job_text(deploy(zephyr) + boot("openocd"));
    const auto problems = bench->job.run().error_msg;
    EXPECT_THAT(problems, HasSubstr("the program 'openocd' is not installed on this host; install the Debian package "
                                    "'openocd'"));
    EXPECT_THAT(problems, HasSubstr("board_id unset"));
}

constexpr auto qdl = "qdl: {parameters: {command: qdl, enter-commands: ['jumper on']}}";

/// A board of Qualcomm's, and an archive for it.
struct Qdl : ::testing::Test {
    Bench bench{
        "usb_vendor_id: 18d1\nusb_product_id: d00d\nboard_qdl_id: '7'\nactions: {deploy: {methods: {qdl: null}}, "
        "boot: {methods: {" +
        std::string{qdl} + "}}}\n"};
    const std::string deploys =
        "- deploy: {to: qdl, timeout: {seconds: 20}, qcomflash: {url: 'file://@FOLDER@/q.tar.gz'}}\n";
    const std::string boots = boot("qdl",
                                   "    firehose_program: prog.elf\n    rawprogram: rawprogram0.xml\n"
                                   "    patch: patch0.xml\n    storage: ufs\n    debug: true\n");
    Qdl() {
        bench.job.settings.trusted_jobs = true;
        bench.program("jumper");
        bench.program(
            "qdl",
            "case $* in *version) echo 'qdl version v2.7';; *) [ ! -e rawprogram0.xml ] || cat rawprogram0.xml;; esac");
    }
    /// `change`: of the folder that is packed.
    void pack(const std::string& change = "true") {
        // Anew each time: nothing is written through a link of the time before.
        const auto folder = "'" + (bench.job.folder / "q").string() + "'";
        const auto line = "rm -rf " + folder + " && mkdir " + folder + " && cd " + folder +
                          " && echo raw >rawprogram0.xml && touch prog.elf " + "patch0.xml && " + change +
                          " && tar czf ../q.tar.gz *";
        ASSERT_EQ(::system(line.c_str()), 0);
    }
};

TEST_F(Qdl, OnThisHostIsForLabsThatTrustTheJob) {
    pack();
    bench.job.settings.trusted_jobs = false;
    bench.job.definition = job_text(deploys + boots);
    EXPECT_THAT(bench.job.run().error_msg, HasSubstr("the archive tells qdl which files to read and write"));
    EXPECT_THAT(bench.calls(), IsEmpty());
    bench.program("docker", docker_script);
    bench.job.definition = job_text(deploys + boots + "    docker: {image: 'qdl:1'}\n");
    EXPECT_EQ(bench.job.run().error_msg, "");
}

TEST_F(Qdl, LinksOfTheArchiveLeadNowhereElse) {
    bench.job.definition = job_text(deploys + boots);
    for (const auto* file : {"prog.elf", "rawprogram0.xml", "patch0.xml"}) {
        pack("touch ../outside && ln -sf \"$PWD/../outside\" " + std::string{file});
        EXPECT_THAT(bench.job.run().error_msg, HasSubstr("out of the archive")) << file;
    }
    pack("mkdir -p ../beside/etc && ln -sfn \"$PWD/../beside\" sub");
    bench.job.definition = job_text(deploys + boots + "    path: sub/etc\n");
    EXPECT_THAT(bench.job.run().error_msg, HasSubstr("out of the archive"));
    for (const auto& call : bench.calls()) EXPECT_EQ(call, "jumper on");
}

TEST_F(Qdl, TheChipIsTheOneWithTheNumberOfTheBoard) {
    pack();
    bench.usb.plug("1-2", {"18d1", "d00d", "QUSB_BULK_CID:0402_SN:8", ""});
    const auto of_board = bench.usb.plug("1-3", {"18d1", "d00d", "QUSB_BULK_CID:0402_SN:7", ""});
    bench.program("docker", docker_script);
    bench.job.definition = job_text(deploys + boots + "    docker: {image: 'qdl:1'}\n");
    EXPECT_EQ(bench.job.run().error_msg, "");
    const auto node = bench.usb.device_node("1-3").filename().string();
    EXPECT_THAT(bench.calls()[2], HasSubstr("/" + node + " "));
}

TEST_F(Qdl, WritesTheUnpackedFilesOfItsArchive) {
    pack();
    bench.job.definition = job_text(deploys + boots);
    EXPECT_EQ(bench.job.run().error_msg, "");
    EXPECT_THAT(bench.calls(), ElementsAre("jumper on", "qdl --version",
                                           "qdl --skipblock=sha256 --debug --storage ufs --serial 7 prog.elf "
                                           "rawprogram0.xml patch0.xml"));
    EXPECT_TRUE(bench.job.sink.has("debug", ">> raw"));
    bench.job.definition =
        job_text(deploys + boot("qdl", "    firehose_program: ../../x\n    rawprogram: /etc/passwd\n"));
    const auto problems = bench.job.run().error_msg;
    EXPECT_THAT(problems, HasSubstr("firehose_program '../../x' must be a file of the archive"));
    EXPECT_THAT(problems, HasSubstr("rawprogram '/etc/passwd' must be a file of the archive"));
    EXPECT_THAT(problems, HasSubstr("'patch' is missing"));
}

}  // namespace
}  // namespace patchbay::testing
