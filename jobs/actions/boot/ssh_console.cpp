// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/boot/ssh_console.hpp"

#include "core/deadline.hpp"
#include "core/errors.hpp"

namespace patchbay {

SshConsole::SshConsole(asio::any_io_executor executor, Command command, std::string target)
    : target_{std::move(target)},
      program_{std::move(executor), std::move(command), "the ssh session of " + target_, "ssh " + target_} {}

Task<std::string> SshConsole::read_some() {
    auto bytes = co_await program_.read_some();
    if (!bytes.empty()) co_return bytes;
    throw ConnectionClosedError{"Connection closed: the ssh session of " + target_ +
                                " has ended; did the machine go down, or the test end its network or its shell? The "
                                "log has what was said last"};
}

Task<> SshConsole::log_out() {
    co_await program_.write("logout\n");
    std::string bytes;
    do {
        bytes = co_await program_.read_some();
    } while (!bytes.empty());
}

Task<> SshConsole::close() {
    try {
        co_await with_deadline(Deadline::in(std::chrono::seconds{1}), "logout", log_out());
    } catch (const TimedOut&) {  // something else runs in its terminal, and ends with it
    } catch (const ConnectionClosedError&) {
    }
    co_await program_.close();
}

}  // namespace patchbay
