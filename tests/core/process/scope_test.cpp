// SPDX-License-Identifier: Apache-2.0
#include "core/process/scope.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <fstream>
#include <optional>

#include "core/errors.hpp"
#include "core/process/process.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/run.hpp"

namespace patchbay {
namespace {

using testing::run;

std::string unique_token(const std::string& name) { return "test-" + name + "-" + std::to_string(::getpid()); }

/// A killed orphan stays one until the init process looks.
bool is_zombie(pid_t pid) {
    std::ifstream file{"/proc/" + std::to_string(pid) + "/stat"};
    std::string text;
    std::getline(file, text);
    return text.find(") Z ") != std::string::npos;
}

/// A lease's owner in a process of its own: starts children, tells when they run, and then waits to be killed.
pid_t start_owner(const std::string& token, const std::string& script, const std::string& mark) {
    int ready[2];
    if (::pipe(ready) != 0) return -1;
    const auto pid = ::fork();
    if (pid == 0) {
        asio::io_context io;
        ProcessScope scope{token};
        Command command;
        command.argv = {"sh", "-c", script};
        scope.admit(command);
        Process child{io.get_executor(), command};
        std::string text;
        while (text.find(mark) == std::string::npos) text += run(io, child.read_some());
        [[maybe_unused]] const auto told = ::write(ready[1], "1", 1);
        for (;;) ::pause();
    }
    ::close(ready[1]);
    char byte = 0;
    EXPECT_EQ(::read(ready[0], &byte, 1), 1);
    ::close(ready[0]);
    return pid;
}

void kill_owner(pid_t owner) {
    ::kill(owner, SIGKILL);
    ::waitpid(owner, nullptr, 0);
}

TEST(ProcessScope, ANewProcessFindsAndKillsWhatAKilledOwnerLeft) {
    const auto token = unique_token("orphans");
    // A grandchild in a session of its own, one that ignores TERM, and one that dropped its environment.
    const auto owner = start_owner(token,
                                   "setsid sleep 300 & (trap '' TERM; setsid sh -c 'sleep 300 & wait') & env -i sleep "
                                   "300 & sleep 0.1; echo up; wait",
                                   "up");
    kill_owner(owner);
    ProcessScope heir{token};
    EXPECT_GE(heir.members().size(), 4U);
    asio::io_context io;
    run(io, heir.kill_all());
    EXPECT_TRUE(heir.members().empty());
    EXPECT_TRUE(Cgroup::find("patchbay-lease-" + token).empty());
}

TEST(ProcessScope, WithoutAControlGroupAChildThatDroppedItsEnvironmentIsFoundByItsSession) {
    asio::io_context io;
    ProcessScope scope{unique_token("session")};
    Command command;
    command.argv = {"sh", "-c", "env -i sleep 300 & echo up $!; wait"};
    scope.admit(command);
    command.cgroups.clear();  // as on a system where we may not make one
    Process child{io.get_executor(), command};
    std::string text;
    while (text.find('\n') == std::string::npos) text += run(io, child.read_some());
    const auto sleeper = static_cast<pid_t>(std::stoi(text.substr(3)));
    const auto inside = scope.members();
    EXPECT_NE(std::find(inside.begin(), inside.end(), sleeper), inside.end());
    run(io, scope.kill_all());
    EXPECT_TRUE(scope.members().empty());
    EXPECT_TRUE(eventually([sleeper] { return ::kill(sleeper, 0) != 0 || is_zombie(sleeper); }));
    EXPECT_EQ(run(io, child.wait()), 128 + SIGKILL);
}

TEST(ProcessScope, AChainThatForksWhileItIsKilledStillEnds) {
    const auto token = unique_token("chain");
    const auto owner = start_owner(token, "echo up; f() { (sleep 0.002; f) & }; f; wait", "up");
    kill_owner(owner);
    ProcessScope heir{token};
    asio::io_context io;
    run(io, heir.kill_all());
    EXPECT_TRUE(heir.members().empty());
}

TEST(ProcessScope, WhatAnybodyStartsIsAdmittedWhileAnAdmitAllLives) {
    asio::io_context io;
    ProcessScope scope{unique_token("all")};
    Command command;
    command.argv = {"sleep", "300"};
    command.stdio = Stdio::null;
    std::optional<Process> outside, inside;
    outside.emplace(io.get_executor(), command);
    {
        const AdmitAll all{scope};
        inside.emplace(io.get_executor(), command);
    }
    EXPECT_EQ(scope.members(), std::vector<pid_t>{inside->pid()});
    run(io, scope.kill_all());
    EXPECT_FALSE(outside->exit_code());
}

TEST(ProcessScope, TheEmptyGroupOfAKilledOwnerIsRemovedByTheNextLeaseAndThatOfALivingOneStays) {
    const auto start = [](const std::string& name) {
        const auto token = unique_token(name);
        return std::pair{start_owner(token, "echo up", "up"), "patchbay-lease-" + token};
    };
    const auto [killed, abandoned] = start("killed");
    const auto [living, owned] = start("living");
    kill_owner(killed);
    const bool groups = !Cgroup::find(abandoned).empty();
    const auto begin_lease = [] {
        ProcessScope scope{unique_token("next")};
        Command command;
        scope.admit(command);
    };
    if (groups) {
        EXPECT_TRUE(eventually([&, name = abandoned] {
            begin_lease();
            return Cgroup::find(name).empty();
        }));
        EXPECT_EQ(Cgroup::find(owned).size(), 1U);
    }
    kill_owner(living);
    begin_lease();
    if (!groups) GTEST_SKIP() << "no control group can be made here";
}

TEST(ProcessScope, AnotherLeaseIsLeftAlone) {
    asio::io_context io;
    ProcessScope mine{unique_token("mine")}, other{unique_token("mine-2")};
    Command command;
    command.argv = {"sleep", "300"};
    command.stdio = Stdio::null;
    auto second = command;
    mine.admit(command);
    other.admit(second);
    Process own{io.get_executor(), command}, foreign{io.get_executor(), second};
    run(io, mine.kill_all());
    EXPECT_EQ(run(io, own.wait()), 128 + SIGKILL);
    EXPECT_FALSE(foreign.exit_code());
    // The scope can be used again.
    Command again;
    again.argv = {"true"};
    again.stdio = Stdio::null;
    mine.admit(again);
    Process third{io.get_executor(), again};
    EXPECT_EQ(run(io, third.wait()), 0);
}

TEST(ProcessScope, ATokenThatCouldBeAPathIsRefused) {
    for (const std::string token : {"", "../etc", "a/b", "a b", "x=y"})
        EXPECT_THROW(ProcessScope{token}, LavaBug) << token;
}

TEST(ProcessScope, WithNothingInsideThereIsNothingToDo) {
    asio::io_context io;
    ProcessScope empty{unique_token("empty")};
    run(io, empty.kill_all());
    EXPECT_TRUE(empty.members().empty());
}

}  // namespace
}  // namespace patchbay
