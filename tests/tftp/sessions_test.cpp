// SPDX-License-Identifier: Apache-2.0
// Clients that ask twice, fall silent, vanish, are too many; files that change while they are sent.
#include "tests/tftp/loopback.hpp"

namespace patchbay::tftp {
namespace {

namespace fs = std::filesystem;

const Options large_blocks{{"blksize", "32768"}};

TEST(TftpSessions, ARequestThatComesTwiceIsOneTransfer) {
    Loopback lab;
    lab.write("file", "x");
    const auto port = lab.listen();
    Client board{lab, port};
    board.ask("file", {{"tsize", "0"}});
    board.ask("file", {{"tsize", "0"}});
    EXPECT_EQ(Client(lab, port).fetch("file"), "x");  // so both requests of the board were taken before
    EXPECT_EQ(board.hear(), "OACK tsize=1");
    EXPECT_TRUE(lab.eventually([&] { return lab.server.transfers() == 1; }));
    board.acknowledge(0);
    EXPECT_EQ(board.hear(), "DATA 1 <1 bytes>");  // no second OACK
    board.acknowledge(1);
    EXPECT_TRUE(lab.is_idle());
}

TEST(TftpSessions, ABoardThatWasResetAsksAnewFromTheSamePort) {
    Loopback lab;
    lab.write("first", std::string(2000, 'f'));
    lab.write("second", "s");
    Client board{lab, lab.listen()};
    board.ask("first");
    EXPECT_EQ(board.hear(), "DATA 1 <512 bytes>");
    const auto old = board.heard_from();
    board.ask("second");
    EXPECT_EQ(board.hear(), "DATA 1 <1 bytes>");
    EXPECT_NE(board.heard_from(), old);
    EXPECT_TRUE(lab.eventually([&] { return lab.server.transfers() == 1; }));
    board.acknowledge(1);
    EXPECT_TRUE(lab.is_idle());
    EXPECT_TRUE(board.has_heard_all());  // no error of the old one
}

TEST(TftpSessions, TheSameFileAskedAnewAfterABlockBeginsAnew) {
    Loopback lab;
    lab.write("file", std::string(2000, 'f'));
    Client board{lab, lab.listen()};
    board.ask("file");
    board.hear();
    board.acknowledge(1);
    EXPECT_EQ(board.hear(), "DATA 2 <512 bytes>");
    board.ask("file");
    EXPECT_EQ(board.hear(), "DATA 1 <512 bytes>");
}

TEST(TftpSessions, AnotherClientCannotEndATransfer) {
    Loopback lab;
    lab.write("file", std::string(2000, 'f'));
    const auto port = lab.listen();
    Client board{lab, port}, other{lab, port};
    board.ask("file");
    board.hear();
    other.say(format(ErrorMessage{}), board.heard_from());
    other.say("?", board.heard_from());
    board.acknowledge(1);
    EXPECT_EQ(board.hear(), "DATA 2 <512 bytes>");
}

TEST(TftpSessions, TooManyTransfersAreRefusedUntilOneEnds) {
    Loopback lab{Limits{.transfers = 2, .transfers_per_client = 2}};
    lab.write("file", "x");
    const auto port = lab.listen();
    Client first{lab, port}, second{lab, port}, third{lab, port};
    first.ask("file");
    first.hear();
    second.ask("file");
    second.hear();
    third.ask("file");
    EXPECT_EQ(third.hear(), "ERROR 0 too many transfers of this client at once; ask again later");
    first.acknowledge(1);
    EXPECT_TRUE(lab.eventually([&] { return lab.server.transfers() == 1; }));
    EXPECT_EQ(third.fetch("file"), "x");
}

TEST(TftpSessions, ManyClientsShareOneLimit) {
    Loopback lab{Limits{.transfers = 1, .transfers_per_client = 8}};
    lab.write("file", "x");
    const auto port = lab.listen();
    Client first{lab, port}, second{lab, port};
    first.ask("file");
    first.hear();
    second.ask("file");
    EXPECT_EQ(second.hear(), "ERROR 0 too many transfers at once; ask again later");
}

TEST(TftpSessions, ASilentClientIsReminded) {  // how often, and that it is forgotten, is in transfer_test.cpp
    Loopback lab;
    lab.write("file", "x");
    Client board{lab, lab.listen()};
    board.ask("file");
    for (int time = 0; time < 3; ++time) EXPECT_EQ(board.hear(), "DATA 1 <1 bytes>");
    board.acknowledge(1);
    EXPECT_TRUE(lab.is_idle());
}

TEST(TftpSessions, AClientThatSaysNothingUsefulIsRemindedAsWell) {
    Loopback lab;
    lab.write("file", "x");
    Client board{lab, lab.listen()};
    board.ask("file");
    board.hear();
    const auto transfer = board.heard_from();
    EXPECT_TRUE(lab.eventually([&] {
        board.say(format(Acknowledgement{7}), transfer);
        return !board.has_heard_all();
    }));
    EXPECT_EQ(board.hear(), "DATA 1 <1 bytes>");
}

TEST(TftpSessions, AnAnswerThatArrivesExactlyWhenItIsDueCounts) {
    struct Frozen {
        Frozen() { Clock::frozen = true; }
        ~Frozen() { Clock::frozen = false; }
    } frozen;
    Loopback lab;
    lab.write("file", std::string(2000, 'x'));
    Client board{lab, lab.listen()};
    board.ask("file");
    EXPECT_EQ(board.hear(), "DATA 1 <512 bytes>");
    for (std::uint16_t block = 1; block < 4; ++block) {
        Clock::moved += 1s;  // the first patience of a transfer without options
        board.acknowledge(block);
        EXPECT_EQ(board.hear().substr(0, 6), "DATA " + std::to_string(block + 1));
    }
    board.acknowledge(4);
    EXPECT_TRUE(lab.is_idle());
}

TEST(TftpSessions, AClientThatClosedItsPortIsForgottenAtOnce) {
    Loopback lab;
    lab.write("file", std::string(10'000, 'x'));
    const auto port = lab.listen();
    {
        Client board{lab, port};
        board.ask("file", {{"windowsize", "2"}});
        board.hear();
        board.acknowledge(0);
    }
    EXPECT_TRUE(lab.is_idle());
}

TEST(TftpSessions, AClientThatOnlyWantsTheSizeSaysSo) {
    Loopback lab;
    lab.write("file", std::string(10'000, 'x'));
    Client board{lab, lab.listen()};
    board.ask("file", {{"tsize", "0"}});
    EXPECT_EQ(board.hear(), "OACK tsize=10000");
    board.say(format(ErrorMessage{ErrorCode::undefined, "thanks"}), board.heard_from());
    EXPECT_TRUE(lab.is_idle());
    EXPECT_TRUE(board.has_heard_all());
}

TEST(TftpSessions, WhatIsNoAnswerEndsTheTransfer) {
    Loopback lab;
    lab.write("file", std::string(10'000, 'x'));
    const auto port = lab.listen();
    Client board{lab, port}, other{lab, port};
    board.ask("file");
    board.hear();
    board.say("?", board.heard_from());
    EXPECT_EQ(board.hear(), "ERROR 4 the datagram is no packet of TFTP");
    other.ask("file");
    other.hear();
    other.say(format(Data{1, "x"}), other.heard_from());
    EXPECT_EQ(other.hear(), "ERROR 4 only acknowledgements are expected here");
    EXPECT_TRUE(lab.is_idle());
}

/// Asks for a file of many pieces, has `change` happen, and gives the first answer that is no block.
std::string end_after(const std::function<void(const fs::path&)>& change) {
    Loopback lab;
    lab.write("file", std::string(1'000'000, 'x'));
    Client board{lab, lab.listen()};
    board.ask("file", large_blocks);
    board.hear();
    board.acknowledge(0);
    board.hear();
    change(lab.root / "file");
    for (std::uint16_t block = 1; board.data.size() < 1'000'000; ++block) {
        board.acknowledge(block);
        const auto heard = board.hear();
        if (!heard.starts_with("DATA")) return heard;
    }
    return "the whole file";
}

TEST(TftpSessions, AFileThatChangesWhileItIsSentIsNotSentToItsEnd) {
    EXPECT_EQ(end_after([](const fs::path& file) { fs::remove(file); }),
              "ERROR 0 the file was removed or replaced while it was sent; ask again");
    EXPECT_EQ(end_after([](const fs::path& file) {
                  std::ofstream{file.string() + ".new"} << "new";
                  fs::rename(file.string() + ".new", file);
              }),
              "ERROR 0 the file was removed or replaced while it was sent; ask again");
    EXPECT_EQ(
        end_after([](const fs::path& file) { fs::last_write_time(file, fs::file_time_type::clock::now() - 24h); }),
        "ERROR 0 the file changed while it was sent; ask again");
    EXPECT_EQ(end_after([](const fs::path& file) {
                  std::ofstream{file, std::ios::app} << "more";
              }),
              "ERROR 0 the file changed while it was sent; ask again");
    EXPECT_EQ(end_after([](const fs::path& file) { fs::resize_file(file, 70'000); }),
              "ERROR 0 the file became shorter while it was sent; ask again");
    EXPECT_EQ(end_after([](const fs::path&) {}), "the whole file");
}

TEST(TftpSessions, AServerThatStopsTellsItsClients) {
    Loopback lab;
    lab.write("file", "x");
    Client board{lab, lab.listen()};
    board.ask("file");
    board.hear();
    lab.stop();
    EXPECT_EQ(board.hear(), "ERROR 0 the server stops; ask again");
    EXPECT_EQ(lab.server.transfers(), 0u);
}

}  // namespace
}  // namespace patchbay::tftp
