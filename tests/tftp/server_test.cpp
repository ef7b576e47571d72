// SPDX-License-Identifier: Apache-2.0
#include "tftp/server.hpp"

#include <sys/socket.h>
#include <sys/stat.h>

#include <regex>

#include "core/errors.hpp"
#include "tests/support/no_openat2.hpp"
#include "tests/tftp/loopback.hpp"
#include "tftp/served_file.hpp"

namespace patchbay::tftp {
namespace {

namespace fs = std::filesystem;
using namespace std::string_literals;

const Options uboot_options{{"timeout", "5"}, {"blksize", "1468"}};

TEST(TftpServer, AnswersARequestOfUBootFromAPortOfItsOwn) {
    Loopback lab;
    lab.write("7/kernel/Image", std::string(2000, 'k'));
    const auto port = lab.listen();
    Client board{lab, port};
    board.ask("7/kernel/Image", uboot_options);
    EXPECT_EQ(board.hear(), "OACK timeout=5 blksize=1468");
    EXPECT_NE(board.heard_from().port(), port);
    board.acknowledge(0);
    EXPECT_EQ(board.hear(), "DATA 1 <1468 bytes>");
    board.acknowledge(1);
    EXPECT_EQ(board.hear(), "DATA 2 <532 bytes>");
    EXPECT_EQ(lab.server.transfers(), 1u);
    board.acknowledge(2);
    EXPECT_TRUE(lab.is_idle());
    EXPECT_EQ(board.data, std::string(2000, 'k'));
}

TEST(TftpServer, FilesAreServedWhereAServiceMayMakeNoSetuidPrograms) {
    Loopback lab;
    lab.write("7/kernel/Image", "kernel");
    const auto open = [&] {
        const auto root = open_root(lab.root.path.string());
        EXPECT_EQ((ServedFile{root.get(), "/7/kernel/Image"}.read(0, 6)), "kernel");
        EXPECT_THROW((ServedFile{root.get(), "../x"}), Refused);
    };
    if (!testing::without_openat2(open)) GTEST_SKIP() << "the kernel takes no filter of system calls";
}

TEST(TftpServer, FilesOfEverySizeArriveWhole) {
    Loopback lab;
    const auto port = lab.listen();
    for (const std::size_t size : {0, 1, 511, 512, 513, 1024, 65535, 65536, 65537, 300'000}) {
        std::string bytes(size, '\0');
        for (std::size_t at = 0; at < size; ++at) bytes[at] = static_cast<char>(at * 31 + at / 251);
        lab.write("file", bytes);
        Client client{lab, port};
        EXPECT_TRUE(client.fetch("file") == bytes) << size;
        EXPECT_TRUE(Client(lab, port).fetch("file", {{"tsize", "0"}}) == bytes) << size;
    }
}

TEST(TftpServer, TheAddressThatWasAskedIsTheOneThatAnswers) {
    Loopback lab;
    lab.write("file", "x");
    const auto v4 = lab.listen("0.0.0.0");
    // As systemd opens it for ListenDatagram=69: one socket for both families.
    FileDescriptor both{::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    sockaddr_in6 any{};
    any.sin6_family = AF_INET6;
    ASSERT_EQ(::bind(both.get(), reinterpret_cast<const sockaddr*>(&any), sizeof any), 0);
    const auto dual = lab.listen(RequestSocket{lab.io.get_executor(), std::move(both)});
    for (const auto port : {v4, dual}) {
        Client client{lab, port, "127.0.0.2"};
        client.ask("file");
        EXPECT_EQ(client.hear(), "DATA 1 <1 bytes>");
        EXPECT_EQ(client.heard_from().address().to_string(), "127.0.0.2");
    }
    Client v6{lab, dual, "::1"};
    v6.ask("file");
    EXPECT_EQ(v6.hear(), "DATA 1 <1 bytes>");
}

TEST(TftpServer, WhatIsSaidToAllHostsGetsNoAnswer) {
    Loopback lab;
    lab.write("file", "x");
    const auto port = lab.listen("0.0.0.0");
    asio::ip::udp::socket loud{lab.io, Endpoint{asio::ip::make_address("127.0.0.1"), 0}};
    loud.set_option(asio::socket_base::broadcast{true});
    loud.send_to(asio::buffer(format(Request{Direction::read, "file", "octet", {}})),
                 Endpoint{asio::ip::make_address("127.255.255.255"), port});
    EXPECT_EQ(Client(lab, port).fetch("file"), "x");  // came later
    EXPECT_EQ(loud.available(), 0u);
}

TEST(TftpServer, NothingOutsideOfTheRootCanBeReached) {
    Loopback lab;
    lab.write("file", "inside");
    lab.write("a/b", "deep");
    testing::TemporaryFolder outside;
    std::ofstream{outside / "secret"} << "outside";
    fs::create_symlink(outside / "secret", lab.root / "absolute");
    fs::create_symlink(fs::relative(outside / "secret", lab.root.path), lab.root / "relative");
    fs::create_directory_symlink(outside.path, lab.root / "folder");
    fs::create_symlink("file", lab.root / "inner");
    ASSERT_EQ(::mkfifo((lab.root / "pipe").c_str(), 0666), 0);
    const auto port = lab.listen();
    const auto up = fs::relative(outside / "secret", lab.root.path).string();
    const auto none = "ERROR 1 File not found below the root of the server"s;
    const auto out = "ERROR 2 the path leads out of the root of the server"s;
    const auto link = "ERROR 2 the path leads over a symbolic link which the server does not follow"s;
    const auto other = "ERROR 2 the path names no regular file"s;
    const std::pair<std::string, std::string> cases[] = {
        {"file", "inside"},
        {"/file", "inside"},
        {"//file", "inside"},
        {"a/b", "deep"},
        {"/a//./b", "deep"},
        {"a/../file", "inside"},
        {"none", none},
        {"file/x", none},
        {(outside / "secret").string(), none},  // below the root there is no such path
        {"/etc/passwd", none},
        {std::string(900, 'x'), "ERROR 1 File not found because its name is too long"},
        {up, out},
        {"/" + up, out},
        {"a/../../" + lab.root.path.filename().string() + "/file", out},
        {"..", out},
        {"absolute", link},
        {"relative", link},
        {"folder/secret", link},
        {"inner", link},
        {"a", other},
        {"/", other},
        {".", other},
        {"pipe", other},
    };
    const std::regex read_by_depthcharge{"[\\w\\s]+"};  // LAVA's templates: Error code \d+( \([\w\s]+\))?
    for (const auto& [path, answer] : cases) {
        EXPECT_EQ(Client(lab, port).fetch(path), answer) << path;
        EXPECT_TRUE(std::regex_match(answer, read_by_depthcharge)) << answer;
        const bool missing = answer.starts_with("ERROR 1");
        EXPECT_EQ(answer.find("File not found") != std::string::npos, missing) << answer << ": as U-Boot's is known";
    }
    EXPECT_TRUE(lab.is_idle());
}

TEST(TftpServer, WhatItDoesNotServeIsRefusedWithAReason) {
    Loopback lab;
    lab.write("file", "x");
    const auto port = lab.listen();
    const Endpoint requests{asio::ip::make_address("127.0.0.1"), port};
    Client client{lab, port};
    client.say(format(Request{Direction::write, "new", "octet", {}}), requests);
    EXPECT_EQ(client.hear(), "ERROR 2 this server only sends files, it takes none");
    EXPECT_FALSE(fs::exists(lab.root / "new"));
    client.ask("file", {}, "netascii");
    EXPECT_EQ(client.hear(), "ERROR 4 only the mode octet (binary) is served");
    client.say("\0\1file"s, requests);
    EXPECT_EQ(client.hear(), "ERROR 4 the name of the file has no end");
    client.say("\0\1"s + std::string(5000, 'a'), requests);
    EXPECT_EQ(client.hear(), "ERROR 4 the request is longer than 1024 bytes");
}

TEST(TftpServer, OnlyRequestsAreAnsweredAtThePortOfRequests) {
    Loopback lab;
    lab.write("file", "x");
    const auto port = lab.listen();
    const Endpoint requests{asio::ip::make_address("127.0.0.1"), port};
    Client client{lab, port};
    for (const auto& datagram : {""s, "x"s, format(ErrorMessage{}), format(Acknowledgement{1}), format(Data{1, "x"})})
        client.say(datagram, requests);
    EXPECT_EQ(client.fetch("file"), "x");
}

TEST(TftpServer, ARootThatIsNoFolderIsTheLabOwnersMistake) {
    EXPECT_THROW(open_root("/no/such/folder"), ConfigurationError);
    EXPECT_THROW(open_root("/etc/passwd"), ConfigurationError);
}

}  // namespace
}  // namespace patchbay::tftp
