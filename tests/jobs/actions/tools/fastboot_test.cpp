// SPDX-License-Identifier: Apache-2.0
// Boards that are flashed and started by fastboot: which programs are called, when, and what becomes of their failures.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "core/process/spawn.hpp"
#include "jobs/overlay/android_sparse.hpp"
#include "tests/jobs/actions/tools/host_programs.hpp"

namespace patchbay::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;

std::string deploy(const std::string& images, const std::string& extra = "") {
    return "- deploy:\n    to: fastboot\n    os: oe\n    timeout: {seconds: 20}\n" + extra + "    images:\n" + images;
}

std::string boot(const std::string& extra = "") {
    return "- boot:\n    method: fastboot\n    prompts: ['root@pb-guest:']\n    timeout: {seconds: 20}\n" + extra;
}

std::string image(const std::string& key, const std::string& extra = "") {
    return "      " + key + ": {url: 'file://@FOLDER@/" + key + ".img'" + extra + "}\n";
}

struct Fastboot : ::testing::Test {
    Bench bench;
    SimJob& job = bench.job;
    explicit Fastboot(const std::string& device = "") : bench{device} {
        const auto started = (job.folder / "started").string();
        bench.program("fastboot", "case \"$*\" in '-s 1bc92320 boot '*|*' reboot') touch " + started + ";; esac\n" +
                                      fastboot_script);
        job.board->boot = {await_file(started), say("Linux version 6.1\r\n"), say_prompt()};
        for (const auto* name : {"boot.img", "rootfs.img", "extra.img", "ptable.img"}) bench.file(name, "bytes");
    }
    /// Calls without the folders that downloads have of their own.
    std::vector<std::string> calls() const {
        auto all = bench.calls();
        for (auto& call : all) {
            const auto begin = call.find("FOLDER/jobs/42/");
            if (begin == std::string::npos) continue;
            const auto end = call.find_first_of(" ,", begin);
            const auto path = call.substr(begin, end == std::string::npos ? end : end - begin);
            call.replace(begin, path.size(), path.substr(path.rfind('/') + 1));
        }
        return all;
    }
};

TEST_F(Fastboot, FlashesInTheOrderOfTheDeviceAndStartsTheBootImage) {
    job.definition = job_text(deploy(image("extra") + image("rootfs") + image("boot", ", reboot: hard-reset") +
                                     image("ptable", ", reboot: fastboot-reboot-bootloader")) +
                              boot());
    EXPECT_TRUE(job.run().passed());
    EXPECT_THAT(calls(),
                ElementsAre("fastboot -s 1bc92320 flash ptable ptable.img", "fastboot -s 1bc92320 reboot-bootloader",
                            "fastboot -s 1bc92320 flash boot boot.img", "fastboot -s 1bc92320 flash rootfs rootfs.img",
                            "fastboot -s 1bc92320 flash extra extra.img", "fastboot -s 1bc92320 boot boot.img"));
    EXPECT_TRUE(job.sink.has("debug", ">> Writing 'ptable'"));
    EXPECT_THAT(job.sink.cases(),
                IsSupersetOf({"lava/fastboot-flash-action pass", "lava/pdu-reboot pass", "lava/boot-fastboot pass",
                              "lava/fastboot-reboot-bootloader pass", "lava/login-action pass", "lava/job pass"}));
    const auto booted = job.sink.result_of("lava", "boot-fastboot");
    EXPECT_EQ(config::python_str(*booted.find("extra")->find("status")), "Finished. Total time: 0.051s");
    EXPECT_FALSE(job.board->powered);
}

struct FastbootWithOptions : Fastboot {
    FastbootWithOptions()
        : Fastboot{
              "fastboot_options: ['-S', '256M']\n"
              "actions: {deploy: {methods: {fastboot: null}}, boot: {methods: {fastboot: [no-flash-boot]}}}\n"} {}
};

