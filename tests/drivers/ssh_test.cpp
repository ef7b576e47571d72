// SPDX-License-Identifier: Apache-2.0
// The driver `ssh`: OpenSSH's client against a server of another make.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "core/process/process.hpp"
#include "devices/capability/console.hpp"
#include "tests/support/described.hpp"
#include "tests/support/read_until.hpp"
#include "tests/support/run.hpp"
#include "tests/support/temporary_folder.hpp"

namespace patchbay::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

struct SshConsole : ::testing::Test {
    asio::io_context io;
    TemporaryFolder folder;
    Process server{io.get_executor(), [this] {
                       Command command;
                       command.argv = {"/usr/bin/python3", "-Wignore",
                                       PATCHBAY_SOURCE_DIR "/tests/support/ssh_server.py", folder.path.string()};
                       command.stdio = Stdio::pipe;
                       return command;
                   }()};
    std::string port = [this] {
        const auto said = run(io, read_until(server, "\n"));
        return said.substr(0, said.find('\n'));
    }();

    std::string file(const std::string& name) const { return (folder.path / name).string(); }

    Device device(const std::string& key, const std::string& known_hosts, const std::string& more = {}) {
        return described_device("  console: {driver: ssh, host: 127.0.0.1, user: lab, port: " + port +
                                    ", key_file: " + file(key) + ", known_hosts: " + file(known_hosts) + more + "}\n",
                                {io.get_executor(), nullptr, "/", "/"});
    }
};

TEST_F(SshConsole, IsATerminalThereThatTakesEveryByte) {
    auto board = device("key", "known_hosts", ", command: board3");
    auto& console = board.need<Console>();
    EXPECT_EQ(console.description(), "ssh lab@127.0.0.1 port " + port);
    run(io, console.open());
    EXPECT_THAT(run(io, read_until(console, "runs board3")), HasSubstr("lab on "));
    run(io, console.write("\n~.\n"));
    EXPECT_THAT(run(io, read_until(console, "heard ~.")), HasSubstr("heard ~.")) << "what ssh takes for its own";
    run(io, board.make_safe());
    EXPECT_EQ(run(io, console.read_some()), "");
}

TEST_F(SshConsole, AnotherKeyAndAnotherMachineEndItWithSshsOwnWords) {
    auto refused = device("stranger", "known_hosts");
    run(io, refused.need<Console>().open());
    EXPECT_THAT(run(io, read_until(refused.need<Console>(), "denied")), HasSubstr("Permission denied"));
    run(io, refused.make_safe());

    auto unknown = device("key", "nothing");
    run(io, unknown.need<Console>().open());
    EXPECT_THAT(run(io, read_until(unknown.need<Console>(), "failed")), HasSubstr("Host key verification failed"));
    run(io, unknown.make_safe());
}

TEST_F(SshConsole, AConsoleThatEndedIsOpenedAgain) {
    auto board = device("key", "known_hosts");
    auto& console = board.need<Console>();
    for (int round = 0; round < 2; ++round) {
        run(io, console.open());
        EXPECT_THAT(run(io, read_until(console, "runs None")), HasSubstr("lab on "));
        run(io, console.write("exit\n"));
        run(io, read_until(console, "never"));
        run(io, console.close());
    }
}

TEST_F(SshConsole, MistakesAreToldTogether) {
    EXPECT_THAT(refusal_of("  console: {driver: ssh, host: -oProxyCommand=id, user: -x, port: 70000, key: a}\n",
                           {io.get_executor(), nullptr, "/", "/"}),
                AllOf(HasSubstr("hardware.console.host: must not begin with '-'"),
                      HasSubstr("hardware.console.user: must not begin with '-'"),
                      HasSubstr("hardware.console.port: must be from 1 to 65535"), HasSubstr("unknown key 'key'")));
}

}  // namespace
}  // namespace patchbay::testing
