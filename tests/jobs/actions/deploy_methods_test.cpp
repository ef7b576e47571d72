// SPDX-License-Identifier: Apache-2.0
// Deploys beside tmpfs and tftp: files for later deploys, a root over NBD or NFS, a medium of the board's, the overlay
// alone. Servers and tools are real ones; docker is a script that does what the client would.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "core/config/yaml.hpp"
#include "core/process/spawn.hpp"
#include "devices/capability/storage.hpp"
#include "tests/jobs/actions/sim_job.hpp"

namespace patchbay::testing {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

struct Method : ::testing::Test {
    SimJob job{SimJob::Time::real};
    std::string path = std::getenv("PATH");
    Method() {
        job.settings.dispatcher_ip = job.settings.tftp_ip = job.settings.nfs_ip = "127.0.0.1";
        for (const auto* name : {"nbd", "nfs", "overlay", "ssh"})
            job.description.deploy_methods.set(name, config::Value{});
    }
    ~Method() override {
        ::setenv("PATH", path.c_str(), 1);
        EXPECT_EQ(job.sink.job_results(), 1u);
        EXPECT_FALSE(std::filesystem::exists(job.directory()));
    }
    /// A program of this name comes first in PATH.
    void program(const std::string& name, const std::string& text) {
        job.tool("mkdir -p bin");
        std::ofstream{job.folder / "bin" / name} << "#!/bin/sh\n" + text;
        job.tool("chmod 755 bin/" + name);
        ::setenv("PATH", ((job.folder / "bin").string() + ":" + path).c_str(), 1);
    }
    /// The shell line runs after the deploy; what it prints is seen().
    JobOutcome run(const std::string& deploy, const std::string& look, const std::string& after = "",
                   const std::string& top = "") {
        std::ofstream{job.folder / "look"} << "cd '" + job.folder.string() + "'; exec > seen 2>&1; " + look + "\n";
        job.description.user_commands["look"] = {{"sh '" + (job.folder / "look").string() + "'"}, {}};
        job.definition = job_text(deploy + "- command: {name: look, timeout: {seconds: 60}}\n" + after, top);
        return job.run();
    }
    std::string seen() const { return job.tool("cat seen"); }
};

TEST(JobFolders, AreNeverTheServersRoots) {
    RunnerSettings settings;
    settings.tftp_root = "/srv/tftp";
    settings.nfs_root = "/srv/nfs";
    EXPECT_EQ(tftp_directory(settings, "/tmp/42"), "/srv/tftp/42");
    EXPECT_EQ(nfs_directory(settings, "/tmp/42"), "/srv/nfs/42");
    EXPECT_EQ(tftp_directory(settings, "/tmp/"), "/tmp/");
}

// --- downloads -------------------------------------------------------------------------------------------------------

constexpr auto downloads =
    "- deploy:\n    to: downloads\n    timeout: {minutes: 1}\n    images:\n"
    "      a: {url: 'file://@FOLDER@/kernel'}\n      b: {url: 'file://@FOLDER@/initrd'}\n";

TEST_F(Method, KeepsDownloadsForLaterDeploys) {
    const auto outcome = run(std::string{downloads} +
                                 "- deploy:\n    to: downloads\n    timeout: {minutes: 1}\n    uniquify: true\n"
                                 "    images:\n      c: {url: 'downloads://kernel'}\n",
                             "cd jobs/42/downloads/common; find . -type f | sort; cat c/kernel");
    EXPECT_TRUE(outcome.passed()) << outcome.error_msg;
    EXPECT_EQ(seen(), "./c/kernel\n./initrd\n./kernel\na kernel");
}

constexpr auto postprocess =
    "    postprocess:\n      docker:\n        image: tools:1\n        local: true\n        steps: [cat kernel > copy, "
    "'echo "
    "\"$LAVA_JOB_ID $NOTE\" >> copy']\n";

TEST_F(Method, ChangesDownloadsInAContainer) {
    program(
        "docker",
        "echo \"docker $*\"\nfor a in \"$@\"; do case $a in --mount=*) a=${a#*source=}; cd \"${a%%,*}\";; esac; done\n"
        "[ \"$1\" = run ] || exit 0; exec ./postprocess.sh\n");
    const auto outcome = run(std::string{downloads} + postprocess, "cat jobs/42/downloads/common/copy", "",
                             "environment: {NOTE: it's}\n");
    EXPECT_TRUE(outcome.passed()) << outcome.error_msg;
    EXPECT_EQ(seen(), "a kernel42 it's\n");
    EXPECT_THAT(job.sink.texts("debug"),
                Contains(AllOf(HasSubstr(">> docker run --rm --init"), HasSubstr(" tools:1 "))));
}

TEST_F(Method, RemovesTheContainerThatWasStopped) {
    program("docker", "[ $1 = image ] && exit; echo \"$1 $2\" >> '" + (job.folder / "calls").string() +
                          "'; [ \"$1\" = run ] && echo started && exec sleep 60\n");
    job.cancel_when = [this] { return std::filesystem::exists(job.folder / "calls"); };
    EXPECT_EQ(run(std::string{downloads} + postprocess, "true").error, ErrorType::canceled);
    EXPECT_EQ(job.tool("cat calls"), "run --rm\nrm --force\n");
}

TEST_F(Method, SaysWhatAPostprocessLacks) {
    ::setenv("PATH", (job.folder / "none").c_str(), 1);
    const auto outcome = run(
        std::string{downloads} + "    postprocess: {docker: {image: '-x', network_from: other, steps: []}}\n", "true");
    for (const auto* part :
         {"neither 'docker' nor 'podman'", "no name of an image", "'network_from' is not available", "needs 'steps'"}) {
        EXPECT_THAT(outcome.error_msg, HasSubstr(part));
    }
}

TEST_F(Method, WritesTheStepsOfAPostprocessThroughNoLink) {
    program("docker", "true\n");
    job.tool(
        "echo mine > other; mkdir -p jobs/42/downloads/common; ln -s $PWD/other "
        "jobs/42/downloads/common/postprocess.sh");
    EXPECT_TRUE(run(std::string{downloads} + postprocess, "true").passed());
    EXPECT_EQ(job.tool("cat other"), "mine\n");
}

TEST_F(Method, OfAFailedPostprocessIsTheJobsProblem) {
    program("docker", "[ $1 = image ] || exit 3\n");
    const auto outcome = run(std::string{downloads} + postprocess, "true");
    EXPECT_EQ(outcome.error, ErrorType::job);
    EXPECT_EQ(outcome.error_msg, "Post-processing of downloads failed");
}

// --- nbd -------------------------------------------------------------------------------------------------------------

constexpr auto nbd =
    "- deploy:\n    to: nbd\n    timeout: {minutes: 1}\n    kernel: {url: 'file://@FOLDER@/kernel'}\n"
    "    initrd: {url: 'file://@FOLDER@/initrd'}\n    nbdroot: {url: 'file://@FOLDER@/disk'}\n";

TEST_F(Method, ServesARootOverNbdUntilTheJobEnds) {
    if (!find_program("nbd-server") || !find_program("nbdcopy"))
        GTEST_SKIP() << "nbd-server or nbdcopy is not installed";
    job.tool("head -c 1048576 /dev/urandom > disk");
    const auto outcome =
        run(nbd,
            "p=$(pgrep -af \"nbd-server.*$PWD\" | grep -o ' 55[0-9][0-9][0-9] ' | tr -d ' '); echo $p > port; "
            "nbdcopy nbd://127.0.0.1:$p got && cmp got disk && echo same",
            "", "protocols: {lava-xnbd: {port: auto}}\n");
    EXPECT_TRUE(outcome.passed()) << outcome.error_msg;
    EXPECT_EQ(seen(), "same\n");
    EXPECT_THAT(job.tool("pgrep -af \"nbd-server.*$PWD\" | grep -v pgrep"), IsEmpty());
}

/// Between the look for a free port and the server's bind, the server of another job takes the port.
TEST_F(Method, ServesTheRootOfThisJobWhenAnotherTakesThePortInBetween) {
    const auto server = find_program("nbd-server");
    if (!server || !find_program("nbdcopy")) GTEST_SKIP() << "nbd-server or nbdcopy is not installed";
    job.tool("head -c 1048576 /dev/urandom > disk; head -c 1048576 /dev/urandom > other");
    program("nbd-server", "cd '" + job.folder.string() + "'\n[ -e taken ] || { echo $1 > taken; " + *server +
                              " $1 $PWD/other -C /dev/null -p $PWD/other.pid\n"
                              "until nbdcopy nbd://127.0.0.1:$1 null:; do :; done; }\nexec " +
                              *server + " \"$@\"\n");
    const auto outcome =
        run(nbd,
            "p=$(pgrep -af \"nbd-server.*$PWD/jobs\" | grep -o ' 55[0-9][0-9][0-9] ' | tr -d ' '); "
            "[ $p != $(cat taken) ] && echo moved; nbdcopy nbd://127.0.0.1:$p got && cmp got disk && echo same",
            "", "protocols: {lava-xnbd: {port: auto}}\n");
    job.tool("kill $(cat other.pid) || true");
    EXPECT_TRUE(outcome.passed()) << outcome.error_msg;
    EXPECT_EQ(seen(), "moved\nsame\n");
}

TEST_F(Method, OfNbdSaysThatItsServerEnded) {
    job.tool("echo x > disk");
    program("nbd-server", "for last; do :; done; sh -c 'echo $$ > \"$0\"' \"$last\"\n");
    const auto outcome = run(nbd, "true", "", "protocols: {lava-xnbd: {port: auto}}\n");
    EXPECT_EQ(outcome.error, ErrorType::infrastructure);
    EXPECT_THAT(outcome.error_msg, HasSubstr("nbd-server ended at once"));
}

/// Goes into the background as the real one does, and writes its number late.
TEST_F(Method, StopsAnNbdServerThatWasStoppedBeforeItWasMet) {
    job.tool("echo x > disk");
    program("nbd-server",
            "for last; do :; done; cd '" + job.folder.string() +
                "'; setsid sh -c 'echo $$ > server; sleep 0.4; echo $$ > \"$0\"; exec sleep 60' \"$last\" "
                ">/dev/null 2>&1 &\n");
    job.cancel_when = [this] { return std::filesystem::exists(job.folder / "server"); };
    const auto outcome = run(nbd, "true", "", "protocols: {lava-xnbd: {port: auto}}\n");
    EXPECT_EQ(outcome.error, ErrorType::canceled);
    EXPECT_EQ(job.tool("grep -qs 'State:.[RSD]' /proc/$(cat server)/status && echo runs || echo stopped"), "stopped\n");
}

TEST_F(Method, OfNbdNeedsAPortOfTheProtocol) {
    job.tool("echo x > disk");
    EXPECT_THAT(run(nbd, "true").error_msg, HasSubstr("needs 'protocols: {lava-xnbd: {port: auto}}'"));
}

TEST_F(Method, OfNbdAtAPortThatIsNoneIsRefused) {
    job.tool("echo x > disk");
    EXPECT_THAT(run(nbd, "true", "", "protocols: {lava-xnbd: {port: 80}}\n").error_msg, HasSubstr("Invalid port '80'"));
}

// --- nfs -------------------------------------------------------------------------------------------------------------

TEST_F(Method, UnpacksARootForABoardThatHasItsKernel) {
    job.settings.nfs_root = job.folder / "nfs";
    job.description.boot_methods = {};
    job.tool("mkdir -p nfs r/etc m/lib/modules/6 && tar -C r -cf root.tar . && tar -C m -cf mod.tar .");
    run("- deploy:\n    to: nfs\n    os: oe\n    timeout: {minutes: 1}\n    nfsrootfs: {url: "
        "'file://@FOLDER@/root.tar'}\n"
        "    modules: {url: 'file://@FOLDER@/mod.tar'}\n",
        "ls nfs/42/*/root nfs/42/*/root/lib/modules", test_block("smoke"));
    EXPECT_THAT(seen(), AllOf(HasSubstr("\netc\nlava-42\nlib\n"), HasSubstr("\n6\n")));
    EXPECT_THAT(job.tool("ls nfs"), IsEmpty());
}

// --- overlay, ssh ----------------------------------------------------------------------------------------------------

TEST_F(Method, OfAnOverlayAloneDownloadsNothing) {
    run("- deploy: {to: overlay, os: oe, timeout: {minutes: 1}}\n", "echo ran", test_block("smoke"));
    EXPECT_EQ(seen(), "ran\n");
    EXPECT_THAT(job.sink.cases(), Contains("lava/test-runscript-overlay pass"));
}

TEST_F(Method, PutsTheLabsKeyIntoTheOverlay) {
    job.tool("mkdir -p nfs r && tar -C r -cf root.tar .; echo 'ssh-ed25519 AAAA lab' > id.pub; echo secret > id");
    job.description.deploy_methods.set("ssh",
                                       config::parse_yaml("{identity_file: '" + (job.folder / "id").string() + "'}"));
    job.description.boot_methods = {};
    job.settings.nfs_root = job.folder / "nfs";
    run("- deploy:\n    to: nfs\n    os: oe\n    authorize: ssh\n    timeout: {minutes: 1}\n"
        "    nfsrootfs: {url: 'file://@FOLDER@/root.tar'}\n",
        "cd nfs/42/*/root/root/.ssh; cat authorized_keys; stat -c %a . authorized_keys", test_block("smoke"));
    EXPECT_EQ(seen(), "ssh-ed25519 AAAA lab\n700\n600\n");
}

TEST_F(Method, PutsTheKeyThatTheLabHasMadeIntoTheOverlay) {
    job.tool("mkdir -p nfs r && tar -C r -cf root.tar .");
    job.description.deploy_methods.set("ssh", config::parse_yaml("{identity_file: dynamic_vm_keys/lava}"));
    job.description.boot_methods = {};
    job.settings.nfs_root = job.folder / "nfs";
    run("- deploy:\n    to: nfs\n    os: oe\n    authorize: ssh\n    timeout: {minutes: 1}\n"
        "    nfsrootfs: {url: 'file://@FOLDER@/root.tar'}\n",
        "cmp nfs/42/*/root/root/.ssh/authorized_keys state/ssh/id.pub && cut -c 1-12 state/ssh/id.pub",
        test_block("smoke"));
    EXPECT_EQ(seen(), "ssh-ed25519 \n");
}

TEST_F(Method, OfAKeyThatIsNotThereIsRefused) {
    job.description.deploy_methods.set("ssh", config::parse_yaml("{identity_file: /none/id}"));
    const auto outcome =
        run("- deploy: {to: overlay, authorize: ssh, timeout: {minutes: 1}}\n", "true", test_block("smoke"));
    EXPECT_THAT(outcome.error_msg, HasSubstr("cannot read '/none/id.pub'"));
}

TEST_F(Method, OfSshNeedsATest) {
    EXPECT_THAT(run("- deploy: {to: ssh, os: oe, timeout: {minutes: 1}}\n", "true").error_msg,
                HasSubstr("Scp overlay needs a test action."));
}

// --- media of the board ----------------------------------------------------------------------------------------------

TEST_F(Method, WithoutAToolNeedsAMediumThatTheLabCanWrite) {
    const auto outcome =
        run("- deploy: {to: sd, device: SD, image: {url: 'file://@FOLDER@/kernel'}, timeout: {minutes: 1}}\n", "true");
    EXPECT_THAT(outcome.error_msg, HasSubstr("deploy to sd needs 'download' or 'writer'"));
}

class Card final : public Storage {
public:
    Task<Switched> connect(Side side) override {
        sides.push_back(side);
        co_return Switched::verified;
    }
    bool can_leave_host() const override { return switches; }
    Task<> write_image(std::filesystem::path image, OnProgress) override {
        std::ostringstream text;
        text << std::ifstream{image}.rdbuf();
        written = text.str();
        co_return;
    }
    std::vector<Side> sides;
    std::string written;
    bool switches = true;
};

std::string to_card(const std::string& device) {
    return "- deploy: {to: sd, device: " + device +
           ", image: {url: 'file://@FOLDER@/kernel'}, timeout: {minutes: 1}}\n";
}

TEST_F(Method, WritesTheMediumThatTheJobNamesAndNoOther) {
    const auto only = std::make_shared<Card>(), named = std::make_shared<Card>();
    job.board->media = {{"", only}, {"spare", named}};
    EXPECT_TRUE(run(to_card("spare"), "true").passed());
    EXPECT_EQ(only->written + "|" + named->written, "|a kernel");
    EXPECT_THAT(named->sides, ::testing::ElementsAre(Storage::Side::host, Storage::Side::board));
}

TEST_F(Method, LeavesAMediumWithoutASwitchToTheHost) {
    const auto stick = std::make_shared<Card>();
    stick->switches = false;
    job.board->media = {{"", stick}};
    EXPECT_TRUE(run(to_card("storage"), "true").passed());
    EXPECT_EQ(stick->written, "a kernel");
    EXPECT_THAT(stick->sides, ::testing::ElementsAre(Storage::Side::host));
}

TEST_F(Method, CallsTheOneMediumWithoutANameStorage) {
    const auto only = std::make_shared<Card>();
    job.board->media = {{"", only}};
    EXPECT_TRUE(run(to_card("storage"), "true").passed());
    EXPECT_EQ(only->written, "a kernel");
}

TEST_F(Method, DoesNotWriteAnotherMediumThanTheJobNames) {
    const auto only = std::make_shared<Card>();
    job.board->media = {{"", only}, {"spare", only}};
    const auto outcome = run(to_card("SanDisk"), "true");
    EXPECT_EQ(outcome.error, ErrorType::job);
    EXPECT_THAT(outcome.error_msg, HasSubstr("the lab has no medium 'SanDisk' that it can write; 'device' is one of "));
    EXPECT_THAT(outcome.error_msg, AllOf(HasSubstr("storage"), HasSubstr("spare")));
    EXPECT_EQ(only->written, "");
}

TEST_F(Method, WritesAMediumByAToolOfTheBoards) {
    job.description.parameters.set("media", config::parse_yaml("{usb: {SanDisk: {uuid: usb-x, device_id: 0}}}"));
    job.board->boot = {say("Linux version 6.1\r\n"), say_prompt()};
    job.board->answers = {{"/usr/bin/wget", "saving to STDOUT\r\n10+0 records out\r\n"}};
    job.definition =
        job_text(deploy_block() + boot_block() +
                 "- deploy:\n    to: usb\n    device: SanDisk\n    timeout: {minutes: 1}\n"
                 "    image: {url: 'file://@FOLDER@/kernel'}\n"
                 "    download: {tool: /usr/bin/wget, options: '-O - {DOWNLOAD_URL}', prompt: saving to}\n");
    const auto outcome = job.run();
    EXPECT_TRUE(outcome.passed()) << outcome.error_msg;
    EXPECT_THAT(job.board->typed, AllOf(HasSubstr("/usr/bin/wget -O - http://127.0.0.1:"),
                                        HasSubstr(" | dd of='/dev/disk/by-id/usb-x' bs=4M\n")));
}

}  // namespace
}  // namespace patchbay::testing