TEST_F(FastbootWithOptions, GivesThemLastAndLeavesThePartitionOfABootImageThatIsSent) {
    job.definition = job_text(deploy(image("boot") + image("rootfs")) + boot("    commands: ['oem unlock now']\n"));
    EXPECT_TRUE(job.run().passed());
    EXPECT_THAT(calls(), ElementsAre("fastboot -s 1bc92320 flash rootfs rootfs.img -S 256M",
                                     "fastboot -s 1bc92320 oem unlock now -S 256M",
                                     "fastboot -s 1bc92320 boot boot.img -S 256M"));
}

TEST_F(Fastboot, RunsInAContainerThatHasTheBoardAndTheImageOnly) {
    bench.program("docker", docker_script);
    const std::string docker = "    docker: {image: 'lavalabteam/adb-fastboot:1', container_name: tool}\n";
    job.definition = job_text(deploy(image("rootfs"), docker) + boot("    docker: {image: x, local: true}\n"));
    job.description.boot_methods.set("fastboot", config::List{"reboot"});
    EXPECT_TRUE(job.run().passed());
    EXPECT_THAT(calls(),
                ElementsAre("docker pull lavalabteam/adb-fastboot:1",
                            HasSubstr("docker run --rm --init --name=tool-lava-42 --label=patchbay.device=board-01 "
                                      "--device=FOLDER/host/dev/bus/usb/"),
                            "fastboot -s 1bc92320 flash rootfs rootfs.img", "docker image inspect --format={{.Id}} x",
                            HasSubstr("docker run --rm --init --name=lava-42-2.4 --label=patchbay.device=board-01 "
                                      "--device=FOLDER/host/dev/bus/usb/"),
                            "fastboot -s 1bc92320 reboot"));
    EXPECT_THAT(calls()[1], HasSubstr("--mount=type=bind,source=rootfs.img,destination=FOLDER/jobs/42/"));
    EXPECT_THAT(calls()[1], HasSubstr(",readonly=true lavalabteam/adb-fastboot:1 fastboot -s 1bc92320 flash rootfs "));
}

TEST_F(Fastboot, SwitchesOffABoardThatNeverShowsUpOrIsStuckHalfWritten) {
    bench.usb.unplug("1-2");
    job.definition = job_text(deploy(image("rootfs"), "    timeouts: {wait-device-boardid: {seconds: 1}}\n"));
    auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::infrastructure);
    EXPECT_EQ(outcome.error_msg, "wait-device-boardid timed out after 1 seconds");
    EXPECT_TRUE(job.sink.has("debug", "Waiting for a USB device with serial number 1bc92320"));
    EXPECT_THAT(calls(), IsEmpty());

    bench.usb.plug("1-3", {"18d1", "d00d", "Android", "1bc92320"});
    bench.program("fastboot", "exec sleep 1000");
    job.definition = job_text(deploy(image("rootfs"), "    timeouts: {fastboot-flash-action: {seconds: 1}}\n"));
    outcome = job.run();
    EXPECT_EQ(outcome.error_msg, "fastboot-flash-action timed out after 1 seconds");
    EXPECT_TRUE(job.sink.has("error", "fastboot timing out, power-off the DuT"));
    EXPECT_FALSE(job.board->powered);
    EXPECT_FALSE(job.left_running);
}

TEST_F(Fastboot, ThatIsStuckIsTheCauseAlsoWhenTheSupplyFailsAfterIt) {
    bench.program("fastboot", "exec sleep 1000");
    job.board->off_fails = "relay HURTM channel 1 does not switch";
    job.definition = job_text(
        deploy(image("rootfs"), "    timeouts: {fastboot-flash-action: {seconds: 1}, pdu-reboot: {seconds: 5}}\n"));
    EXPECT_EQ(job.run().error_msg, "fastboot-flash-action timed out after 1 seconds");
    EXPECT_TRUE(job.sink.has("error", job.board->off_fails));
}

