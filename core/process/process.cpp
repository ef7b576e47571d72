// SPDX-License-Identifier: Apache-2.0
#include "core/process/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <mutex>

#include "core/deadline.hpp"
#include "core/errors.hpp"
#include "core/process/scope.hpp"
#include "core/process/spawn.hpp"

namespace patchbay {
namespace {

// One read takes a full socket buffer's worth of console in a few calls and still fits a runner's 15 MB easily.
constexpr std::size_t read_size = 32 * 1024;
// Somebody in the background may write faster than we read.
constexpr std::size_t read_limit = 4 * 1024 * 1024;

void ignore_broken_pipes() {
    static std::once_flag once;
    std::call_once(once, [] {
        struct sigaction current {};
        if (::sigaction(SIGPIPE, nullptr, &current) == 0 && current.sa_handler == SIG_DFL) ::signal(SIGPIPE, SIG_IGN);
    });
}

}  // namespace

Process::Process(asio::any_io_executor executor, Command command)
    : pid_{-1}, pidfd_{executor}, input_{executor}, output_{executor} {
    ignore_broken_pipes();
    AdmitAll::admit(command);
    if (!command.argv.empty()) program_ = command.argv.front();
    auto spawned = spawn(command);
    pid_ = spawned.pid;
    pidfd_.assign(spawned.pidfd.release());
    if (spawned.input) input_.assign(spawned.input.release());
    if (spawned.output) {
        output_.assign(spawned.output.release());
        output_.native_non_blocking(true);
    }
    buffer_.resize(read_size);
}

Process::~Process() {
    if (exit_code_) return;
    signal_group(SIGKILL);
    // Bounded, because a child in an uninterruptible wait must not take us with it.
    pollfd exited{pidfd_.native_handle(), POLLIN, 0};
    while (::poll(&exited, 1, 2000) < 0 && errno == EINTR) {
    }
    reap();
}

void Process::reap() {
    if (exit_code_) return;
    int status = 0;
    pid_t got = 0;
    do {
        got = ::waitpid(pid_, &status, WNOHANG);
    } while (got < 0 && errno == EINTR);
    if (got == pid_) {
        exit_code_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    } else if (got < 0) {
        exit_code_ = 127;  // somebody else reaped it: its status is gone
    }
}

std::optional<int> Process::exit_code() {
    reap();
    return exit_code_;
}

Task<> Process::ended() {
    // The pidfd becomes readable when the child has ended, and the child stays a zombie: its group number is still
    // ours.
    co_await pidfd_.async_wait(asio::posix::stream_descriptor::wait_read, asio::use_awaitable);
}

Task<int> Process::wait() {
    while (!exit_code_) {
        co_await ended();
        reap();
    }
    co_return *exit_code_;
}

Task<std::string> Process::read_some() {
    boost::system::error_code error;
    const auto size =
        co_await output_.async_read_some(asio::buffer(buffer_), asio::redirect_error(asio::use_awaitable, error));
    if (error == asio::error::operation_aborted) throw boost::system::system_error{error};
    // A terminal whose other side is closed reports an I/O error, a socket a reset: both are the end.
    if (error && size == 0) co_return std::string{};
    co_return buffer_.substr(0, size);
}

std::string Process::read_available() {
    std::string bytes;
    while (bytes.size() < read_limit) {
        const auto size = ::read(output_.native_handle(), buffer_.data(), buffer_.size());
        if (size < 0 && errno == EINTR) continue;
        if (size <= 0) return bytes;
        bytes.append(buffer_, 0, static_cast<std::size_t>(size));
    }
    return bytes;
}

Task<> Process::write(std::string bytes) {
    boost::system::error_code error;
    co_await asio::async_write(input_, asio::buffer(bytes), asio::redirect_error(asio::use_awaitable, error));
    if (error == asio::error::operation_aborted) throw boost::system::system_error{error};
    if (error) {
        throw ConnectionClosedError{"cannot write to process " + std::to_string(pid_) + ": " + error.message()};
    }
}

void Process::close_input() {
    if (!input_.is_open()) return;
    ::shutdown(input_.native_handle(), SHUT_WR);  // for a socketpair, whose other copy stays open; else no effect
    boost::system::error_code ignored;
    input_.close(ignored);
}

void Process::signal_group(int signal) {
    if (!exit_code_) ::kill(-pid_, signal);
}

Task<> Process::stop(Clock::duration grace, Clock::duration patience) {
    if (exit_code_) co_return;
    signal_group(SIGTERM);
    try {
        co_await with_deadline(Deadline::in(grace), "end of process " + std::to_string(pid_), ended());
    } catch (const TimedOut&) {
        // KILL follows in any case.
    }
    signal_group(SIGKILL);
    try {
        co_await with_deadline(Deadline::in(patience), "end of killed process", wait());
    } catch (const TimedOut&) {
        throw InfrastructureError{"process " + std::to_string(pid_) + " (" + program_ +
                                  ") survived KILL; a process in state D waits for its hardware or file system"};
    }
}

}  // namespace patchbay
