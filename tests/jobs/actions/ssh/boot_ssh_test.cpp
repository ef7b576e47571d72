// SPDX-License-Identifier: Apache-2.0
// boot: {method: ssh} on a machine that always runs: a busybox system whose shell and sftp are confined to a temporary
// folder. ssh, scp, ssh-keygen and the jobs are real.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <optional>

#include "core/config/yaml.hpp"
#include "core/process/process.hpp"
#include "core/whole_file.hpp"
#include "tests/jobs/actions/sim_job.hpp"
#include "tests/support/read_until.hpp"
#include "tests/support/run.hpp"
#include "tests/support/temporary_folder.hpp"

namespace patchbay::testing {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;
using ::testing::StartsWith;

const std::string deploy = "- deploy: {to: ssh, os: oe, timeout: {minutes: 1}}\n";

std::string boot(const std::string& extra = "", const std::string& prompt = "root@board:") {
    return "- boot:\n    method: ssh\n    connection: ssh\n    timeout: {minutes: 1}\n    prompts: ['" + prompt +
           "']\n" + extra;
}

std::string test(const std::string& steps) {
    return "- test:\n    timeout: {minutes: 1}\n    definitions:\n    - from: inline\n      name: smoke\n"
           "      path: inline/smoke.yaml\n      repository:\n"
           "        metadata: {format: Lava-Test Test Definition 1.0, name: smoke}\n        run: {steps: [" +
           steps + "]}\n";
}

struct BootSsh : ::testing::Test {
    SimJob job{SimJob::Time::real};
    std::string path = std::getenv("PATH");

    BootSsh() {
        job.description.boot_methods.set("ssh", config::Value{});
        use("127.0.0.1", "22", "/none/key");
        job.definition = job_text(deploy + boot() + test("'true'"));
    }
    ~BootSsh() override { ::setenv("PATH", path.c_str(), 1); }

    /// The device's file, with the options of LAVA's own.
    void use(const std::string& host, const std::string& port, const std::string& key, const std::string& more = "") {
        job.description.deploy_methods.set(
            "ssh", config::parse_yaml("{host: '" + host + "', port: " + port + ", user: root, identity_file: '" + key +
                                      "', options: ['-o', 'Compression=yes', '-o', 'PasswordAuthentication=no', '-o', "
                                      "'LogLevel=FATAL']" +
                                      more + "}"));
    }
    /// A program of this name comes first in PATH.
    void program(const std::string& name, const std::string& text) {
        const auto folder = job.folder / "bin";
        std::filesystem::create_directories(folder);
        write_whole_file(folder / name, "#!/bin/sh\n" + text);
        std::filesystem::permissions(folder / name, std::filesystem::perms::owner_all);
        ::setenv("PATH", (folder.string() + ":" + path).c_str(), 1);
    }
    std::string refusal() {
        const auto outcome = job.run();
        EXPECT_EQ(outcome.error, ErrorType::infrastructure);
        return outcome.error_msg;
    }
};

/// With the board. Its server is one of another make than the client's, unless `sshd` is the path of OpenSSH's.
struct BootSshBoard : BootSsh {
    explicit BootSshBoard(std::string sshd = {}) : sshd_{std::move(sshd)} {}

    TemporaryFolder folder;
    asio::io_context io;
    std::optional<Process> server;
    std::string port;

    void SetUp() override {
        Command command;
        command.argv = {"unshare", "--mount", "--pid", "--fork"};
        if (sshd_.empty()) command.argv.push_back("--map-root-user");
        command.argv.insert(
            command.argv.end(),
            {"/usr/bin/python3", "-Wignore", PATCHBAY_SOURCE_DIR "/tests/support/ssh_board.py", folder.path.string()});
        if (!sshd_.empty()) command.argv.push_back(sshd_);
        command.stdio = Stdio::pipe;
        server.emplace(io.get_executor(), std::move(command));
        const auto said = patchbay::testing::run(io, read_until(*server, "\n"));
        if (said.empty() || said.find_first_not_of("0123456789\n") != std::string::npos)
            GTEST_SKIP() << "this host lets nobody have name spaces of his own: " << said;
        port = said.substr(0, said.find('\n'));
        use("127.0.0.1", port, key("key"));
    }
    std::string key(const std::string& name) const { return (folder.path / name).string(); }
    std::string on_board(const std::string& file) const { return read_whole_file(folder.path / "root" / file); }

private:
    std::string sshd_;
};

struct BootSshServer : BootSshBoard, ::testing::WithParamInterface<const char*> {
    static std::string path_of_sshd() {
        const char* path = std::getenv("PATCHBAY_SSHD");
        return path ? path : "/usr/sbin/sshd";
    }
    static bool wants_sshd() { return GetParam() == std::string{"OpenSSH"}; }
    BootSshServer() : BootSshBoard{wants_sshd() ? path_of_sshd() : std::string{}} {}