TEST_F(Fastboot, FailsAsTheLabWhenAProgramFailsOrSaysNothing) {
    bench.program("fastboot", "echo \"FAILED (remote: 'Partition not found')\" >&2; exit 1");
    job.definition = job_text(deploy(image("rootfs")));
    auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::infrastructure);
    EXPECT_THAT(outcome.error_msg, HasSubstr("Unable to run: ['fastboot', '-s', '1bc92320', 'flash', 'rootfs', '"));
    EXPECT_THAT(outcome.error_msg, EndsWith("']; it said: FAILED (remote: 'Partition not found')"));
    EXPECT_TRUE(job.sink.has("debug", ">> FAILED (remote: 'Partition not found')"));
    EXPECT_EQ(job.sink.cases().back(), "lava/job fail");
    EXPECT_FALSE(job.sink.failure_of("fastboot-flash-action").empty());
    EXPECT_FALSE(job.board->powered);

    bench.program("fastboot");
    job.definition = job_text(deploy(image("boot")) + boot());
    EXPECT_EQ(job.run().error_msg, "Unable to boot-fastboot: fastboot did not say 'booting'");
}

TEST_F(Fastboot, IsKilledByACancel) {
    bench.program("fastboot", "echo $$ >" + (job.folder / "pid").string() + "; echo started; exec sleep 1000");
    job.definition = job_text(deploy(image("rootfs")));
    job.cancel_when = [this] { return job.sink.has("debug", ">> started"); };
    EXPECT_EQ(job.run().error, ErrorType::canceled);
    EXPECT_NE(::kill(std::stoi(bench.read("pid")), 0), 0);
    EXPECT_FALSE(job.board->powered);
}

TEST_F(Fastboot, ContainerIsRemovedByACancel) {
    bench.program("docker", "case $1 in run) echo started; exec sleep 1000;; esac");
    job.definition = job_text(deploy(image("rootfs"), "    docker: {image: x}\n"));
    job.cancel_when = [this] { return job.sink.has("debug", ">> started"); };
    EXPECT_EQ(job.run().error, ErrorType::canceled);
    EXPECT_EQ(calls().back(), "docker rm --force lava-42-1.5.3");
}

TEST_F(Fastboot, OfDebianWaitsForTheBoardAndIsStopped) {
    std::filesystem::remove(job.folder / "bin/fastboot");
    if (!find_program("fastboot")) GTEST_SKIP() << "fastboot is not installed";
    job.definition = job_text(deploy(image("rootfs"), "    timeouts: {fastboot-flash-action: {seconds: 1}}\n"));
    EXPECT_EQ(job.run().error_msg, "fastboot-flash-action timed out after 1 seconds");
    EXPECT_TRUE(job.sink.has("debug", ">> < waiting for 1bc92320 >"));
    EXPECT_FALSE(job.left_running);
}

TEST_F(Fastboot, PutsTheOverlayIntoASparseImage) {
    bench.program("fastboot", "case \"$*\" in *' flash '*) cp $5 " + (job.folder / "flashed").string() +
                                  ";; *' reboot') touch " + (job.folder / "started").string() + ";; esac\n" +
                                  fastboot_script);
    const auto disk = (job.folder / "disk").string();
    ASSERT_EQ(::system(("/sbin/mke2fs -q -t ext4 " + disk + " 16M").c_str()), 0);
    const StopFlag go{false};
    make_sparse(job.folder / "disk", job.folder / "rootfs.img", go);
    job.board->answers = {{"lava-test-runner", std::string{test_exit}}};
    job.description.boot_methods.set("fastboot", config::List{"reboot"});
    job.definition = job_text(deploy(image("rootfs", ", apply-overlay: true")) + boot() + test_block("smoke"));
    EXPECT_TRUE(job.run().passed());
    expand_sparse(job.folder / "flashed", job.folder / "seen", {}, go);
    const auto look = "/sbin/debugfs -R 'cat /lava-42/0/lava-test-runner.conf' " + (job.folder / "seen").string() +
                      " 2>/dev/null >" + (job.folder / "conf").string();
    ASSERT_EQ(::system(look.c_str()), 0);
    EXPECT_EQ(bench.read("conf"), "/lava-42/0/tests/0_smoke\n");
}

