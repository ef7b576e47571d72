// SPDX-License-Identifier: Apache-2.0
#include "cli/run/runner_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>
#include <utility>

#include "cli/exit.hpp"
#include "cli/run/line_splitter.hpp"

namespace patchbay::cli {
namespace {

class Descriptor {
public:
    explicit Descriptor(int fd = -1) : fd_{fd} {}
    Descriptor(Descriptor&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~Descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    int get() const { return fd_; }

private:
    int fd_;
};

/// Signals that we read from a descriptor instead of being interrupted by them.
class SignalReader {
public:
    SignalReader() {
        ::sigemptyset(&wanted_);
        for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGCHLD}) ::sigaddset(&wanted_, number);
        ::pthread_sigmask(SIG_BLOCK, &wanted_, &before_);
        fd_ = Descriptor{::signalfd(-1, &wanted_, SFD_CLOEXEC | SFD_NONBLOCK)};
        if (fd_.get() < 0) throw UserError{std::string{"signalfd: "} + std::strerror(errno)};
    }
    ~SignalReader() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    SignalReader(const SignalReader&) = delete;
    SignalReader& operator=(const SignalReader&) = delete;

    int descriptor() const { return fd_.get(); }
    const sigset_t& before() const { return before_; }
    /// The number of the next signal, 0 when there is none.
    int next() const {
        signalfd_siginfo info{};
        return ::read(fd_.get(), &info, sizeof info) == sizeof info ? static_cast<int>(info.ssi_signo) : 0;
    }

private:
    sigset_t wanted_{};
    sigset_t before_{};
    Descriptor fd_;
};

[[noreturn]] void become(std::vector<char*>& argv, int stderr_fd, int failure_fd, const sigset_t& mask, pid_t parent) {
    // Between fork and exec: system calls only.
    ::setpgid(0, 0);  // a Ctrl-C of the terminal is ours to hand on, once
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent) ::_exit(127);  // we died before prctl
    ::pthread_sigmask(SIG_SETMASK, &mask, nullptr);
    const int nothing = ::open("/dev/null", O_RDONLY);
    ::dup2(nothing, STDIN_FILENO);
    ::dup2(STDERR_FILENO, STDOUT_FILENO);
    ::dup2(stderr_fd, STDERR_FILENO);
    ::execv(argv.front(), argv.data());
    const int error = errno;
    [[maybe_unused]] const auto written = ::write(failure_fd, &error, sizeof error);
    ::_exit(127);
}

std::pair<Descriptor, Descriptor> make_pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw UserError{std::string{"pipe: "} + std::strerror(errno)};
    return {Descriptor{ends[0]}, Descriptor{ends[1]}};
}

class Child {
public:
    Child(const std::vector<std::string>& arguments, const sigset_t& mask) {
        std::vector<char*> argv;
        for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
        argv.push_back(nullptr);
        auto [records, records_end] = make_pipe();
        auto [failure, failure_end] = make_pipe();
        const auto parent = ::getpid();
        pid_ = ::fork();
        if (pid_ < 0) throw UserError{arguments.front() + ": cannot be started: " + std::strerror(errno)};
        if (pid_ == 0) become(argv, records_end.get(), failure_end.get(), mask, parent);
        failure_end = Descriptor{};
        records_end = Descriptor{};
        int error = 0;
        if (::read(failure.get(), &error, sizeof error) == sizeof error) {
            ::waitpid(pid_, nullptr, 0);
            throw UserError{arguments.front() + ": cannot be started: " + std::strerror(error)};
        }
        ::fcntl(records.get(), F_SETFL, O_NONBLOCK);
        records_ = std::move(records);
    }

    /// An exception on our side must not leave a job running that nobody watches.
    ~Child() {
        if (status_) return;
        ::kill(pid_, SIGTERM);
        records_ = Descriptor{};  // it would wait for room in the pipe that nobody reads any more, and we for it
        ::waitpid(pid_, nullptr, 0);
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    int records() const { return records_.get(); }
    void ask_to_stop() const { ::kill(pid_, SIGTERM); }
    bool gone() {
        int status = 0;
        if (!status_ && ::waitpid(pid_, &status, WNOHANG) == pid_) status_ = status;
        return status_.has_value();
    }
    int status() const { return status_.value_or(0); }

    /// Hands over what is there now, at least as much as a pipe holds; false at the end of the stream.
    template <class Take>
    bool read_available(const Take& take) const {
        char buffer[65536];
        // No more: one that talks faster than we print must not keep our signals waiting.
        for (int reads = 0; reads < 4; ++reads) {
            const auto got = ::read(records_.get(), buffer, sizeof buffer);
            if (got > 0)
                take(std::string_view{buffer, static_cast<std::size_t>(got)});
            else if (got == 0)
                return false;
            else if (errno != EINTR)
                return errno == EAGAIN;
        }
        return true;
    }

private:
    pid_t pid_ = -1;
    Descriptor records_;
    std::optional<int> status_;
};

}  // namespace

std::filesystem::path own_program() {
    std::error_code error;
    return std::filesystem::read_symlink("/proc/self/exe", error);
}

std::filesystem::path find_program(const std::string& name, const std::filesystem::path& own_program,
                                   const Environment& environment) {
    const auto usable = [](const std::filesystem::path& path) {
        std::error_code none;
        return std::filesystem::is_regular_file(path, none) && ::access(path.c_str(), X_OK) == 0;
    };
    if (const auto beside = own_program.parent_path() / name; usable(beside)) return beside;
    const auto list = variable(environment, "PATH");
    std::string_view rest{list};
    while (!rest.empty()) {
        const auto colon = rest.find(':');
        const std::filesystem::path folder{rest.substr(0, colon)};
        if (!folder.empty() && usable(folder / name)) return folder / name;
        rest.remove_prefix(colon == std::string_view::npos ? rest.size() : colon + 1);
    }
    throw UserError{name + ": neither beside " + own_program.string() + " nor in PATH; install the whole of Patchbay"};
}

void become_program(std::vector<std::string> words, Session& session) {
    std::vector<char*> arguments;
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    session.terminal.out.flush();
    ::execv(arguments.front(), arguments.data());
    throw UserError{words.front() + ": cannot be started: " + std::strerror(errno)};
}

RunnerEnd run_runner(const std::vector<std::string>& arguments, const RunnerEvents& events) {
    const SignalReader signals;
    Child child{arguments, signals.before()};
    LineSplitter lines;
    RunnerEnd end;
    const auto take = [&](std::string_view bytes) { lines.feed(bytes, events.line); };
    bool open = true;
    while (!child.gone()) {
        pollfd waits[] = {{signals.descriptor(), POLLIN, 0}, {open ? child.records() : -1, POLLIN, 0}};
        if (::poll(waits, 2, -1) < 0 && errno != EINTR) throw UserError{std::string{"poll: "} + std::strerror(errno)};
        while (const int number = signals.next()) {
            if (number == SIGCHLD) continue;
            child.ask_to_stop();
            events.stopping(++end.signals_sent);
        }
        if (open) open = child.read_available(take);
        events.idle();
    }
    if (open) child.read_available(take);  // what it wrote last; whoever else holds the pipe is not waited for
    lines.finish(events.line);
    events.idle();
    const int status = child.status();
    end.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    end.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    return end;
}

}  // namespace patchbay::cli