    void SetUp() override {
        if (wants_sshd() && !std::filesystem::exists(path_of_sshd()))
            GTEST_SKIP() << "no OpenSSH server: there is no " << path_of_sshd() << ", and PATCHBAY_SSHD names none";
        if (wants_sshd() && ::geteuid() != 0) GTEST_SKIP() << "OpenSSH's server changes its user: it needs root";
        BootSshBoard::SetUp();
    }
};
INSTANTIATE_TEST_SUITE_P(Servers, BootSshServer, ::testing::Values("AsyncSSH", "OpenSSH"),
                         [](const auto& each) { return std::string{each.param}; });

// --- what the machine does -------------------------------------------------------------------------------------------

TEST_P(BootSshServer, AMachineThatAlwaysRunsIsTested) {
    job.settings.env_dut = config::parse_yaml("{purge: true, overrides: {NOTE: from the lab}}");
    job.definition = job_text(
        deploy + boot() +
        test(
            "'lava-test-case here --result pass', 'cat /etc/passwd | lava-test-case it --shell grep -c board:/', 'echo "
            "\"$NOTE\" > /tmp/note'"));
    const auto outcome = job.run();
    EXPECT_TRUE(outcome.passed()) << outcome.error_msg;
    EXPECT_THAT(job.sink.cases(), IsSupersetOf({"lava/scp-deploy pass", "0_smoke/here pass", "lava/0_smoke pass"}));
    EXPECT_EQ(on_board("tmp/note"), "from the lab\n");
    EXPECT_TRUE(std::filesystem::exists(folder.path / "root/lava-42/bin/lava-test-runner"));
    EXPECT_FALSE(std::filesystem::exists("/lava-42")) << "the root of this host";
    EXPECT_FALSE(std::filesystem::exists(folder.path / "root/lava-42/overlay-2.1.tar.gz"))
        << "the archive was unpacked";
    EXPECT_THAT(job.sink.texts("debug"), Contains("Skipping kernel messages"));
    EXPECT_EQ(job.board->boots, 0);
}

TEST_F(BootSshBoard, ASecondBootUsesTheSessionThatIsThere) {
    job.definition = job_text(deploy + boot() + boot() + test("'true'"));
    EXPECT_TRUE(job.run().passed());
    EXPECT_THAT(job.sink.texts("debug"), Contains("Already connected"));
}

TEST_P(BootSshServer, AKeyThatItDoesNotKnowIsRefusedWithTheLineThatItNeeds) {
    use("127.0.0.1", port, key("stranger"));
    EXPECT_THAT(refusal(), AllOf(StartsWith("scp-deploy: root@127.0.0.1 port " + port + ": '"),
                                 HasSubstr("Permission denied (publickey"),
                                 HasSubstr("add to ~/.ssh/authorized_keys of that user: ssh-ed25519 ")));
}

TEST_F(BootSshBoard, AHostKeyThatTheLabAsksForMustBeThere) {
    use("127.0.0.1", port, key("key"));
    auto options = config::parse_yaml("{host: 127.0.0.1, port: " + port + ", identity_file: '" + key("key") +
                                      "', options: ['-o', 'StrictHostKeyChecking=yes']}");
    job.description.deploy_methods.set("ssh", options);
    EXPECT_THAT(refusal(), HasSubstr("'Host key verification failed.'; its key is none that the options"));
}

TEST_F(BootSshBoard, PromptsThatNeverComeAreTheJobsAndWhatCameIsTold) {
    job.definition = job_text(deploy + boot("    timeouts: {}\n", "admin@other:") + test("'true'"),
                              "timeouts: {job: {minutes: 2}, action: {minutes: 1}, connection: {seconds: 3}}\n");
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::job);
    EXPECT_THAT(outcome.error_msg, AllOf(StartsWith("wait for prompt timed out: root@127.0.0.1 port " + port),
                                         HasSubstr("none of the prompts ['admin@other:'], but 'root@board:~#")));
}

