// SPDX-License-Identifier: Apache-2.0
// What ssh says when it cannot log in, and how it is called. Its texts are those of OpenSSH 9.2.
#include "jobs/actions/boot/ssh_target.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/last_line.hpp"
#include "core/process/words.hpp"
#include "jobs/overlay/tar_flags.hpp"

namespace patchbay::testing {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(WhyNoLogin, IsSshsOwnLineAndWhatToDo) {
    struct Case {
        std::string said, line, help;
    };
    const Case cases[] = {
        {"ssh: connect to host b port 22: Connection refused\r\n", "ssh: connect to host b port 22: Connection refused",
         "does its ssh server run, and at this port?"},
        {"hello\r\nssh: Could not resolve hostname b: Name or service not known\r\nscp: Connection closed\r\n",
         "ssh: Could not resolve hostname b: Name or service not known", "the name server of this machine"},
        {"ssh: connect to host b port 22: Connection timed out\r\n",
         "ssh: connect to host b port 22: Connection timed out", "is the machine on"},
        {"ssh: connect to host b port 22: No route to host\n", "ssh: connect to host b port 22: No route to host",
         "is the machine on"},
        {"root@b: Permission denied (publickey,password).\r\n", "root@b: Permission denied (publickey,password).",
         "add to ~/.ssh/authorized_keys of that user: ssh-ed25519 AAAA lab"},
        {"@  WARNING: UNPROTECTED PRIVATE KEY FILE!  @\r\nLoad key \"k\": bad permissions\r\nroot@b: Permission denied "
         "(publickey).\r\n",
         "@  WARNING: UNPROTECTED PRIVATE KEY FILE!  @", "chmod 600"},
        {"Load key \"k\": error in libcrypto\r\nroot@b: Permission denied (publickey).\r\n",
         "Load key \"k\": error in libcrypto", "without a passphrase"},
        {"Unable to negotiate with b port 22: no matching host key type found. Their offer: ssh-rsa\r\n",
         "Unable to negotiate with b port 22: no matching host key type found. Their offer: ssh-rsa",
         "HostKeyAlgorithms=+ssh-rsa"},
        {"Host key verification failed.\r\n", "Host key verification failed.", "the options of the device's file"},
        {"command-line: line 0: Bad configuration option: colour\r\n",
         "command-line: line 0: Bad configuration option: colour", "mend 'options'"},
        {"kex_exchange_identification: Connection closed by remote host\r\n",
         "kex_exchange_identification: Connection closed by remote host", "its own log says why"},
    };
    for (const auto& each : cases) {
        const auto why = why_no_login(each.said, "ssh-ed25519 AAAA lab");
        EXPECT_THAT(why, StartsWith("'" + each.line + "'; "));
        EXPECT_THAT(why, HasSubstr(each.help));
    }
}

TEST(WhyNoLogin, IsNotKnownOfWhatAShellSays) {
    EXPECT_EQ(why_no_login("", "key"), "");
    EXPECT_EQ(why_no_login("scp: open /lava-42/overlay: Permission denied\r\n", "key"), "");
}

TEST(LastLine, IsTheLastThatIsNotBlank) {
    EXPECT_EQ(last_line("a\r\nb c\r\n \r\n"), "b c");
    EXPECT_EQ(last_line("only"), "only");
    EXPECT_EQ(last_line("\r\n"), "");
    EXPECT_EQ(last_line(""), "");
}

TEST(SshLogin, AsksNobodyAndItsOptionsGoFirst) {
    SshLogin login;
    login.host = "b";
    login.user = "root";
    login.port = 2222;
    login.key_file = "/keys/id";
    login.host_key = SshLogin::HostKey::any;
    login.options = {"-o", "StrictHostKeyChecking=yes"};
    EXPECT_EQ(join_words(ssh_words(login)),
              "ssh -tt -o EscapeChar=none -o BatchMode=yes -o ControlPath=none -o StrictHostKeyChecking=yes "
              "-o UserKnownHostsFile=/dev/null -o StrictHostKeyChecking=no -o ConnectTimeout=10 "
              "-o ServerAliveInterval=15 -o ServerAliveCountMax=3 -o IdentitiesOnly=yes -i /keys/id -p 2222 -l root b");
    EXPECT_THAT(join_words(scp_words(login, "/tmp/file", "/there")), EndsWith(" -P 2222 /tmp/file root@b:/there"));
    login.host = "fd00::1";
    EXPECT_EQ(scp_words(login, "/tmp/file", "/there").back(), "root@[fd00::1]:/there");
}

TEST(TarFlags, AreThoseOfGnuTar) {
    EXPECT_EQ(tar_flags("debian"), "--warning no-timestamp");
    EXPECT_EQ(tar_flags("oe"), "");
    EXPECT_EQ(tar_flags(""), "");
}

}  // namespace
}  // namespace patchbay::testing