TEST_F(Fastboot, RefusesAnImageThatIsNotSparse) {
    job.definition = job_text(deploy(image("rootfs", ", apply-overlay: true")) + boot() + test_block("smoke"));
    EXPECT_EQ(job.run().error, ErrorType::job);
    EXPECT_FALSE(job.sink.failure_of("apply-overlay-sparse-image").empty());
    EXPECT_THAT(calls(), IsEmpty());
}

TEST_F(Fastboot, RefusesAtValidationWhatCannotWork) {
    bench.only_these();
    std::filesystem::remove(job.folder / "bin/fastboot");
    job.description.rendered.set("fastboot_serial_number", "0000000000");
    job.definition = job_text(deploy(image("rootfs")) + boot("    commands: ['flash boot /etc/shadow']\n"));
    const auto problems = job.run().error_msg;
    EXPECT_THAT(problems, HasSubstr("the program 'fastboot' is not installed on this host; install the Debian package "
                                    "'fastboot'"));
    EXPECT_THAT(problems, HasSubstr("fastboot_serial_number is unset"));
    EXPECT_THAT(problems, HasSubstr("fastboot command 'flash boot /etc/shadow' is not for jobs"));

    job.definition = job_text(deploy(image("rootfs"), "    docker: {image: '--privileged'}\n"));
    const auto of_docker = job.run().error_msg;
    EXPECT_THAT(of_docker, HasSubstr("this host has neither 'docker' nor 'podman'"));
    EXPECT_THAT(of_docker, HasSubstr("'image' is missing or no name of an image"));

    job.definition = job_text(deploy(image("rootfs", ", reboot: sideways")));
    EXPECT_THAT(job.run().error_msg, HasSubstr("unknown reboot 'sideways'; use hard-reset"));
    EXPECT_THAT(calls(), IsEmpty());
}

TEST_F(Fastboot, CommandsOfAJobHaveNoOptionsAndNoMoreWordsThanTheyUse) {
    const auto problem_of = [this](const std::string& command) {
        job.definition = job_text(deploy(image("boot")) + boot("    commands: [\"" + command + "\"]\n"));
        return job.run().error_msg;
    };
    for (const std::string command :
         {"erase userdata flash boot /etc/shadow", "erase", "getvar all update /etc/x", "set_active a stage /etc/x",
          "format:ext4 userdata flash boot /etc/shadow", "continue flash boot /etc/x", "reboot-bootloader stage /etc/x",
          "reboot bootloader flash boot /etc/x", "getvar -S", "oem unlock --slot=a", "-s other reboot"}) {
        EXPECT_THAT(problem_of(command), HasSubstr("fastboot command '" + command + "' is not for jobs")) << command;
    }
    EXPECT_THAT(problem_of("oem 'unlock"), HasSubstr("the quote ' is not closed"));
    EXPECT_THAT(calls(), IsEmpty());
    EXPECT_EQ(problem_of("erase userdata\", \"oem unlock now\", \"flashing unlock\", \"reboot bootloader"), "");
}

struct FastbootWithoutSupply : Fastboot {
    FastbootWithoutSupply() : Fastboot{"commands: {power_off: 'echo off'}\n"} {
        job.board->has_supply = false;
        bench.program("adb", "echo \"($ADB_SERVER_SOCKET) $*\" >>" + (job.folder / "sockets").string() +
                                 "\ncase $* in start-server) touch ${ADB_SERVER_SOCKET#localfilesystem:};; devices) "
                                 "printf 'List of devices attached\\n1bc92320\\tdevice\\n';; "
                                 "*shell) echo 'phone:/ $'; exec cat;; esac");
    }
};

