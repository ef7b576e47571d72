// SPDX-License-Identifier: Apache-2.0
#include "daemon/supervise/runner_unit.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <charconv>
#include <optional>

#include "core/config/value.hpp"
#include "core/config/yaml.hpp"
#include "core/deadline.hpp"
#include "core/errors.hpp"

namespace patchbay {
namespace {

using Local = asio::local::stream_protocol;

// The runner's reason for a refusal is one line with a path or two in it.
constexpr std::size_t longest_answer = 16 * 1024;

std::string unit_of(const std::filesystem::path& socket) { return "patchbay-runner@" + socket.filename().string(); }

std::string request(RunnerWork work, const std::filesystem::path& folder) {
    config::Map map;
    map.set("run", work == RunnerWork::lease ? "lease" : "make-safe");
    map.set("folder", folder.string());
    return config::dump_json(config::Value{std::move(map)}) + "\n";
}

[[noreturn]] void fail_to_connect(const std::filesystem::path& socket, const boost::system::error_code& error) {
    const auto what = "cannot start a runner: " + socket.string() + ": " + error.message();
    if (error == boost::system::errc::connection_refused) {
        throw InfrastructureError{what + "; `systemctl status " + unit_of(socket) +
                                  ".socket` says why nobody listens, and `systemctl restart` has it listen again"};
    }
    throw ConfigurationError{what + "; is the device in the file that patchbay-devices.service reads? " +
                             "`systemctl restart patchbay-devices` makes the sockets of all devices"};
}

/// "pid 4711" or the end of the connection.
Task<pid_t> ask(Local::socket& connection, std::filesystem::path socket, std::string request) {
    boost::system::error_code error;
    std::string answer;
    co_await asio::async_write(connection, asio::buffer(request), asio::redirect_error(asio::use_awaitable, error));
    if (!error) {
        auto buffer = asio::dynamic_buffer(answer, longest_answer);
        const auto size =
            co_await asio::async_read_until(connection, buffer, '\n', asio::redirect_error(asio::use_awaitable, error));
        answer.resize(error ? 0 : size - 1);
    }
    if (error == asio::error::operation_aborted) throw boost::system::system_error{error};
    pid_t pid = 0;
    constexpr std::string_view word = "pid ";
    if (answer.starts_with(word)) std::from_chars(answer.data() + word.size(), answer.data() + answer.size(), pid);
    if (pid > 0) co_return pid;
    if (!error) throw InfrastructureError{unit_of(socket) + ".service does not start the runner: " + answer};
    throw InfrastructureError{unit_of(socket) + ".service did not start (" + error.message() + "); `journalctl -u " +
                              unit_of(socket) + "` says why"};
}

/// Never nullopt; with_deadline() needs what can be made out of nothing.
Task<std::optional<RunnerProcess>> start(asio::any_io_executor executor, std::filesystem::path socket,
                                         std::string request) {
    Local::socket connection{executor};
    boost::system::error_code error;
    Local::endpoint endpoint;
    try {
        endpoint = Local::endpoint{socket.string()};
    } catch (const boost::system::system_error& long_path) {
        fail_to_connect(socket, long_path.code());
    }
    co_await connection.async_connect(endpoint, asio::redirect_error(asio::use_awaitable, error));
    if (error == asio::error::operation_aborted) throw boost::system::system_error{error};
    if (error) fail_to_connect(socket, error);
    const auto pid = co_await ask(connection, socket, std::move(request));
    // It waits for our word, so it is this process and no later one of the same number.
    auto runner = RunnerProcess::find(executor, pid, process_start_time(pid));
    if (!runner) {
        throw InfrastructureError{"process " + std::to_string(pid) + " of " + unit_of(socket) +
                                  ".service is not to be seen; the unit's User= must be the daemon's"};
    }
    // Three bytes into an empty buffer: nothing to wait for, and no moment in which we could be told to end.
    connection.non_blocking(true);
    if (connection.send(asio::buffer("go\n", 3), 0, error) != 3)
        throw InfrastructureError{"the runner of " + unit_of(socket) +
                                  ".service ended before it began; `journalctl -u " + unit_of(socket) + "` says why"};
    runner->listen_to(std::move(connection));
    co_return runner;
}

}  // namespace

std::string_view option_of(RunnerWork work) { return work == RunnerWork::lease ? "--lease" : "--make-safe"; }

Task<RunnerProcess> start_in_unit(asio::any_io_executor executor, std::filesystem::path socket, RunnerWork work,
                                  std::filesystem::path folder, Clock::duration patience) {
    auto unit = unit_of(socket);
    auto words = request(work, folder);
    auto begin = start(executor, std::move(socket), std::move(words));
    try {
        auto runner = co_await with_deadline(Deadline::in(patience), "start of a runner", std::move(begin));
        co_return std::move(*runner);
    } catch (const TimedOut&) {
    }
    throw InfrastructureError{unit + ".service has not started a runner within " +
                              std::to_string(std::chrono::duration_cast<std::chrono::seconds>(patience).count()) +
                              " s; `systemctl status " + unit + "` says what it waits for"};
}

}  // namespace patchbay
