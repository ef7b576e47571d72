// SPDX-License-Identifier: Apache-2.0
// Containers that are the device, run the tests, or hold a model. A script stands for docker and runs what a container
// would run on this host.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/jobs/actions/tools/host_programs.hpp"

namespace patchbay::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::StartsWith;

/// A shell with the prompt of a container's; it says what lava-test-runner would.
constexpr auto container_shell = R"(
case "$*" in
*' run '*|'run '*) ;;
*) exit 0 ;;
esac
stty -echo
while printf '%s' "$PROMPT"; read -r line; do
    case "$line" in
    *lava-test-runner*) printf '<LAVA_SIGNAL_STARTRUN 0_smoke 42_1>\r\n<LAVA_SIGNAL_TESTCASE TEST_CASE_ID=a RESULT=pass>\r\n'
                        printf '<LAVA_SIGNAL_ENDRUN 0_smoke 42_1>\r\n<LAVA_TEST_RUNNER EXIT>\r\n' ;;
    '') ;;
    esac
done)";

std::string docker_test(const std::string& extra = "") {
    return test_block("smoke", "    timeout: {seconds: 20}\n    docker: {image: 'debian:12', local: true}\n" + extra);
}

TEST(DockerTest, RunsInAContainerThatHasTheBoard) {
    Bench bench{
        "device_info: [{board_id: 1bc92320}]\n"
        "commands: {hard_reset: ['relay off', 'relay on'], power_off: 'true', connect: 'telnet x 1'}\n"};
    bench.program("docker", "PROMPT='docker-test-shell:$ '\n" + std::string{container_shell});
    bench.job.definition = job_text(docker_test());
    EXPECT_EQ(bench.job.run().error_msg, "");
    const auto calls = bench.calls();
    ASSERT_EQ(calls.size(), 3u);
    EXPECT_EQ(calls[0], "docker image inspect --format={{.Id}} debian:12");
    EXPECT_EQ(calls[1],
              "docker run --rm --init --name=lava-42-1.3 --label=patchbay.device=board-01 --interactive --tty "
              "--mount=type=bind,source=FOLDER/jobs/42/lava-create-overlay-1.3/lava-42,destination=/lava-42 "
              "--device=FOLDER/host/dev/bus/usb/" +
                  bench.usb.device_node("1-2").string().substr((bench.usb.root / "dev/bus/usb/").string().size()) +
                  " --env=PS1=docker-test-shell:$  debian:12 bash --norc -i");
    EXPECT_EQ(calls[2], "docker rm --force lava-42-1.3");
    EXPECT_THAT(bench.job.sink.cases(), IsSupersetOf({"0_smoke/a pass", "lava/0_smoke pass", "lava/job pass"}));
    EXPECT_TRUE(bench.job.sink.has("debug", "- LAVA_HARD_RESET_COMMAND=relay off && relay on"));
    EXPECT_TRUE(bench.job.sink.has("debug", "- ANDROID_SERIAL=1bc92320"));
    EXPECT_TRUE(bench.job.sink.has("debug", "- LAVA_CONNECTION_COMMAND=telnet x 1"));
    EXPECT_FALSE(bench.job.left_running);
}

TEST(DockerTest, ContainerIsRemovedWhenTheTestIsCanceled) {
    Bench bench;
    bench.program("docker", "case $1 in run) exec sleep 1000;; esac");
    bench.job.definition = job_text(docker_test());
    bench.job.cancel_when = [&bench] { return bench.calls().size() >= 2; };
    EXPECT_EQ(bench.job.run().error, ErrorType::canceled);
    EXPECT_EQ(bench.calls().back(), "docker rm --force lava-42-1.3");
    EXPECT_FALSE(bench.job.left_running);
}

TEST(DockerTest, IsRefusedWithoutDocker) {
    Bench bench;
    bench.only_these();
    bench.job.definition = job_text(docker_test());
    EXPECT_THAT(bench.job.run().error_msg, HasSubstr("this host has neither 'docker' nor 'podman'"));
}

TEST(DockerTest, TakesPodmanWhereThereIsNoDocker) {
    Bench bench;
    bench.only_these();
    std::filesystem::create_symlink("/usr/bin/stty", bench.job.folder / "bin/stty");
    bench.program("podman", "PROMPT='docker-test-shell:$ '\n" + std::string{container_shell});
    bench.job.definition = job_text(docker_test());
    EXPECT_EQ(bench.job.run().error_msg, "");
    EXPECT_THAT(bench.calls()[1],
                StartsWith("podman run --rm --init --name=lava-42-1.3 --label=patchbay.device=board-01 "));
}