TEST_F(FastbootWithoutSupply, IsEnteredFromAndroidAndTheShellIsAdb) {
    job.description.boot_methods.set("fastboot", config::List{"reboot"});
    job.definition = job_text(deploy(image("rootfs")) + boot());
    EXPECT_TRUE(job.run().passed());
    EXPECT_THAT(calls(),
                ElementsAre("adb start-server", "adb devices", "adb -s 1bc92320 reboot-bootloader",
                            "fastboot -s 1bc92320 flash rootfs rootfs.img", "adb start-server", "adb devices",
                            "adb -s 1bc92320 reboot-bootloader", "fastboot -s 1bc92320 reboot", "adb start-server",
                            "adb -s 1bc92320 wait-for-device", "adb -s 1bc92320 shell", "adb kill-server"));
    EXPECT_THAT(bench.read("sockets"), ::testing::Not(HasSubstr("()")));
    EXPECT_THAT(bench.read("sockets"),
                HasSubstr("(localfilesystem:" + (job.directory() / "adb").string() + ") kill-server"));
    EXPECT_FALSE(job.left_running);
}

TEST_F(Fastboot, FindsTheOneBoardThatIsThere) {
    job.description.rendered.set("fastboot_serial_number", "0000000000");
    job.description.rendered.set("fastboot_auto_detection", true);
    bench.program("fastboot", "printf 'aaa\\tfastboot\\nbbb\\tfastboot\\n'");
    job.definition = job_text(deploy(image("rootfs")));
    EXPECT_THAT(job.run().error_msg, HasSubstr("More than one board is in fastboot: ['aaa', 'bbb']"));
    bench.usb.plug("1-2", {"18d1", "d00d", "Android", "1bc92320"});
    bench.program("fastboot", fastboot_script);
    EXPECT_TRUE(job.run().passed());
    EXPECT_EQ(calls().back(), "fastboot -s 1bc92320 flash rootfs rootfs.img");

    bench.program("docker", docker_script);
    job.definition = job_text(deploy(image("rootfs"), "    docker: {image: x}\n"));
    EXPECT_THAT(job.run().error_msg, HasSubstr("a container gets the board by its serial number"));
}

struct FastbootOfUboot : Fastboot {
    FastbootOfUboot()
        : Fastboot{
              "fastboot_via_uboot: true\n"
              "constants: {u-boot: {interrupt-prompt: 'stop autoboot', interrupt-character: '', interrupt-newline: "
              "true, "
              "error-messages: ['TIMEOUT']}}\n"
              "actions: {deploy: {methods: {fastboot: null, u-boot: {parameters: {fastboot: {commands: ['usb start', "
              "'fastboot 1']}}}}}, boot: {methods: {fastboot: [reboot], u-boot: {parameters: {bootloader_prompt: '=>', "
              "interrupt_prompt: 'stop autoboot'}}}}}\n"} {
        job.board->prompt = "=> ";
        const auto restarted = (job.folder / "restarted").string();
        job.description.commands["hard_reset"].run = {"touch " + restarted};
        job.board->boot = {await_file(restarted), say("Hit any key to stop autoboot\r\n"), expect_line(""),
                           say_prompt()};
    }
};

TEST_F(FastbootOfUboot, IsStartedOnTheConsole) {
    job.definition = job_text(deploy(image("rootfs")));
    EXPECT_EQ(job.run().error_msg, "");
    EXPECT_THAT(job.sink.texts("input"), ElementsAre("\n", "usb start\n", "fastboot 1\n"));
    EXPECT_THAT(calls(), ElementsAre("fastboot -s 1bc92320 flash rootfs rootfs.img"));
}

TEST_F(Fastboot, OldDownloadResetsTheBoardAndFetches) {
    job.definition =
        job_text("- deploy:\n    to: download\n    timeout: {seconds: 20}\n    images:\n" + image("boot") + boot());
    EXPECT_TRUE(job.run().passed());
    EXPECT_THAT(calls(), ElementsAre("fastboot -s 1bc92320 boot boot.img"));
}

}  // namespace
}  // namespace patchbay::testing
