// SPDX-License-Identifier: Apache-2.0
#include "core/process/process.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <fstream>

#include "core/deadline.hpp"
#include "core/errors.hpp"
#include "core/process/file_descriptor.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/read_until.hpp"
#include "tests/support/run.hpp"

namespace patchbay {
namespace {

using testing::read_until;
using testing::run;

Command shell(std::string script, Stdio stdio = Stdio::pipe) {
    Command command;
    command.argv = {"sh", "-c", std::move(script)};
    command.stdio = stdio;
    return command;
}

Task<std::string> read_all(Process& process) {
    std::string text;
    for (;;) {
        const auto bytes = co_await process.read_some();
        if (bytes.empty()) co_return text;
        text += bytes;
    }
}

/// A killed orphan is a zombie until the init process looks.
bool runs(pid_t pid) {
    std::ifstream file{"/proc/" + std::to_string(pid) + "/stat"};
    std::string text;
    std::getline(file, text);
    return !text.empty() && text[text.rfind(')') + 2] != 'Z';
}

std::size_t open_descriptors() {
    std::filesystem::directory_iterator begin{"/proc/self/fd"}, end;
    return static_cast<std::size_t>(std::distance(begin, end));
}

TEST(Process, ItsExitCodeIsItsOwnOr128PlusTheSignalThatKilledIt) {
    asio::io_context io;
    Process seven{io.get_executor(), shell("exit 7")};
    EXPECT_EQ(run(io, seven.wait()), 7);
    EXPECT_EQ(run(io, seven.wait()), 7);  // the answer stays
    Process killed{io.get_executor(), shell("kill -KILL $$")};
    EXPECT_EQ(run(io, killed.wait()), 128 + SIGKILL);
}

class EveryStdio : public ::testing::TestWithParam<Stdio> {};

TEST_P(EveryStdio, CarriesBytesBothWaysAndMergesErrorOutput) {
    asio::io_context io;
    Process process{io.get_executor(), shell("echo ready; read line; echo got $line; echo bad >&2", GetParam())};
    EXPECT_NE(run(io, read_until(process, "ready")).find("ready"), std::string::npos);
    run(io, process.write("hello\n"));
    const auto text = run(io, read_all(process));
    EXPECT_NE(text.find("got hello"), std::string::npos);
    EXPECT_NE(text.find("bad"), std::string::npos);
    EXPECT_EQ(run(io, process.wait()), 0);
}

INSTANTIATE_TEST_SUITE_P(Kinds, EveryStdio, ::testing::Values(Stdio::pipe, Stdio::socketpair, Stdio::pty));

TEST(Process, AMissingProgramIsNamedBeforeAnythingStarts) {
    asio::io_context io;
    Command command;
    command.argv = {"no-such-program-here"};
    EXPECT_THROW((Process{io.get_executor(), command}), InfrastructureError);
    command.argv = {"/etc/passwd"};  // exists, but cannot be executed
    EXPECT_THROW((Process{io.get_executor(), command}), InfrastructureError);
    command = shell("true");
    command.folder = "/no/such/folder";
    try {
        Process process{io.get_executor(), command};
        FAIL();
    } catch (const InfrastructureError& error) {
        EXPECT_EQ(std::string{error.what()}, "cannot start sh: No such file or directory");
    }
}

TEST(Process, StartsWithTheFolderAndTheVariablesThatWereGiven) {
    asio::io_context io;
    auto command = shell("pwd; echo $COLOUR; echo ${HOME:+home}");
    command.folder = "/usr";
    command.environment["COLOUR"] = "green";
    Process process{io.get_executor(), command};
    const auto expected = std::string{"/usr\ngreen\n"} + (::getenv("HOME") != nullptr ? "home\n" : "\n");
    EXPECT_EQ(run(io, read_all(process)), expected);
}

TEST(Process, CanBeKeptFromGainingPrivileges) {
    asio::io_context io;
    auto command = shell("grep NoNewPrivs /proc/self/status");
    command.gain_privileges = GainPrivileges::never;
    Process process{io.get_executor(), std::move(command)};
    EXPECT_EQ(run(io, read_all(process)), "NoNewPrivs:\t1\n");
}

TEST(Process, StoppingKillsWhatIgnoresTermAndWhatItsLeaderLeftBehind) {
    asio::io_context io;
    Process stubborn{io.get_executor(), shell("trap '' TERM; echo ready; while :; do sleep 60; done")};
    run(io, read_until(stubborn, "ready"));
    run(io, stubborn.stop(20ms));
    EXPECT_EQ(stubborn.exit_code(), 128 + SIGKILL);

    Process parent{io.get_executor(), shell("(trap '' TERM; echo child $(sh -c 'echo $PPID'); sleep 60) & wait")};
    const auto text = run(io, read_until(parent, "\n"));
    const auto child = std::stoi(text.substr(6));
    run(io, parent.stop(1s));
    EXPECT_TRUE(eventually([child] { return !runs(child); }));
}

TEST(Process, ManyOfThemLeaveNoDescriptorAndNoZombie) {
    asio::io_context io;
    const auto round = [&io](Stdio stdio) {
        // Not "cat": with /dev/null as its input that may have ended before we look.
        Process process{io.get_executor(), shell("exec sleep 300", stdio)};
        EXPECT_FALSE(process.exit_code());
    };                   // still running: the destructor ends it
    round(Stdio::pipe);  // what asio opens once
    const auto before = open_descriptors();
    for (const auto stdio : {Stdio::pipe, Stdio::socketpair, Stdio::pty, Stdio::null, Stdio::pipe}) round(stdio);
    EXPECT_EQ(open_descriptors(), before);
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
    EXPECT_EQ(errno, ECHILD);
}

TEST(Process, TheChildHasNoDescriptorOfOursExceptThoseToKeep) {
    asio::io_context io;
    const int leaky = ::dup(2);
    const int kept = ::dup(2);
    auto command = shell("ls /proc/$$/fd | wc -l; test -e /proc/$$/fd/" + std::to_string(kept) +
                         " && echo kept; test -e /proc/$$/fd/" + std::to_string(leaky) + " || echo closed");
    command.keep_open = {kept};
    Process process{io.get_executor(), command};
    const auto text = run(io, read_all(process));
    EXPECT_NE(text.find("kept\nclosed\n"), std::string::npos) << text;
    ::close(leaky);
    ::close(kept);
}

TEST(Process, AWriteToAnEndedChildIsAClosedConnectionAndNotOurEnd) {
    asio::io_context io;
    Process process{io.get_executor(), shell("exit 0", Stdio::socketpair)};
    run(io, process.wait());
    EXPECT_THROW(run(io, process.write("hello")), ConnectionClosedError);
}

TEST(Process, ACancelledWaitOrReadLeavesTheChildAndItsBytesAlone) {
    asio::io_context io;
    Process process{io.get_executor(), shell("read line; echo $line; exit 3")};
    EXPECT_THROW(run(io, with_deadline(Deadline::in(1ms), "wait", process.wait())), TimedOut);
    EXPECT_THROW(run(io, with_deadline(Deadline::in(1ms), "read", process.read_some())), TimedOut);
    run(io, process.write("still here\n"));
    EXPECT_EQ(run(io, read_all(process)), "still here\n");
    EXPECT_EQ(run(io, process.wait()), 3);
}

/// A control group of the old freezer: what is frozen there does not even die of KILL, as a process in state D.
class Freezer {
public:
    Freezer() { std::filesystem::create_directory(folder_, error_); }
    ~Freezer() {
        thaw();
        eventually([this] { return ::rmdir(folder_.c_str()) == 0 || errno != EBUSY; });
    }
    Freezer(const Freezer&) = delete;
    Freezer& operator=(const Freezer&) = delete;
    bool freeze(pid_t pid) {
        if (error_ || !put("cgroup.procs", std::to_string(pid)) || !put("freezer.state", "FROZEN")) return false;
        return eventually([this] {
            std::ifstream file{folder_ / "freezer.state"};
            std::string state;
            file >> state;
            return state == "FROZEN";
        });
    }
    void thaw() { put("freezer.state", "THAWED"); }

private:
    bool put(const char* file, const std::string& text) {
        std::ofstream stream{folder_ / file};
        return stream && stream << text << std::flush;
    }
    std::filesystem::path folder_ = "/sys/fs/cgroup/freezer/patchbay-test-" + std::to_string(::getpid());
    std::error_code error_;
};

TEST(Process, OneThatKillDoesNotEndIsNamedAndNotWaitedFor) {
    asio::io_context io;
    Process stuck{io.get_executor(), shell("exec sleep 300", Stdio::null)};
    Freezer freezer;
    if (!freezer.freeze(stuck.pid())) GTEST_SKIP() << "no freezer control group can be made here";
    try {
        run(io, stuck.stop(1ms, 50ms));
        ADD_FAILURE() << "it was not stuck";
    } catch (const InfrastructureError& error) {
        EXPECT_EQ(std::string{error.what()}.rfind("process " + std::to_string(stuck.pid()) + " (sh) survived KILL", 0),
                  0U)
            << error.what();
    }
    freezer.thaw();
    EXPECT_GT(run(io, stuck.wait()), 128);  // of TERM or KILL: both wait for it
}

/// In a process without standard streams: does a child get its own, whatever kind they are?
bool child_has_streams_of_a_bare_parent(Stdio stdio) {
    for (const int fd : {0, 1, 2}) ::close(fd);
    asio::io_context io;
    Process process{io.get_executor(), shell("read line; echo got $line; echo bad >&2", stdio)};
    if (stdio == Stdio::null) return run(io, process.wait()) == 0;
    run(io, process.write("hello\n"));
    const auto text = run(io, read_all(process));
    return text.find("got hello") != std::string::npos && text.find("bad") != std::string::npos;
}

TEST(Process, AParentWithoutStandardStreamsStillGivesThemToItsChild) {
    for (const auto stdio : {Stdio::pipe, Stdio::socketpair, Stdio::pty, Stdio::null}) {
        const auto parent = ::fork();
        if (parent == 0) {
            ::alarm(60);
            ::_exit(child_has_streams_of_a_bare_parent(stdio) ? 0 : 1);
        }
        int status = 0;
        ::waitpid(parent, &status, 0);
        EXPECT_EQ(status, 0) << static_cast<int>(stdio);
    }
}

TEST(Process, AProgramThatFillsItsStandardStreamsOpensNothingElseThere) {
    const auto program = ::fork();
    if (program == 0) {
        for (const int fd : {0, 2}) ::close(fd);
        fill_standard_streams();
        const bool open = ::fcntl(0, F_GETFD) >= 0 && ::fcntl(2, F_GETFD) >= 0;
        ::_exit(open && ::open("/dev/null", O_RDONLY) > 2 ? 0 : 1);
    }
    int status = 0;
    ::waitpid(program, &status, 0);
    EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace patchbay