/// Whatever is spliced into an option of docker.
TEST(DockerTest, PathsOfAJobAreNoFurtherMounts) {
    for (const std::string place : {"/a%s,source=/,destination=/host", "/a%s\\\"", "lava-%s", "/a/../%s", "/a b/%s"}) {
        Bench bench;
        bench.program("docker");
        auto text = job_text(docker_test());
        const std::string context = "context: {";
        text.replace(text.find(context), context.size(), context + "lava_test_results_dir: \"" + place + "\", ");
        bench.job.definition = text;
        EXPECT_THAT(bench.job.run().error_msg, HasSubstr("is no absolute path of letters")) << place;
        for (const auto& call : bench.calls()) EXPECT_THAT(call, ::testing::Not(HasSubstr(" run "))) << call;
    }
}

TEST(DockerTest, FilesWhoseNamesAreFurtherMountsAreNotGivenToContainers) {
    Bench bench;
    bench.program("docker", docker_script);
    bench.program("fastboot", fastboot_script);
    bench.file("a,source=_,destination=_x", "bytes");
    bench.job.definition = job_text(
        "- deploy:\n    to: fastboot\n    docker: {image: x}\n    timeout: {seconds: 20}\n    images:\n"
        "      boot: {url: 'file://@FOLDER@/a,source=_,destination=_x'}\n");
    EXPECT_THAT(bench.job.run().error_msg, HasSubstr("cannot be given to a container: its name holds a comma"));
}

/// The file that a container of the device leaves.
std::filesystem::path note_of(const Bench& bench) { return bench.job.folder / "state/containers/board-01"; }

TEST(DockerTest, ContainersOfAKilledRunnerAreRemovedBeforeTheNextJob) {
    Bench bench;
    bench.program("docker", "case $1 in ps) printf 'abc\\ndef\\n';; esac");
    std::filesystem::create_directories(note_of(bench).parent_path());
    bench.file("state/containers/board-01", "");
    bench.job.definition = job_text("- command: {name: hard_reset}\n");
    EXPECT_EQ(bench.job.run().error_msg, "");
    EXPECT_THAT(bench.calls(), ElementsAre("docker ps --all --quiet --filter label=patchbay.device=board-01",
                                           "docker rm --force abc def"));
    EXPECT_FALSE(std::filesystem::exists(note_of(bench)));
}

TEST(DockerTest, LeavesANoteForTheNextRunnerAndSaysWhatItCannotRemove) {
    Bench bench;
    bench.program("docker",
                  "case $1 in rm) echo hm; echo 'permission denied'; exit 1;; esac\nPROMPT='docker-test-shell:$ '\n" +
                      std::string{container_shell});
    bench.job.definition = job_text(docker_test());
    EXPECT_EQ(bench.job.run().error_msg, "");
    EXPECT_TRUE(std::filesystem::exists(note_of(bench)));
    EXPECT_TRUE(bench.job.sink.has("error", "the container 'lava-42-1.3' may still run: permission denied"));

    Bench gone;
    gone.program("docker",
                 "case $1 in rm) echo 'Error: No such container: x'; exit 1;; esac\nPROMPT='docker-test-shell:$ '\n" +
                     std::string{container_shell});
    gone.job.definition = job_text(docker_test());
    EXPECT_EQ(gone.job.run().error_msg, "");
    EXPECT_FALSE(gone.job.sink.has("error", "may still run"));
}

TEST(DockerTest, ALoginIsTheJobsOwnAndItsFailureIsTold) {
    Bench bench;
    const auto seen = (bench.job.folder / "seen").string();
    bench.program("docker", "echo \"$1 $DOCKER_CONFIG $REGISTRY_AUTH_FILE\" >>" + seen +
                                "\nPROMPT='docker-test-shell:$ '\n" + std::string{container_shell});
    const std::string login = "    docker: {image: 'debian:12', login: {user: me, password: hunter2}}\n";
    bench.job.definition = job_text(test_block("smoke", "    timeout: {seconds: 20}\n" + login));
    EXPECT_EQ(bench.job.run().error_msg, "");
    const auto folder = (bench.job.directory() / "docker").string();
    const auto line = " " + folder + " " + folder + "/auth.json\n";
    EXPECT_THAT(bench.read("seen"), StartsWith("login" + line + "pull" + line + "run" + line));

    Bench refused;
    refused.program("docker", "echo 'Error response from daemon:'; echo 'unauthorized: wrong password'; exit 1");
    refused.job.definition = bench.job.definition;
    EXPECT_EQ(refused.job.run().error_msg, "Unable to log in at '' as 'me': unauthorized: wrong password");
}

