// SPDX-License-Identifier: Apache-2.0
#include "daemon/supervise/runner_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>
#include <cstring>
#include <fstream>
#include <sstream>

#include "core/errors.hpp"

extern char** environ;

namespace patchbay {
namespace {

int open_pidfd(pid_t pid) { return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)); }

/// posix_spawn's two helper objects, freed on every path.
struct SpawnSettings {
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    SpawnSettings() {
        ::posix_spawn_file_actions_init(&files);
        ::posix_spawnattr_init(&attributes);
    }
    ~SpawnSettings() {
        ::posix_spawn_file_actions_destroy(&files);
        ::posix_spawnattr_destroy(&attributes);
    }
    SpawnSettings(const SpawnSettings&) = delete;
    SpawnSettings& operator=(const SpawnSettings&) = delete;
};

/// What is left of it when its process ends meanwhile. Not by stream iterators: they throw then.
std::string read_proc(const std::filesystem::path& path) {
    std::ifstream file{path, std::ios::binary};
    std::ostringstream text;
    text << file.rdbuf();
    return std::move(text).str();
}

/// Another user's process is no runner of ours, whatever its arguments say; we could neither end it nor trust it.
bool is_ours(pid_t pid) {
    struct stat owner {};
    return ::stat(("/proc/" + std::to_string(pid)).c_str(), &owner) == 0 && owner.st_uid == ::geteuid();
}

/// What a process said that is over: it is all there.
RunnerEnd read_end(asio::local::stream_protocol::socket& connection) {
    std::array<char, 64> buffer{};
    boost::system::error_code error;
    connection.non_blocking(true, error);
    const auto size = connection.read_some(asio::buffer(buffer), error);
    const std::string_view said{buffer.data(), error ? 0 : size};
    constexpr std::string_view word = "exit ";
    RunnerEnd end{RunnerEnd::Kind::killed, 0};
    if (!said.starts_with(word) || !said.ends_with('\n')) return end;
    end.kind = RunnerEnd::Kind::exited;
    std::from_chars(said.data() + word.size(), said.data() + said.size(), end.number);
    return end;
}

}  // namespace

std::string describe(const RunnerEnd& end) {
    switch (end.kind) {
        case RunnerEnd::Kind::exited:
            return "exited with code " + std::to_string(end.number);
        case RunnerEnd::Kind::killed:
            return end.number == 0 ? "was killed" : "killed by signal " + std::to_string(end.number);
        case RunnerEnd::Kind::survived:
            return "process " + std::to_string(end.number) +
                   " survived KILL; a process in state D waits for its hardware or file system";
        case RunnerEnd::Kind::unknown:
            break;
    }
    return "ended while no daemon watched it";
}

std::int64_t process_start_time(pid_t pid) {
    const auto stat = read_proc("/proc/" + std::to_string(pid) + "/stat");
    // The second field is the name in parentheses, which may hold blanks and parentheses; the start is the 22nd.
    auto at = stat.rfind(')');
    if (at == std::string::npos) return 0;
    for (int field = 2; field < 22 && at != std::string::npos; ++field) at = stat.find(' ', at + 1);
    if (at == std::string::npos) return 0;
    std::int64_t start = 0;
    std::from_chars(stat.data() + at + 1, stat.data() + stat.size(), start);
    return start;
}

RunnerProcess::RunnerProcess(asio::any_io_executor executor, pid_t pid, std::int64_t start, int pidfd)
    : pid_{pid}, start_{start}, pidfd_{std::move(executor), pidfd} {}

