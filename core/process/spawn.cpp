// SPDX-License-Identifier: Apache-2.0
#include "core/process/spawn.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "core/errors.hpp"

extern char** environ;

namespace patchbay {
namespace {

[[noreturn]] void fail(const std::string& program, std::string_view what, int error) {
    throw InfrastructureError{"cannot start " + program + ": " + std::string{what} + std::strerror(error)};
}

/// The child's ends of its standard streams, and ours.
struct Streams {
    FileDescriptor child_in, child_out;
    FileDescriptor input, output;
};

FileDescriptor duplicate(const FileDescriptor& fd, const std::string& program) {
    FileDescriptor copy{::fcntl(fd.get(), F_DUPFD_CLOEXEC, 3)};
    if (!copy) fail(program, "dup: ", errno);
    return copy;
}

/// The same, above 2. Of a parent whose standard streams are closed, what we open would get their numbers, and the
/// child would lose it when it takes its own streams.
FileDescriptor above_standard(FileDescriptor fd, const std::string& program) {
    return fd.get() > 2 ? std::move(fd) : duplicate(fd, program);
}

void open_pipe(FileDescriptor& reader, FileDescriptor& writer, const std::string& program) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail(program, "pipe: ", errno);
    FileDescriptor first{ends[0]}, second{ends[1]};
    reader = above_standard(std::move(first), program);
    writer = above_standard(std::move(second), program);
}

FileDescriptor open_file(const char* path, int flags, std::string_view what, const std::string& program) {
    FileDescriptor file{::open(path, flags | O_CLOEXEC)};
    if (!file) fail(program, what, errno);
    return above_standard(std::move(file), program);
}

Streams open_streams(Stdio stdio, const std::string& program) {
    Streams streams;
    switch (stdio) {
        case Stdio::null:
            streams.child_in = open_file("/dev/null", O_RDWR, "/dev/null: ", program);
            streams.child_out = duplicate(streams.child_in, program);
            break;
        case Stdio::pipe:
            open_pipe(streams.child_in, streams.input, program);
            open_pipe(streams.output, streams.child_out, program);
            break;
        case Stdio::socketpair: {
            std::array<int, 2> ends{};
            if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
                fail(program, "socket: ", errno);
            FileDescriptor ours{ends[0]}, theirs{ends[1]};
            streams.output = above_standard(std::move(ours), program);
            streams.child_in = above_standard(std::move(theirs), program);
            streams.input = duplicate(streams.output, program);
            streams.child_out = duplicate(streams.child_in, program);
            break;
        }
        case Stdio::pty: {
            streams.output = open_file("/dev/ptmx", O_RDWR | O_NOCTTY, "pseudo terminal: ", program);
            std::array<char, 128> name{};
            if (::grantpt(streams.output.get()) != 0 || ::unlockpt(streams.output.get()) != 0 ||
                ::ptsname_r(streams.output.get(), name.data(), name.size()) != 0) {
                fail(program, "pseudo terminal: ", errno);
            }
            streams.child_in = open_file(name.data(), O_RDWR | O_NOCTTY, "pseudo terminal: ", program);
            streams.input = duplicate(streams.output, program);
            streams.child_out = duplicate(streams.child_in, program);
            break;
        }
        case Stdio::inherit:
            break;
    }
    return streams;
}

std::vector<std::string> merged_environment(const Command& command) {
    std::vector<std::string> merged;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text{*entry};
        if (!command.environment.contains(std::string{text.substr(0, text.find('='))})) merged.emplace_back(text);
    }
    for (const auto& [name, value] : command.environment) merged.push_back(name + "=" + value);
    return merged;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> list;
    list.reserve(texts.size() + 1);
    for (auto& text : texts) list.push_back(text.data());
    list.push_back(nullptr);
    return list;
}

/// Everything that the child needs between fork and exec, where only system calls are allowed.
struct Launch {
    const char* program;
    char* const* argv;
    char* const* envp;
    const char* folder;
    int in, out;
    bool terminal;
    bool die_with_parent;
    bool no_new_privileges;
    pid_t parent;
    const int* keep;
    std::size_t keep_count;
    const int* cgroups;
    std::size_t cgroup_count;
    int report;  ///< errno goes here when exec fails
};

[[noreturn]] void give_up(int report, int error) {
    [[maybe_unused]] const auto sent = ::write(report, &error, sizeof error);
    ::_exit(127);
}