TEST_P(BootSshServer, ASessionThatIsLostInATestIsTheLabsProblem) {
    job.definition = job_text(deploy + boot() + test("'kill -9 $(cat /tmp/shell); read -r line'"));
    EXPECT_THAT(refusal(), StartsWith("Connection closed: the ssh session of root@127.0.0.1 port " + port +
                                      " has ended; did the machine go down"));
}

TEST_F(BootSshBoard, ALostSessionIsOpenedAnewByTheNextBoot) {
    // Whatever a session does before its job's test, the next boot finds a machine to log in to.
    job.definition = job_text(deploy + boot("    failure_retry: 2\n") + test("'true'"));
    program("scp", "[ -e '" + key("once") + "' ] || { touch '" + key("once") + "'; echo 'scp: no room'; exit 1; }\n" +
                       "PATH='" + path + "' exec scp \"$@\"\n");
    EXPECT_TRUE(job.run().passed());
    EXPECT_TRUE(job.sink.has("error", "login-ssh failed: 1 of 2 attempts"));
}

TEST_F(BootSshBoard, WhatScpSaysIsTold) {
    program("scp", "echo 'scp: write remote \"/lava-42\": Failure'; exit 1\n");
    EXPECT_THAT(refusal(),
                AllOf(HasSubstr("Unable to copy overlay to /lava-42/overlay-2.1.tar.gz: scp ended with return "
                                "code 1: 'scp: write remote \"/lava-42\": Failure'"),
                      HasSubstr("has its file system room")));
}

TEST_F(BootSshBoard, AServerWithoutSftpGetsTheOldProtocol) {
    program("scp", "[ \"$1\" = -O ] || { echo 'subsystem request failed on channel 0'; exit 255; }\nshift\n" +
                       ("PATH='" + path) + "' exec scp \"$@\"\n");
    EXPECT_TRUE(job.run().passed());
    EXPECT_TRUE(job.sink.has("info", "its ssh server has no sftp"));
}

TEST_F(BootSshBoard, AFolderThatCannotBeMadeIsTheLabsProblem) {
    write_whole_file(folder.path / "root/lava-42", "in the way");
    EXPECT_THAT(refusal(), HasSubstr("scp-deploy: 'mkdir -p /lava-42' failed on the target with return code 1"));
}

TEST_F(BootSshBoard, AnArchiveThatIsNotUnpackedIsTheLabsProblem) {
    program("scp", "exit 0\n");
    EXPECT_THAT(refusal(), HasSubstr("scp-overlay-unpack: 'tar -C / -xzf /lava-42/overlay-2.1.tar.gz' failed on the "
                                     "target with return code 1"));
}