TEST(DockerDevice, ItsConsoleIsClosedBeforeItIsRemoved) {
    Bench bench{
        "commands: {}\nactions: {deploy: {methods: {docker: {options: {remote: null}}}}, boot: {methods: {docker: "
        "{options: {}}}}}\n"};
    bench.job.board->has_supply = false;
    const auto pid = (bench.job.folder / "pid").string();
    bench.program("docker", "case $1 in run) echo $$ >" + pid + "; exec sleep 1000;; rm) kill -0 $(cat " + pid +
                                ") 2>&1 && echo alive || echo closed;; esac");
    bench.job.definition = job_text(
        "- deploy: {to: docker, image: 'debian:12', timeout: {seconds: 20}}\n"
        "- boot: {method: docker, command: bash, prompts: ['#'], timeout: {seconds: 20}}\n");
    EXPECT_EQ(bench.job.run().error_msg, "");
    EXPECT_TRUE(bench.job.sink.has("debug", ">> closed"));
    EXPECT_FALSE(bench.job.sink.has("debug", ">> alive"));
}

TEST(DockerDevice, ACommandWithAnOpenQuoteIsTheJobsMistake) {
    Bench bench{
        "commands: {}\nactions: {deploy: {methods: {docker: {options: {remote: null}}}}, boot: {methods: {docker: "
        "{options: {}}}}}\n"};
    bench.program("docker");
    bench.job.definition = job_text(
        "- deploy: {to: docker, image: 'debian:12', timeout: {seconds: 20}}\n"
        "- boot: {method: docker, command: \"bash 'x\", prompts: ['#'], timeout: {seconds: 20}}\n");
    const auto outcome = bench.job.run();
    EXPECT_EQ(outcome.error, ErrorType::job);
    EXPECT_THAT(outcome.error_msg, HasSubstr("'command': "));
    EXPECT_TRUE(bench.calls().empty());
}

TEST(DockerDevice, IsPulledStartedAndTested) {
    Bench bench{
        "commands: {}\n"
        "actions: {deploy: {methods: {docker: {options: {remote: null}}}}, boot: {methods: {docker: {options: {cpus: "
        "2.5, memory: 0, privileged: false, capabilities: [NET_ADMIN], devices: [/dev/kvm], networks: [lab], volumes: "
        "[/srv:/srv], extra_arguments: ['--ulimit=core=0']}}}}}\n"};
    bench.job.board->has_supply = false;
    bench.program("docker", "PROMPT='root@lava:/# '\n" + std::string{container_shell});
    bench.job.definition = job_text(
        "- deploy: {to: docker, image: 'debian:12', os: debian, timeout: {seconds: 20}}\n"
        "- boot: {method: docker, command: bash -l, prompts: ['root@lava:/'], timeout: "
        "{seconds: 20}}\n" +
        test_block("smoke", "    timeout: {seconds: 20}\n"));
    EXPECT_EQ(bench.job.run().error_msg, "");
    EXPECT_THAT(bench.calls(),
                ElementsAre("docker pull debian:12",
                            "docker run --rm --init --name=lava-42-2.1 --label=patchbay.device=board-01 --interactive "
                            "--tty --hostname=lava "
                            "--mount=type=bind,source=FOLDER/jobs/42/docker-overlay-2.1/lava-42,destination=/lava-42 "
                            "--cpus=2.5 --cap-add=NET_ADMIN --device=/dev/kvm --network=lab --volume=/srv:/srv "
                            "--ulimit=core=0 debian:12 bash -l",
                            "docker rm --force lava-42-2.1"));
    EXPECT_THAT(bench.job.sink.cases(), IsSupersetOf({"0_smoke/a pass", "lava/job pass"}));
    EXPECT_FALSE(bench.job.left_running);
}

/// docker with a model inside: it prints its ports, then waits; telnet is a port's shell.
constexpr auto model = R"(
case "$*" in
*--version) printf 'Banner\nFast Models [11.22.14]\nmore\n' ;;
*lava-run-fvp*) printf 'terminal_1: Listening for serial connection on port 5001\r\n'
                printf 'terminal_0: Listening for serial connection on port 5000\r\n'
                exec sleep 1000 ;;
*'localhost 5000') printf 'Linux version 6.1\r\nroot@fvp:~# '; exec cat ;;
*'localhost 5001') printf 'secure world\r\n'; exec sleep 1000 ;;
esac)";