[[noreturn]] void run_child(const Launch& launch) {
    ::setsid();
    if (launch.die_with_parent) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (::getppid() != launch.parent) ::_exit(127);  // it died before the line above
    }
    if (launch.no_new_privileges && ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) give_up(launch.report, errno);
    for (std::size_t i = 0; i < launch.cgroup_count; ++i) {
        if (::write(launch.cgroups[i], "0", 1) != 1) give_up(launch.report, errno);
    }
    struct sigaction standard {};
    standard.sa_handler = SIG_DFL;
    for (int signal = 1; signal < NSIG; ++signal) ::sigaction(signal, &standard, nullptr);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    if (launch.in >= 0) {
        if (::dup2(launch.in, 0) < 0 || ::dup2(launch.out, 1) < 0 || ::dup2(launch.out, 2) < 0) {
            give_up(launch.report, errno);
        }
        if (launch.terminal) ::ioctl(0, TIOCSCTTY, 0);
    }
    // A library may have opened something without CLOEXEC.
    ::syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC);
    for (std::size_t i = 0; i < launch.keep_count; ++i) ::fcntl(launch.keep[i], F_SETFD, 0);
    if (launch.folder != nullptr && ::chdir(launch.folder) != 0) give_up(launch.report, errno);
    ::execve(launch.program, launch.argv, launch.envp);
    give_up(launch.report, errno);
}

}  // namespace

std::optional<std::string> find_program(std::string_view name, std::optional<std::string> path) {
    const auto runs = [](const std::string& file) { return ::access(file.c_str(), X_OK) == 0; };
    if (name.find('/') != std::string_view::npos) {
        std::string file{name};
        return runs(file) ? std::optional{file} : std::nullopt;
    }
    if (!path) {
        const char* ours = ::getenv("PATH");
        path = ours != nullptr ? ours : "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";
    }
    for (std::size_t begin = 0; begin <= path->size();) {
        const auto end = std::min(path->find(':', begin), path->size());
        const auto file = path->substr(begin, end - begin) + "/" + std::string{name};
        if (end > begin && runs(file)) return file;
        begin = end + 1;
    }
    return std::nullopt;
}

Spawned spawn(const Command& command) {
    if (command.argv.empty() || command.argv.front().empty()) throw LavaBug{"cannot start a command without a program"};
    const auto& name = command.argv.front();
    std::optional<std::string> search;
    if (const auto own = command.environment.find("PATH"); own != command.environment.end()) search = own->second;
    const auto program = find_program(name, search);
    if (!program) throw InfrastructureError{"cannot start " + name + ": no such program; is its package installed?"};

    auto streams = open_streams(command.stdio, name);
    FileDescriptor report_reader, report_writer;
    open_pipe(report_reader, report_writer, name);
    std::vector<FileDescriptor> cgroup_files;
    std::vector<int> cgroups;
    for (const auto& folder : command.cgroups) {
        auto file = open_file((folder + "/cgroup.procs").c_str(), O_WRONLY, "control group " + folder + ": ", name);
        cgroups.push_back(file.get());
        cgroup_files.push_back(std::move(file));
    }
    auto arguments = command.argv;
    auto variables = merged_environment(command);
    const auto argv = pointers(arguments);
    const auto envp = pointers(variables);
    Launch launch{};
    launch.program = program->c_str();
    launch.argv = argv.data();
    launch.envp = envp.data();
    launch.folder = command.folder.empty() ? nullptr : command.folder.c_str();
    launch.in = streams.child_in.get();
    launch.out = streams.child_out.get();
    launch.terminal = command.stdio == Stdio::pty;
    launch.die_with_parent = command.die_with_parent == DieWithParent::yes;
    launch.no_new_privileges = command.gain_privileges == GainPrivileges::never;
    launch.parent = ::getpid();
    launch.keep = command.keep_open.data();
    launch.keep_count = command.keep_open.size();
    launch.cgroups = cgroups.data();
    launch.cgroup_count = cgroups.size();
    launch.report = report_writer.get();

    // No handler of ours may run in the child before it has reset them.
    sigset_t all, before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    const auto pid = ::fork();
    if (pid == 0) run_child(launch);
    const int fork_error = errno;
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    if (pid < 0) fail(name, "fork: ", fork_error);
    report_writer.reset();

    Spawned spawned;
    spawned.pid = pid;
    spawned.pidfd = FileDescriptor{static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))};
    const int pidfd_error = spawned.pidfd ? 0 : errno;
    int exec_error = 0;
    ssize_t got = 0;
    do {  // ends at exec, which closes the other end
        got = ::read(report_reader.get(), &exec_error, sizeof exec_error);
    } while (got < 0 && errno == EINTR);
    if (got > 0 || pidfd_error != 0) {
        ::kill(pid, SIGKILL);
        while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
        }
        fail(name, got > 0 ? "" : "pidfd: ", got > 0 ? exec_error : pidfd_error);
    }
    spawned.input = std::move(streams.input);
    spawned.output = std::move(streams.output);
    return spawned;
}

}  // namespace patchbay
