// SPDX-License-Identifier: Apache-2.0
#include "drivers/qemu/machine.hpp"

#include <sys/socket.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstring>

#include "core/deadline.hpp"
#include "core/errors.hpp"
#include "core/process/file_descriptor.hpp"

namespace patchbay {
namespace {

// QEMU flushes its disks within this time; what it has not then, a power cut would have lost, too.
constexpr auto quit_grace = 2s;
constexpr auto kill_grace = 5s;
// A machine that does not answer in this time (a host that swaps) is taken as running: its console will tell.
constexpr auto start_patience = 30s;
constexpr std::size_t quoted_words = 2000;

Command prepare(std::vector<std::string> argv, int qmp, const DriverContext& context) {
    Command command;
    command.argv = std::move(argv);
    command.argv.insert(command.argv.end(), {"-chardev", "socket,id=patchbay-qmp,fd=" + std::to_string(qmp), "-mon",
                                             "chardev=patchbay-qmp,mode=control"});
    command.stdio = Stdio::socketpair;
    command.die_with_parent = DieWithParent::yes;
    command.keep_open = {qmp};
    // Relative names in a job's arguments then mean its own files.
    if (std::error_code missing; std::filesystem::is_directory(context.job_folder, missing)) {
        command.folder = context.job_folder.string();
    }
    // Otherwise QEMU opens the sound device of whoever started us.
    command.environment["QEMU_AUDIO_DRV"] = "none";
    return command;
}

/// Our end of the control socket goes to `qmp`; the other one to QEMU alone.
Process start(asio::posix::stream_descriptor& qmp, std::vector<std::string> argv, const DriverContext& context) {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        throw InfrastructureError{std::string{"cannot make QEMU's control socket: "} + std::strerror(errno)};
    }
    qmp.assign(ends[0]);
    const FileDescriptor theirs{ends[1]};
    return Process{context.executor, prepare(std::move(argv), theirs.get(), context)};
}

/// false: QEMU closed the socket instead.
Task<bool> answers(asio::posix::stream_descriptor& qmp) {
    std::array<char, 4096> buffer{};
    std::string seen;
    boost::system::error_code error;
    while (!error && seen.find("\"return\"") == std::string::npos) {
        const auto size =
            co_await qmp.async_read_some(asio::buffer(buffer), asio::redirect_error(asio::use_awaitable, error));
        seen.append(buffer.data(), size);
    }
    if (error == asio::error::operation_aborted) throw boost::system::system_error{error};
    co_return !error;
}

}  // namespace

QemuMachine::QemuMachine(std::vector<std::string> command, const DriverContext& context)
    : qmp_{context.executor}, process_{start(qmp_, std::move(command), context)} {
    qmp_.native_non_blocking(true);
}

void QemuMachine::send(std::string_view text) {
    // A few bytes into an empty socket: they fit, or QEMU is beyond talking.
    [[maybe_unused]] const auto sent =
        ::send(qmp_.native_handle(), text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

Task<> QemuMachine::started() {
    // QEMU answers once its main loop runs: the machine is built then, and its processor already runs.
    send("{\"execute\":\"qmp_capabilities\"}\n");
    bool ended = false;
    try {
        ended = !co_await with_deadline(Deadline::in(start_patience), "QEMU's answer", answers(qmp_));
    } catch (const TimedOut&) {
        co_return;
    }
    // The end of the control socket is the end of QEMU, give or take the exit itself.
    if (ended) co_await with_deadline(Deadline::in(kill_grace), "end of QEMU", process_.wait());
    if (runs()) co_return;
    early_ = process_.read_available();
    auto words = early_;
    while (!words.empty() && (words.back() == '\n' || words.back() == '\r')) words.pop_back();
    if (words.size() > quoted_words) words = "… " + words.substr(words.size() - quoted_words);
    throw InfrastructureError{"QEMU ended at its start with code " + std::to_string(*process_.exit_code()) +
                              (words.empty() ? std::string{} : ": " + words)};
}

Task<std::string> QemuMachine::read_some() {
    if (!early_.empty()) co_return std::exchange(early_, {});
    co_return co_await process_.read_some();
}

Task<> QemuMachine::stop() {
    if (!runs()) co_return;
    std::array<char, 4096> events{};
    while (::recv(qmp_.native_handle(), events.data(), events.size(), MSG_DONTWAIT) > 0) {
        // Nobody reads them; they must not fill the socket before the last command.
    }
    send("{\"execute\":\"quit\"}\n");
    bool ended = true;
    try {
        co_await with_deadline(Deadline::in(quit_grace), "QEMU to quit", process_.wait());
    } catch (const TimedOut&) {
        ended = false;
    }
    if (!ended) co_await with_deadline(Deadline::in(kill_grace), "QEMU to be killed", process_.stop(0ms));
}

}  // namespace patchbay