std::string fvp_job(const std::string& extra = "") {
    return job_text(
        "- deploy: {to: fvp, timeout: {seconds: 20}, images: {bl1: {url: 'file://@FOLDER@/bl1.bin'}}}\n"
        "- boot:\n    method: fvp\n    image: /opt/FVP\n    timeout: {seconds: 20}\n"
        "    docker: {name: 'fvp:1', container_name: model}\n"
        "    console_string: 'terminal_0: Listening for serial connection on port (?P<PORT>\\d+)'\n"
        "    feedbacks: ['terminal_1: Listening for serial connection on port (?P<NAME>(?P<PORT>\\d+))']\n"
        "    arguments: ['--data={BL1}@0x0', '--parameter a={{1}}']\n"
        "    license_variable: LM=27000@x\n    prompts: ['root@fvp:']\n" +
        extra);
}

TEST(Fvp, RunsTheModelAndTalksToItsPorts) {
    Bench bench{"commands: {}\nactions: {deploy: {methods: {fvp: null}}, boot: {methods: {fvp: null}}}\n"};
    bench.job.board->has_supply = false;
    bench.file("bl1.bin", "boot loader");
    const auto script = (bench.job.folder / "script").string();
    bench.program("docker", "case \"$*\" in *lava-run-fvp*) cp " +
                                (bench.job.directory() / "run-fvp-2.1.2.sh").string() + " " + script + ";; esac" +
                                model);
    bench.job.definition = fvp_job();
    EXPECT_EQ(bench.job.run().error_msg, "");
    EXPECT_THAT(
        bench.calls(),
        ElementsAre(
            "docker pull fvp:1",
            "docker run --rm --init --name=model-lava-42 --label=patchbay.device=board-01 fvp:1 /opt/FVP --version",
            "docker run --rm --init --name=model-lava-42 --label=patchbay.device=board-01 "
            "--mount=type=bind,source=FOLDER/jobs/42/fvp-deploy-1/bl1/bl1.bin,destination="
            "/model-lava-42/bl1.bin "
            "--mount=type=bind,source=FOLDER/jobs/42/run-fvp-2.1.2.sh,destination=/lava-run-fvp.sh,"
            "readonly=true --interactive --tty --hostname=lava fvp:1 sh /lava-run-fvp.sh",
            "docker exec --interactive --tty model-lava-42 telnet localhost 5001",
            "docker exec --interactive --tty model-lava-42 telnet localhost 5000", "docker rm --force model-lava-42"));
    EXPECT_EQ(bench.read("script"),
              "#!/bin/sh\nexport LM=27000@x\nexec /opt/FVP --data=/model-lava-42/bl1.bin@0x0 --parameter 'a={1}'\n");
    const auto version = bench.job.sink.result_of("lava", "check-fvp-version");
    EXPECT_EQ(config::python_str(*version.find("extra")->find("fvp-version")), "Fast Models [11.22.14]");
    EXPECT_TRUE(bench.job.sink.has("feedback", "secure world"));
    EXPECT_FALSE(bench.job.left_running);
}

TEST(Fvp, IsRemovedWhenItNeverOpensItsPorts) {
    Bench bench{"commands: {}\nactions: {deploy: {methods: {fvp: null}}, boot: {methods: {fvp: null}}}\n"};
    bench.job.board->has_supply = false;
    bench.file("bl1.bin", "boot loader");
    bench.program("docker", "case \"$*\" in *--version) echo 'Fast Models 1';; *lava-run-fvp*) exec sleep 1000;; esac");
    bench.job.definition = fvp_job("    timeouts: {run-fvp: {seconds: 1}}\n");
    EXPECT_EQ(bench.job.run().error, ErrorType::job);
    EXPECT_EQ(bench.calls().back(), "docker rm --force model-lava-42");
    EXPECT_FALSE(bench.job.left_running);
}

TEST(Fvp, RefusesWhatItCannotDo) {
    Bench bench{"commands: {}\nactions: {deploy: {methods: {fvp: null}}, boot: {methods: {fvp: null}}}\n"};
    bench.program("docker");
    bench.file("bl1.bin", "boot loader");
    bench.job.definition = fvp_job("    ubl_license: x\n    commands: [a]\n");
    const auto problems = bench.job.run().error_msg;
    EXPECT_THAT(problems, HasSubstr("'ubl_license' is not available here; use 'license_variable'"));
    EXPECT_THAT(problems, HasSubstr("'commands' is not available here; use a test with a 'docker'"));
}

}  // namespace
}  // namespace patchbay::testing