RunnerProcess RunnerProcess::start(asio::any_io_executor executor, const std::vector<std::string>& argv,
                                   const std::filesystem::path& folder) {
    const auto fail = [&](int error) {
        const auto message = "cannot start " + argv.front() + ": " + std::strerror(error);
        if (error == ENOENT || error == EACCES || error == ENOEXEC || error == ENOTDIR)
            throw ConfigurationError{message + "; check `runner` in the configuration"};
        throw InfrastructureError{message + "; check the limits on processes and memory"};
    };
    SpawnSettings settings;
    const auto log = (folder / "runner.log").string();
    ::posix_spawn_file_actions_addopen(&settings.files, 0, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&settings.files, 1, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0640);
    ::posix_spawn_file_actions_adddup2(&settings.files, 1, 2);
    ::posix_spawn_file_actions_addclosefrom_np(&settings.files, 3);
    sigset_t none, all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&settings.attributes, &none);
    ::posix_spawnattr_setsigdefault(&settings.attributes, &all);
    ::posix_spawnattr_setflags(&settings.attributes,
                               POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    auto words = argv;
    std::vector<char*> pointers;
    for (auto& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    pid_t pid = 0;
    if (const int error =
            ::posix_spawn(&pid, words.front().c_str(), &settings.files, &settings.attributes, pointers.data(), environ);
        error != 0)
        fail(error);
    const int pidfd = open_pidfd(pid);
    if (pidfd < 0) {
        const int error = errno;
        ::kill(pid, SIGKILL);
        ::waitpid(pid, nullptr, 0);
        fail(error);
    }
    return {std::move(executor), pid, process_start_time(pid), pidfd};
}

std::optional<RunnerProcess> RunnerProcess::find(asio::any_io_executor executor, pid_t pid, std::int64_t start) {
    if (pid <= 0) return std::nullopt;
    const int pidfd = open_pidfd(pid);
    if (pidfd < 0) return std::nullopt;
    // Asked after the pidfd was opened: from here on the pid cannot become another process unseen.
    if (process_start_time(pid) != start || !is_ours(pid)) {
        ::close(pidfd);
        return std::nullopt;
    }
    return RunnerProcess{std::move(executor), pid, start, pidfd};
}

std::optional<RunnerProcess> RunnerProcess::find(asio::any_io_executor executor,
                                                 const std::vector<std::string>& arguments) {
    std::string wanted;
    for (const auto& argument : arguments) wanted += '\0' + argument;
    wanted += '\0';
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator{"/proc", error}) {
        const auto name = entry.path().filename().string();
        pid_t pid = 0;
        if (std::from_chars(name.data(), name.data() + name.size(), pid).ptr != name.data() + name.size()) continue;
        if (!read_proc(entry.path() / "cmdline").ends_with(wanted)) continue;
        if (auto found = find(executor, pid, process_start_time(pid))) return found;
    }
    return std::nullopt;
}

Clock::duration RunnerProcess::age() const {
    timespec now{};
    ::clock_gettime(CLOCK_BOOTTIME, &now);
    const auto start = Clock::duration{1s} / ::sysconf(_SC_CLK_TCK) * start_;
    return std::chrono::seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec} - start;
}

Task<RunnerEnd> RunnerProcess::wait() {
    // Asio may wake us for an event of the descriptor that had this number before.
    pollfd ended{pidfd_.native_handle(), POLLIN, 0};
    do {
        co_await pidfd_.async_wait(asio::posix::stream_descriptor::wait_read, asio::use_awaitable);
    } while (::poll(&ended, 1, 0) == 0);
    siginfo_t info{};
    // Only a parent may ask how it ended; of a runner that an earlier daemon started we know that it is gone.
    const auto id = static_cast<id_t>(pidfd_.native_handle());
    if (::waitid(static_cast<idtype_t>(P_PIDFD), id, &info, WEXITED) != 0)
        co_return connection_ ? read_end(*connection_) : RunnerEnd{};
    RunnerEnd end;
    end.kind = info.si_code == CLD_EXITED ? RunnerEnd::Kind::exited : RunnerEnd::Kind::killed;
    end.number = info.si_status;
    co_return end;
}

void RunnerProcess::signal(int number) { ::syscall(SYS_pidfd_send_signal, pidfd_.native_handle(), number, nullptr, 0); }

void RunnerProcess::kill_group() {
    // Its group lives at least as long as the runner, and the pidfd tells whether that one still does.
    if (::syscall(SYS_pidfd_send_signal, pidfd_.native_handle(), 0, nullptr, 0) == 0) ::kill(-pid_, SIGKILL);
}

}  // namespace patchbay