TEST_F(BootSshBoard, TheLabsOwnKeyIsMadeOnceAndUsed) {
    use("127.0.0.1", port, "dynamic_vm_keys/lava");
    const auto own = job.settings.state_dir / "ssh/id";
    const auto message = refusal();
    const auto line = read_whole_file(own.string() + ".pub");
    EXPECT_THAT(message, HasSubstr(line.substr(0, line.size() - 1)));
    struct stat status {};
    ASSERT_EQ(::stat(own.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u);
    EXPECT_THAT(refusal(), HasSubstr(line.substr(0, line.size() - 1))) << "the same key again";

    for (const auto* part : {"", ".pub"})
        std::filesystem::copy_file(key("key") + part, own.string() + part,
                                   std::filesystem::copy_options::overwrite_existing);
    EXPECT_TRUE(job.run().passed());
}

// --- without a machine -----------------------------------------------------------------------------------------------

TEST_F(BootSsh, ARefusedConnectionNamesHostAndPort) {
    use("127.0.0.1", "1", "");
    EXPECT_THAT(refusal(),
                AllOf(StartsWith("scp-deploy: root@127.0.0.1 port 1: 'ssh: connect to host 127.0.0.1 port 1: "
                                 "Connection refused'"),
                      HasSubstr("does its ssh server run, and at this port?")));
}

TEST_F(BootSsh, AnUnknownHostIsTold) {
    use("board.invalid", "22", "");
    EXPECT_THAT(refusal(), AllOf(HasSubstr("Could not resolve hostname board.invalid"), HasSubstr("check 'host'")));
}

TEST_F(BootSsh, AMachineThatSaysNothingIsTheLabsProblem) {
    use("127.0.0.1", "22", "");
    program("ssh", "exec tail -f /dev/null\n");
    job.definition = job_text(deploy + boot() + test("'true'"),
                              "timeouts: {job: {minutes: 2}, action: {minutes: 1}, connection: {seconds: 2}}\n");
    EXPECT_THAT(refusal(), HasSubstr("without a word"));
}

TEST_F(BootSsh, TheSessionIsLoggedOut) {
    use("127.0.0.1", "22", "");
    program("ssh", "printf 'root@board:/# '\nwhile read -r line; do\n  echo \"$line\" >> '" +
                       (job.folder / "typed").string() +
                       "'\n  case $line in\n    logout) exit ;;\n    *PATCHBAY_RC*) echo '<PATCHBAY_RC 0>' ;;\n"
                       "    *lava-test-runner*) echo '<LAVA_TEST_RUNNER EXIT>' ;;\n  esac\n"
                       "  printf 'root@board:/# '\ndone\n");
    program("scp", "exit 0\n");
    EXPECT_TRUE(job.run().passed());
    EXPECT_THAT(read_whole_file(job.folder / "typed"), ::testing::EndsWith("logout\n"));
}

TEST_F(BootSsh, ADeviceThatCannotBeLoggedInToIsRefusedBeforeAnythingRuns) {
    use("", "99999", "/none/key", ", user: -oProxyCommand");
    const auto message = job.run().error_msg;
    EXPECT_THAT(message, HasSubstr("Unable to retrieve ssh_host address for primary connection"));
    EXPECT_THAT(message, HasSubstr("'99999' is no port"));
    EXPECT_THAT(message, HasSubstr("Cannot find SSH private key /none/key"));
    use("-oProxyCommand=id", "22", "");
    EXPECT_THAT(job.run().error_msg, HasSubstr("is no name or address of a machine"));
}

TEST_F(BootSsh, NeedsTheDeviceToHaveIt) {
    job.description.boot_methods.erase("ssh");
    EXPECT_THAT(job.run().error_msg, HasSubstr("ssh: \"ssh\" is not in the device's boot methods"));
}

TEST_F(BootSsh, NeedsADeployThatMadeAnOverlay) {
    use("127.0.0.1", "1", "");
    job.definition = job_text(boot());
    EXPECT_THAT(job.run().error_msg, HasSubstr("scp-deploy: could not find details of 'overlay'"));
}

TEST_F(BootSsh, HasTheTreeOfLavas) {
    std::vector<std::string> names;
    std::function<void(const config::Value&)> add = [&](const config::Value& node) {
        if (const auto* name = node.find("name"))
            names.push_back(config::python_str(*node.find("level")) + " " + config::python_str(*name) + " " +
                            config::python_str(*node.find("class")));
        const auto* children = node.find("pipeline");
        if (!children) return;
        for (const auto& child : *children->as_list()) add(child);
    };
    add(job.tree());
    EXPECT_THAT(
        names,
        IsSupersetOf(
            {"1 scp-overlay actions.deploy.ssh.ScpOverlay", "2 login-ssh actions.boot.ssh.SshAction",
             "2.1 scp-deploy actions.boot.ssh.Scp", "2.2 prepare-ssh actions.boot.ssh.PrepareSsh",
             "2.3 ssh-connection connections.ssh.ConnectSsh", "2.4 auto-login-action actions.boot.AutoLoginAction",
             "2.4.1 login-action actions.boot.LoginAction", "2.5 expect-shell-connection shell.ExpectShellSession",
             "2.6 export-device-env actions.boot.environment.ExportDeviceEnvironment",
             "2.7 scp-overlay-unpack actions.boot.ssh.ScpOverlayUnpack"}));
}

}  // namespace
}  // namespace patchbay::testing
